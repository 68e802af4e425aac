{{ rows_in_force(source('school_census', 'pupils_no_longer_on_roll')) }}
