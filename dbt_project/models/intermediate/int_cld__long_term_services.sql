-- Long-term support of service users, prison left out.
select
    authority_code,
    client_key,
    sex,
    birth_month,
    event_start_date as service_start_date,
    event_end_date as service_end_date,
    service_type in ('Long term support: Nursing care', 'Long term support: Residential care') as is_care_home,
    coalesce(service_component in ('Long term nursing care', 'Long term residential care'), true)
        as is_care_home_component,
    coalesce(delivery_mechanism = 'Direct payment' or service_component = 'Direct payment', false)
        as is_direct_payment,
    delivery_mechanism is null as is_mechanism_blank,
    event_outcome
from {{ ref('int_cld__events') }}
where
    event_type = 'Service'
    and client_type = 'Service user'
    and service_type in (
        'Long term support: Nursing care', 'Long term support: Residential care', 'Long term support: Community'
    )
