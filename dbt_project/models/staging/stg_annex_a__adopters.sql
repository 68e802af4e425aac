{{ rows_in_force(source('annex_a', 'adopters'), key=['adopter_key', 'enquiry_date']) }}
