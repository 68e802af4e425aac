{{ rows_in_force(source('school_census', 'summer_session_details')) }}
