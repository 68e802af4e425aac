-- How long new service users aged 25 and over waited for the first assessment or service after a request, and for the
-- first service, before they asked again (the department's waiting-times method, provisional). Left out are requests
-- that came to nothing or to hospital, and people with long-term support in the 12 months before or short-term support
-- in the 3 months before.
with requests as (
    select *
    from {{ ref('int_cld__requests') }}
    where
        request_date >= date '2023-04-01'
        and not is_no_further_action
        and coalesce(event_outcome, '') != 'Admitted to hospital'
        and {{ age_at_month_end('birth_month', month_index('request_date')) }} >= 25
),

events as (
    select
        authority_code,
        client_key,
        event_type = 'Service' as is_service,
        event_start_date,
        coalesce(event_end_date, date '9999-12-30') as last_date,
        case
            when service_type like 'Long term support:%' then 12
            when service_type in ('Short term support: ST-Max', 'Short term support: Other short term') then 3
        end as months_a_client
    from {{ ref('int_cld__events') }}
    where client_type = 'Service user' and event_type in ('Assessment', 'Service')
)

select
    requests.authority_code,
    requests.client_key,
    max(requests.sex) as sex,
    max(requests.birth_month) as birth_month,
    requests.request_date,
    min(case when events.event_start_date >= requests.request_date then events.event_start_date end)
        as first_response_date,
    min(
        case
            when events.is_service and events.event_start_date >= requests.request_date then events.event_start_date
        end
    ) as first_service_date
from requests
inner join events
    on
        requests.authority_code = events.authority_code
        and requests.client_key = events.client_key
        and (requests.next_request_date is null or events.event_start_date < requests.next_request_date)
group by requests.authority_code, requests.client_key, requests.request_date
having
    max(
        case
            when
                events.event_start_date < requests.request_date
                and events.last_date >= case events.months_a_client
                    when 12 then {{ add_months('requests.request_date', -12) }}
                    when 3 then {{ add_months('requests.request_date', -3) }}
                end
                then 1
            else 0
        end
    ) = 0
