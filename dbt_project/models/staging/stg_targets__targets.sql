{{ rows_in_force(source('targets', 'targets'), key=['indicator_id', 'valid_from', 'profile_period']) }}
