{{ rows_in_force(source('ssda903', 'header'), key=['child_key']) }}
