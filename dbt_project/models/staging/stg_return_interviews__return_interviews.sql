{{ rows_in_force(source('return_interviews', 'return_interviews'), key=['child_key', 'missing_start_date']) }}
