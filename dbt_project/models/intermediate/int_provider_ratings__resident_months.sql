-- People in residential and nursing care at the end of each month in a home that the extract of the month lists, each
-- once, and whether one of their homes is rated inadequate or requires improvement.
select
    locations.month,
    services.authority_code,
    services.client_key,
    max(case when locations.overall_rating_code in ('Inadequate', 'Requires improvement') then 1 else 0 end) = 1
        as is_in_poorly_rated_home,
    max(services.sex) as sex,
    max(services.birth_month) as birth_month
from {{ ref('int_provider_ratings__location_months') }} as locations
inner join {{ ref('int_calendar__months') }} as months
    on locations.month = months.month
inner join {{ ref('int_cld__long_term_services') }} as services
    on
        locations.authority_code = services.authority_code
        and locations.provider_cqc_location_id = services.provider_cqc_location_id
        and services.is_care_home
        and services.service_start_date <= months.month_end_date
        and (services.service_end_date is null or services.service_end_date > months.month_end_date)
group by locations.month, services.authority_code, services.client_key
