-- One row for each person number of the authority. Person numbers that share an NHS number are one client; what
-- is known of a client in the newest file counts, and something known counts before nothing.
with numbers as (
    select
        authority_code,
        person_key,
        coalesce(max(nhs_key), person_key) as client_key
    from {{ ref('stg_cld__events') }}
    group by 1, 2
),

clients as (
    select
        events.authority_code,
        numbers.client_key,
        max_by(events.gender, case when events.gender != 'Unknown' then events.delivery_period_end_date end) as gender,
        max_by(events.birth_month, case when events.birth_month is not null then events.delivery_period_end_date end)
            as birth_month,
        max_by(events.death_date, case when events.death_date is not null then events.delivery_period_end_date end)
            as death_date
    from {{ ref('stg_cld__events') }} as events
    inner join numbers
        on events.authority_code = numbers.authority_code and events.person_key = numbers.person_key
    group by 1, 2
)

select
    numbers.authority_code,
    numbers.person_key,
    numbers.client_key,
    {{ sex_in_words('clients.gender') }} as sex,
    clients.birth_month,
    clients.death_date
from numbers
inner join clients
    on numbers.authority_code = clients.authority_code and numbers.client_key = clients.client_key
