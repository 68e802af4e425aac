{{ rows_in_force(source('commentary', 'commentary'), key=['indicator_id', 'financial_quarter']) }}
