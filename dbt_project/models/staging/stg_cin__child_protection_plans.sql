{{ rows_in_force(source('cin', 'child_protection_plans'), key=['child_key', 'plan_start_date']) }}
