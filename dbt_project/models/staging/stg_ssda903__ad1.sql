{{ rows_in_force(source('ssda903', 'ad1'), key=['child_key']) }}
