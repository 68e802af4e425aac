{{ rows_in_force(source('fostering', 'fostering_enquiries'), key=['fostering_enquiry_key']) }}
