{{ rows_in_force(source('deprivation_of_liberty', 'applications'), key=['application_key']) }}
