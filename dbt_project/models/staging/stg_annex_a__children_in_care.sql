{{ rows_in_force(source('annex_a', 'children_in_care')) }}
