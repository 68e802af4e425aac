-- Care locations and their ratings as the extract of each month lists them.
select
    covered.month,
    locations.authority_code,
    locations.provider_cqc_location_id,
    locations.is_in_area,
    locations.service_type_code like 'Care home%' as is_care_home,
    locations.service_type_code = 'Home care' as is_home_care,
    locations.overall_rating_code,
    coalesce(locations.overall_rating_code in ('Outstanding', 'Good'), false) as is_good_or_outstanding,
    locations.overall_rating_code != 'Not rated' as is_rated,
    locations.beds,
    cast(null as date) as birth_month,
    cast(null as {{ text_type() }}) as sex
from {{ ref('int_delivery__covered_months') }} as covered
inner join {{ ref('stg_provider_ratings__provider_locations') }} as locations
    on
        covered.authority_code = locations.authority_code
        and covered.month_end_date = locations.delivery_period_end_date
where covered.dataset = 'provider_ratings'
