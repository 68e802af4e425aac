{{ rows_in_force(source('populations', 'populations'), key=['age_group', 'mid_year']) }}
