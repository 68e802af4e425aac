{{ rows_in_force(source('sickness', 'sickness_absences'), key=['worker_key', 'start_date']) }}
