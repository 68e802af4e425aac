-- Unpaid carers with support of their own on any day of the 12 months to the end of each month, each once, where the
-- means of delivery is known.
with services as (
    select
        authority_code,
        client_key,
        sex,
        birth_month,
        event_start_date,
        event_end_date,
        coalesce(delivery_mechanism = 'Direct payment' or service_component = 'Direct payment', false)
            as is_direct_payment,
        coalesce(delivery_mechanism = 'CASSR managed personal budget', false) as is_managed_budget
    from {{ ref('int_cld__events') }}
    where
        event_type = 'Service'
        and client_type = 'Unpaid carer'
        and (delivery_mechanism is not null or service_component = 'Direct payment')
)

select
    covered.month,
    services.authority_code,
    services.client_key,
    max(case when services.is_direct_payment then 1 else 0 end) = 1 as has_direct_payment,
    max(case when services.is_direct_payment or services.is_managed_budget then 1 else 0 end) = 1
        as has_self_directed_support,
    max(services.sex) as sex,
    max(services.birth_month) as birth_month
from {{ ref('int_delivery__covered_months') }} as covered
inner join services
    on
        covered.authority_code = services.authority_code
        and services.event_start_date <= covered.month_end_date
        and (
            services.event_end_date is null
            or services.event_end_date >= {{ add_months('covered.month_start_date', -11) }}
        )
where covered.dataset = 'cld'
group by covered.month, services.authority_code, services.client_key
