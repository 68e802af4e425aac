-- The last file that lists an assessment says all the factors it found.
{{ rows_in_force(
    source('cin', 'assessment_factors'), key=['child_key', 'assessment_start_date', 'assessment_factor_code'],
    whole=['child_key', 'assessment_start_date']
) }}
