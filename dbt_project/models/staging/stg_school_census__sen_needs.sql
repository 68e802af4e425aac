{{ rows_in_force(source('school_census', 'sen_needs')) }}
