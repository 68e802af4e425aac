-- Concerns, the working days to the decision on them (the day of the concern is day 0), and whether there was another
-- concern about the same adult on an earlier day of the 12 months before.
with days_of_concern as (
    select distinct
        authority_code,
        person_key,
        concern_date
    from {{ ref('stg_safeguarding__concerns') }}
),

ordered as (
    select
        *,
        lag(concern_date) over (partition by authority_code, person_key order by concern_date) as previous_concern_date
    from days_of_concern
)

select
    concerns.authority_code,
    concerns.safeguarding_concern_key,
    concerns.person_key,
    concerns.concern_date,
    decided.working_day_number - received.working_day_number as working_days_to_decision,
    coalesce(ordered.previous_concern_date >= {{ add_months('concerns.concern_date', -12) }}, false) as is_repeat,
    cast(null as date) as birth_month,
    cast(null as {{ text_type() }}) as sex
from {{ ref('stg_safeguarding__concerns') }} as concerns
inner join ordered
    on
        concerns.authority_code = ordered.authority_code
        and concerns.person_key = ordered.person_key
        and concerns.concern_date = ordered.concern_date
left join {{ ref('int_calendar__days') }} as received
    on concerns.concern_date = received.date_day
left join {{ ref('int_calendar__days') }} as decided
    on concerns.decision_date = decided.date_day
