{{ rows_in_force(source('annex_a', 'child_protection_plans')) }}
