{{ rows_in_force(source('ssda903', 'social_worker_episodes'), key=['child_key', 'worker_start_date']) }}
