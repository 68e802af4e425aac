-- People aged 18 and over with long-term support in the community, and none in a care home, at the end of each month.
select
    covered.month,
    services.authority_code,
    services.client_key,
    max(case when services.is_direct_payment then 1 else 0 end) = 1 as has_direct_payment,
    max(case when services.is_direct_payment or not services.is_mechanism_blank then 1 else 0 end) = 0
        as is_mechanism_not_known,
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
having
    max(case when services.is_care_home then 1 else 0 end) = 0
    and coalesce(
        max({{ age_at_month_end('services.birth_month', 'covered.month_index') }}) >= 18, true
    )
