{{ rows_in_force(source('ssda903', 'deprivation_of_liberty'), key=['child_key', 'order_start_date']) }}
