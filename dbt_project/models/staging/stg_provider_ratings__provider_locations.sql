{{ rows_in_force(source('provider_ratings', 'provider_locations')) }}
