-- Unpaid carers known to the council in the 12 months to the end of each month, each once, and whether they had
-- an assessment or a review of their own, or a joint one with the person they care for, in those 12 months.
with covered as (
    select *
    from {{ ref('int_delivery__covered_months') }}
    where dataset = 'cld'
),

carer_events as (
    select
        authority_code,
        client_key,
        event_type in ('Assessment', 'Review') and coalesce(assessment_type, '') not like 'Financial%'
            as is_assessment_or_review,
        {{ month_index('event_start_date') }} as first_month_index,
        -- null while a service goes on
        {{ month_index('event_end_date') }} as last_month_index
    from {{ ref('int_cld__events') }}
    where client_type = 'Unpaid carer'
),

joint_events as (
    select
        authority_code,
        client_key,
        {{ month_index('event_end_date') }} as month_index
    from {{ ref('int_cld__events') }}
    where
        client_type = 'Service user'
        and (
            (event_type = 'Assessment' and method_of_assessment = 'Service user and carer')
            or (event_type = 'Review' and method_of_review = 'Service user and carer')
        )
),

linked_numbers as (
    {% for number in (1, 2, 3) %}
    select distinct
        authority_code,
        person_key,
        linked_person_{{ number }}_key as linked_person_key
    from {{ ref('stg_cld__events') }}
    where linked_person_{{ number }}_key is not null
    {{ "union" if not loop.last }}
    {% endfor %}
),

-- The link between two people may be on the row of either.
both_ways as (
    select
        authority_code,
        person_key,
        linked_person_key
    from linked_numbers
    union
    select
        authority_code,
        linked_person_key as person_key,
        person_key as linked_person_key
    from linked_numbers
),

links as (
    select distinct
        people.authority_code,
        people.client_key,
        linked_people.client_key as linked_client_key
    from both_ways
    inner join {{ ref('int_cld__people') }} as people
        on
            both_ways.authority_code = people.authority_code
            and both_ways.person_key = people.person_key
    inner join {{ ref('int_cld__people') }} as linked_people
        on
            both_ways.authority_code = linked_people.authority_code
            and both_ways.linked_person_key = linked_people.person_key
),

assessed as (
    select
        authority_code,
        client_key,
        last_month_index as month_index
    from carer_events
    where is_assessment_or_review
    union
    select
        joint_events.authority_code,
        links.linked_client_key as client_key,
        joint_events.month_index
    from joint_events
    inner join links
        on joint_events.authority_code = links.authority_code and joint_events.client_key = links.client_key
),

-- An event makes a carer known until 12 months after it. A carer known by association has no event: they are
-- known from the first file that lists them to the last.
known as (
    select distinct
        authority_code,
        client_key,
        first_month_index,
        last_month_index + 11 as last_month_index
    from carer_events
    union all
    select
        events.authority_code,
        people.client_key,
        {{ month_index('min(events.delivery_period_end_date)') }} as first_month_index,
        {{ month_index('max(events.delivery_period_end_date)') }} as last_month_index
    from {{ ref('stg_cld__events') }} as events
    inner join {{ ref('int_cld__people') }} as people
        on events.authority_code = people.authority_code and events.person_key = people.person_key
    where events.client_type = 'Unpaid carer known by association'
    group by events.authority_code, people.client_key
),

carers as (
    select distinct
        covered.month,
        covered.month_index,
        covered.authority_code,
        known.client_key
    from covered
    inner join known
        on
            covered.authority_code = known.authority_code
            and known.first_month_index <= covered.month_index
            and (known.last_month_index is null or known.last_month_index >= covered.month_index)
),

assessed_carers as (
    select distinct
        carers.month,
        carers.authority_code,
        carers.client_key
    from carers
    inner join assessed
        on
            carers.authority_code = assessed.authority_code
            and carers.client_key = assessed.client_key
            and assessed.month_index between carers.month_index - 11 and carers.month_index
),

clients as (
    select distinct
        authority_code,
        client_key,
        sex,
        birth_month
    from {{ ref('int_cld__people') }}
)

select
    carers.authority_code,
    carers.client_key,
    carers.month,
    assessed_carers.client_key is not null as is_assessed_or_reviewed,
    clients.sex,
    clients.birth_month
from carers
inner join clients
    on carers.authority_code = clients.authority_code and carers.client_key = clients.client_key
left join assessed_carers
    on
        carers.authority_code = assessed_carers.authority_code
        and carers.client_key = assessed_carers.client_key
        and carers.month = assessed_carers.month
