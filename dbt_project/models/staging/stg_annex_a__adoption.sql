{{ rows_in_force(source('annex_a', 'adoption'), key=['child_key', 'decision_date']) }}
