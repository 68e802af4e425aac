{{ rows_in_force(source('safeguarding', 'enquiries'), key=['safeguarding_enquiry_key']) }}
