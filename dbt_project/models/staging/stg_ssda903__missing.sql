{{ rows_in_force(source('ssda903', 'missing'), key=['child_key', 'missing_start_date']) }}
