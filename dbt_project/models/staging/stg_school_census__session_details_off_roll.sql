{{ rows_in_force(source('school_census', 'session_details_off_roll')) }}
