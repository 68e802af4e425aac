{{ rows_in_force(source('provider_ratings', 'provider_locations'), key=['provider_cqc_location_id']) }}
