{{ rows_in_force(source('ssda903', 'oc3'), key=['delivery_id', 'child_key']) }}
