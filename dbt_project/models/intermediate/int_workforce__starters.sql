-- People who started in a month and are in post at its end. Whoever was in post at the end of the month before moved
-- within the service.
with in_post as (
    select
        *,
        {{ month_index('start_date') }} as start_month_index
    from {{ ref('int_workforce__post_months') }}
    where in_post_fte > 0
),

before as (
    select distinct
        authority_code,
        worker_key,
        month_index
    from in_post
)

select
    started.authority_code,
    started.worker_key,
    min(started.team_code) as team_code,
    min(started.start_date) as start_date,
    sum(started.in_post_fte) as started_fte,
    cast(null as date) as birth_month,
    cast(null as {{ text_type() }}) as sex
from in_post as started
left join before
    on
        started.authority_code = before.authority_code
        and started.worker_key = before.worker_key
        and started.month_index = before.month_index + 1
where started.month_index = started.start_month_index and before.worker_key is null
group by started.authority_code, started.worker_key, started.month_index
