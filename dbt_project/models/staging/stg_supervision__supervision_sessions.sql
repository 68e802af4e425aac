{{ rows_in_force(source('supervision', 'supervision_sessions'), key=['worker_key', 'kind_code', 'session_date']) }}
