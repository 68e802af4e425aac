{{ rows_in_force(source('savings', 'savings_lines'), key=['saving_id', 'budget_year']) }}
