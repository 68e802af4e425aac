{{ rows_in_force(source('school_census', 'exclusions_off_roll')) }}
