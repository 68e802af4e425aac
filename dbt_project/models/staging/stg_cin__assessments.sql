{{ rows_in_force(source('cin', 'assessments'), key=['child_key', 'assessment_start_date']) }}
