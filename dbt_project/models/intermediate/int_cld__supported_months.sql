-- People aged 18 and over with long-term support at the end of each month, each once.
select
    covered.month,
    services.authority_code,
    services.client_key,
    max(case when services.is_care_home then 1 else 0 end) = 1 as is_in_care_home,
    max(case when services.is_care_home and services.is_care_home_component then 1 else 0 end) = 1
        as is_in_care_home_long_term,
    max(case when services.is_direct_payment then 1 else 0 end) = 1 as has_direct_payment,
    max(case when services.is_direct_payment or services.is_managed_budget then 1 else 0 end) = 1
        as has_self_directed_support,
    max(case when services.is_direct_payment or not services.is_mechanism_blank then 1 else 0 end) = 0
        as is_mechanism_not_known,
    max(case when services.is_home_care then 1 else 0 end) = 1 as has_home_care,
    sum(case when services.is_home_care then services.weekly_hours end) as home_care_hours,
    sum(case when services.is_home_care and services.weekly_cost is not null then services.weekly_hours end)
        as costed_home_care_hours,
    sum(case when services.is_home_care and services.weekly_hours is not null then services.weekly_cost end)
        as home_care_cost,
    sum(services.weekly_cost) as weekly_cost,
    max(services.sex) as sex,
    max(services.birth_month) as birth_month
from {{ ref('int_delivery__covered_months') }} as covered
inner join {{ ref('int_cld__long_term_services') }} as services
    on
        covered.authority_code = services.authority_code
        and services.service_start_date <= covered.month_end_date
        and (services.service_end_date is null or services.service_end_date > covered.month_end_date)
where covered.dataset = 'cld'
group by covered.month, covered.month_index, services.authority_code, services.client_key
having coalesce(max({{ age_at_month_end('services.birth_month', 'covered.month_index') }}) >= 18, true)
