-- One row for each event, however many of the overlapping 12-month files repeat it: DHSC's processing of client
-- level data (ASC-CLD-LA-Dashboard, MIT licence). Rows of carers known by association have no event.
with cropped as (
    select
        events.delivery_period_end_date,
        events.is_latest_period,
        events.row_number,
        events.authority_code,
        events.event_type,
        events.event_start_date,
        events.event_end_date,
        events.is_conversation,
        events.client_type,
        events.event_outcome,
        events.route_of_access,
        events.assessment_type,
        events.method_of_assessment,
        events.service_type,
        events.service_component,
        events.delivery_mechanism,
        events.review_reason,
        events.method_of_review,
        events.provider_cqc_location_id,
        events.unit_cost,
        events.cost_frequency,
        events.planned_units_per_week,
        people.client_key,
        people.sex,
        people.birth_month,
        people.death_date,
        people.primary_support_reason,
        people.accommodation_status,
        people.employment_status,
        case
            when
                people.death_date between events.event_start_date and events.event_end_date
                or (events.event_end_date is null and people.death_date >= events.event_start_date)
                then people.death_date
            else events.event_end_date
        end as end_or_death_date
    from {{ ref('stg_cld__events') }} as events
    inner join {{ ref('int_cld__people') }} as people
        on events.authority_code = people.authority_code and events.person_key = people.person_key
    where
        events.event_type is not null
        and events.event_start_date <= events.delivery_period_end_date
        and (people.death_date is null or people.death_date >= events.event_start_date)
        and (events.event_type = 'Service' or events.event_end_date <= events.delivery_period_end_date)
),

ranked as (
    select
        cropped.*,
        row_number() over (
            partition by
                cropped.authority_code,
                cropped.client_key,
                cropped.event_start_date,
                cropped.client_type,
                cropped.event_type,
                case when cropped.event_type != 'Service' then cropped.end_or_death_date end,
                case when cropped.event_type = 'Request' then cropped.route_of_access end,
                case when cropped.event_type = 'Assessment' then cropped.assessment_type end,
                case when cropped.event_type = 'Service' then cropped.service_type end,
                case when cropped.event_type = 'Service' then cropped.service_component end
            order by
                cropped.delivery_period_end_date desc nulls last,
                cropped.end_or_death_date desc nulls first,
                outcomes.outcome_rank asc nulls last,
                cropped.is_conversation desc nulls last,
                cropped.row_number desc nulls last
        ) as best_first
    from cropped
    left join {{ ref('int_cld__outcome_ranks') }} as outcomes
        on cropped.event_outcome = outcomes.event_outcome
)

select
    authority_code,
    client_key,
    sex,
    birth_month,
    death_date,
    primary_support_reason,
    accommodation_status,
    employment_status,
    client_type,
    event_type,
    event_start_date,
    -- a service still open at the end of an older file and absent from the next ended when that file did, whatever end
    -- was planned
    case
        when event_type = 'Service' and not is_latest_period
            then least(coalesce(end_or_death_date, delivery_period_end_date), delivery_period_end_date)
        else end_or_death_date
    end as event_end_date,
    event_outcome,
    route_of_access,
    assessment_type,
    method_of_assessment,
    service_type,
    service_component,
    delivery_mechanism,
    review_reason,
    method_of_review,
    provider_cqc_location_id,
    unit_cost,
    cost_frequency,
    planned_units_per_week
from ranked
where best_first = 1
