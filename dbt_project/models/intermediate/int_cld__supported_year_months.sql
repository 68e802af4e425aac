-- People with long-term support on any day of the 12 months to the end of each month, each once, with where they live
-- and whether they work as last known. Somebody in a care home lives there; somebody of whom nothing is known and who
-- has care at home is taken to live at home (DHSC's processing, ASC-CLD-LA-Dashboard, MIT licence).
with supported as (
    select
        covered.month,
        services.authority_code,
        services.client_key,
        max({{ age_at_month_end('services.birth_month', 'covered.month_index') }}) as age,
        max(
            case
                when
                    services.is_care_home
                    and (services.service_end_date is null or services.service_end_date > covered.month_end_date)
                    then 1
                else 0
            end
        ) = 1 as is_in_care_home,
        max(case when services.is_home_care then 1 else 0 end) = 1 as has_home_care,
        max(services.primary_support_reason) as primary_support_reason,
        max(services.accommodation_status) as accommodation_status,
        max(services.employment_status) as employment_status,
        max(services.sex) as sex,
        max(services.birth_month) as birth_month
    from {{ ref('int_delivery__covered_months') }} as covered
    inner join {{ ref('int_cld__long_term_services') }} as services
        on
            covered.authority_code = services.authority_code
            and services.service_start_date <= covered.month_end_date
            and (
                services.service_end_date is null
                or services.service_end_date >= {{ add_months('covered.month_start_date', -11) }}
            )
    where covered.dataset = 'cld'
    group by covered.month, services.authority_code, services.client_key
)

select
    supported.month,
    supported.authority_code,
    supported.client_key,
    supported.age,
    coalesce(supported.primary_support_reason = 'Learning disability support', false) as has_learning_disability,
    case
        when supported.is_in_care_home then false
        when supported.accommodation_status is null then supported.has_home_care
        else coalesce(homes.attribute = 'settled=1', false)
    end as is_settled,
    not supported.is_in_care_home and supported.accommodation_status is null and not supported.has_home_care
        as is_home_not_known,
    coalesce(supported.employment_status like 'Paid:%', false) as is_in_paid_work,
    supported.employment_status is null as is_employment_not_known,
    supported.sex,
    supported.birth_month
from supported
left join {{ ref('code_sets') }} as homes
    on homes.code_set = 'cld.accommodation_status' and supported.accommodation_status = homes.code
