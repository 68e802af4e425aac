{{ rows_in_force(source('fostering', 'foster_carer_reviews'), key=['foster_household_key', 'review_due_date']) }}
