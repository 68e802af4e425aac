{{ rows_in_force(source('school_census', 'pupils_on_roll')) }}
