-- A placement open in an older extract and not listed since ended with that extract.
select
    authority_code,
    placement_key,
    person_key,
    placement_type_code,
    primary_support_reason,
    cost_centre_code,
    start_date,
    {{ recorded_or_last_listed_end('end_date') }} as end_date,
    weekly_cost
from {{ ref('stg_placement_costs__placements') }}
