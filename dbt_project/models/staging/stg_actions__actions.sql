{{ rows_in_force(source('actions', 'actions'), key=['action_id']) }}
