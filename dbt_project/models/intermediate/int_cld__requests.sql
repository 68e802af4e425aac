-- Finished requests for support of service users. Requests no more than 4 days apart are one, with the outcome that
-- comes first in the department's order.
with requests as (
    select
        events.*,
        outcomes.outcome_rank,
        max(events.event_end_date) over (
            partition by events.authority_code, events.client_key
            order by events.event_start_date, events.event_end_date
            rows between unbounded preceding and 1 preceding
        ) as asked_until_date
    from {{ ref('int_cld__events') }} as events
    left join {{ ref('int_cld__outcome_ranks') }} as outcomes
        on events.event_outcome = outcomes.event_outcome
    where events.event_type = 'Request' and events.client_type = 'Service user'
),

numbered as (
    select
        *,
        sum(case when {{ days_between('asked_until_date', 'event_start_date') }} <= 4 then 0 else 1 end) over (
            partition by authority_code, client_key order by event_start_date, event_end_date
            rows between unbounded preceding and current row
        ) as request_number
    from requests
),

clustered as (
    select
        authority_code,
        client_key,
        max(sex) as sex,
        max(birth_month) as birth_month,
        min(event_start_date) as request_date,
        max(event_end_date) as closed_date,
        min(outcome_rank) as outcome_rank
    from numbered
    group by authority_code, client_key, request_number
),

followed as (
    select
        clustered.*,
        outcomes.event_outcome,
        lead(clustered.request_date) over (
            partition by clustered.authority_code, clustered.client_key order by clustered.request_date
        ) as next_request_date
    from clustered
    left join {{ ref('int_cld__outcome_ranks') }} as outcomes
        on clustered.outcome_rank = outcomes.outcome_rank
),

supported as (
    select distinct
        followed.authority_code,
        followed.client_key,
        followed.request_date
    from followed
    inner join {{ ref('int_cld__long_term_services') }} as services
        on
            followed.authority_code = services.authority_code
            and followed.client_key = services.client_key
            and services.service_start_date < followed.request_date
            and (services.service_end_date is null or services.service_end_date >= followed.request_date)
)

select
    followed.authority_code,
    followed.client_key,
    followed.sex,
    followed.birth_month,
    followed.request_date,
    followed.closed_date,
    followed.event_outcome,
    followed.next_request_date,
    supported.client_key is null as is_new_client,
    coalesce(followed.event_outcome like 'NFA:%', false) as is_no_further_action,
    coalesce(
        followed.event_outcome in (
            'NFA: Information and advice or signposting', 'NFA: Referral to other service within the local authority'
        ),
        false
    ) as is_resolved,
    {{ add_days('followed.closed_date', 90) }} as followed_until_date,
    coalesce({{ days_between('followed.closed_date', 'followed.next_request_date') }} <= 90, false) as is_repeated
from followed
left join supported
    on
        followed.authority_code = supported.authority_code
        and followed.client_key = supported.client_key
        and followed.request_date = supported.request_date
