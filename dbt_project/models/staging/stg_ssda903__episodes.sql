{{ rows_in_force(source('ssda903', 'episodes'), key=['child_key', 'episode_start_date']) }}
