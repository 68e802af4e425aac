{{ rows_in_force(
    source('safeguarding', 'enquiry_risks'), key=['safeguarding_enquiry_key', 'risk_type_code', 'risk_source_code', 'risk_location_code']
) }}
