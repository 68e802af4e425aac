{{ rows_in_force(source('surveys', 'survey_results'), key=['survey_code', 'financial_year', 'measure_code']) }}
