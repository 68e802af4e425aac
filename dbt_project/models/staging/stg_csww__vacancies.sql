{{ rows_in_force(source('csww', 'vacancies')) }}
