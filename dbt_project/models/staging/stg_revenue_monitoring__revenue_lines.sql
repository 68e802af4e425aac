{{ rows_in_force(
    source('revenue_monitoring', 'revenue_lines'),
    key=['financial_year', 'period_number', 'cost_centre_code', 'subjective_code', 'funding_type_code']
) }}
