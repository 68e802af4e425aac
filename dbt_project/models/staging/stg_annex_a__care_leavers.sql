{{ rows_in_force(source('annex_a', 'care_leavers')) }}
