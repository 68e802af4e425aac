{{ rows_in_force(source('annex_a', 'assessments'), key=['child_key', 'assessment_start_date']) }}
