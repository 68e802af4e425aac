{{ rows_in_force(source('ssda903', 'placed_adoption'), key=['child_key', 'placed_date']) }}
