{{ rows_in_force(
    source('cin', 'child_protection_reviews'), key=['child_key', 'plan_start_date', 'review_date']
) }}
