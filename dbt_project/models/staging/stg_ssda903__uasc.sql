{{ rows_in_force(source('ssda903', 'uasc'), key=['child_key']) }}
