{{ rows_in_force(source('placement_costs', 'placements'), key=['placement_key', 'start_date']) }}
