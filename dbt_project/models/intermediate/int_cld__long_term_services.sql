-- Long-term support of service users, prison left out. What is said of the person is the same on all their services.
select
    events.authority_code,
    events.client_key,
    events.sex,
    events.birth_month,
    events.primary_support_reason,
    events.accommodation_status,
    events.employment_status,
    events.event_start_date as service_start_date,
    events.event_end_date as service_end_date,
    events.service_type in ('Long term support: Nursing care', 'Long term support: Residential care') as is_care_home,
    coalesce(events.service_component in ('Long term nursing care', 'Long term residential care'), true)
        as is_care_home_component,
    coalesce(events.service_component = 'Home support or domiciliary care', false) as is_home_care,
    coalesce(events.delivery_mechanism = 'Direct payment' or events.service_component = 'Direct payment', false)
        as is_direct_payment,
    coalesce(events.delivery_mechanism = 'CASSR managed personal budget', false) as is_managed_budget,
    events.delivery_mechanism is null as is_mechanism_blank,
    events.event_outcome,
    events.provider_cqc_location_id,
    case when events.cost_frequency = 'Hourly' then nullif(events.planned_units_per_week, 0) end as weekly_hours,
    -- null where it is not known, not a cost of every week, or nothing
    nullif(
        case
            when frequencies.times_a_year is not null then abs(events.unit_cost) * frequencies.times_a_year / 52
            when frequencies.cost_frequency is not null then abs(events.unit_cost) * events.planned_units_per_week
        end,
        0
    ) as weekly_cost
from {{ ref('int_cld__events') }} as events
left join {{ ref('int_cld__cost_frequencies') }} as frequencies
    on events.cost_frequency = frequencies.cost_frequency
where
    events.event_type = 'Service'
    and events.client_type = 'Service user'
    and events.service_type in (
        'Long term support: Nursing care', 'Long term support: Residential care', 'Long term support: Community'
    )
