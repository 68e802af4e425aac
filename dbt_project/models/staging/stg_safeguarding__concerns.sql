{{ rows_in_force(source('safeguarding', 'concerns'), key=['safeguarding_concern_key']) }}
