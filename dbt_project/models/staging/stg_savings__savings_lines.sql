{{ rows_in_force(source('savings', 'savings_lines')) }}
