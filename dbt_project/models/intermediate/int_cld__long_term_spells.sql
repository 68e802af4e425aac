-- Long-term support without a break, whatever the service: the next service starts no later than the day after.
with services as (
    select
        *,
        max(coalesce(service_end_date, date '9999-12-30')) over (
            partition by authority_code, client_key order by service_start_date, service_end_date nulls last
            rows between unbounded preceding and 1 preceding
        ) as covered_until_date
    from {{ ref('int_cld__long_term_services') }}
),

numbered as (
    select
        *,
        sum(
            case when {{ days_between('covered_until_date', 'service_start_date') }} <= 1 then 0 else 1 end
        ) over (
            partition by authority_code, client_key order by service_start_date, service_end_date nulls last
            rows between unbounded preceding and current row
        ) as spell_number
    from services
)

select
    authority_code,
    client_key,
    max(sex) as sex,
    max(birth_month) as birth_month,
    min(service_start_date) as spell_start_date,
    case
        when max(case when service_end_date is null then 1 else 0 end) = 0 then max(service_end_date)
    end as spell_end_date
from numbered
group by authority_code, client_key, spell_number
