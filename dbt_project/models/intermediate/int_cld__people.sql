-- One row for each person number of the authority: DHSC's processing of client level data (ASC-CLD-LA-Dashboard, MIT
-- licence). Person numbers that share an NHS number are one client, and of several NHS numbers of one person number
-- the newest counts. Of what is said of a client something known counts before nothing, then what the newest file
-- says on the event that ended last (an open one before all) and then started last; where that still conflicts it is
-- not known. A date of death is kept even so, the later one, because services end on it.
{% set details = ("gender", "birth_month", "primary_support_reason", "accommodation_status", "employment_status") %}
{% set newest_first %}
delivery_period_end_date desc nulls last, last_date desc nulls last, event_start_date desc nulls last
{% endset %}
with seen as (
    select
        authority_code,
        person_key,
        nhs_key,
        nullif(gender, 'Unknown') as gender,
        birth_month,
        death_date,
        nullif(primary_support_reason, 'Unknown') as primary_support_reason,
        nullif(accommodation_status, 'Unknown') as accommodation_status,
        nullif(employment_status, 'Unknown') as employment_status,
        delivery_period_end_date,
        event_start_date,
        case when event_type is not null then coalesce(event_end_date, date '9999-12-31') end as last_date
    from {{ ref('stg_cld__events') }}
),

identified as (
    select
        authority_code,
        person_key,
        nhs_key,
        rank() over (
            partition by authority_code, person_key
            order by case when nhs_key is null then 1 else 0 end, {{ newest_first }}
        ) as nhs_key_rank
    from seen
),

numbers as (
    select
        authority_code,
        person_key,
        coalesce(max(case when nhs_key_rank = 1 then nhs_key end), person_key) as client_key
    from identified
    group by 1, 2
),

described as (
    select
        seen.authority_code,
        {% for detail in details + ("death_date",) %}
        seen.{{ detail }},
        rank() over (
            partition by seen.authority_code, numbers.client_key
            order by case when seen.{{ detail }} is null then 1 else 0 end, {{ newest_first }}
        ) as {{ detail }}_rank,
        {% endfor %}
        numbers.client_key
    from seen
    inner join numbers
        on seen.authority_code = numbers.authority_code and seen.person_key = numbers.person_key
),

clients as (
    select
        authority_code,
        client_key,
        {% for detail in details %}
        case
            when
                min(case when {{ detail }}_rank = 1 then {{ detail }} end)
                = max(case when {{ detail }}_rank = 1 then {{ detail }} end)
                then max(case when {{ detail }}_rank = 1 then {{ detail }} end)
        end as {{ detail }},
        {% endfor %}
        max(case when death_date_rank = 1 then death_date end) as death_date
    from described
    group by 1, 2
)

select
    numbers.authority_code,
    numbers.person_key,
    numbers.client_key,
    {{ sex_in_words('clients.gender') }} as sex,
    clients.birth_month,
    clients.death_date,
    clients.primary_support_reason,
    clients.accommodation_status,
    clients.employment_status
from numbers
inner join clients
    on numbers.authority_code = clients.authority_code and numbers.client_key = clients.client_key
