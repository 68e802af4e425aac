{{ rows_in_force(
    source('annex_a', 'early_help_assessments'), key=['child_key', 'assessment_start_date', 'organisation_key']
) }}
