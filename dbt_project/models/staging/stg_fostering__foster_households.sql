{{ rows_in_force(source('fostering', 'foster_households'), key=['foster_household_key', 'approval_date']) }}
