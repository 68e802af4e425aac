{{ rows_in_force(
    source('placement_costs', 'activity_budgets'), key=['financial_year', 'service_area', 'placement_type_code']
) }}
