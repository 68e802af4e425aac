-- Adults placed at the end of each month by the reason for their support, and what their placements cost in a year at
-- the price of that day.
select
    month,
    authority_code,
    person_key,
    primary_support_reason,
    sum(weekly_cost) * 365 / 7 as yearly_cost,
    cast(null as date) as birth_month,
    cast(null as {{ text_type() }}) as sex
from {{ ref('int_placement_costs__placement_months') }}
where is_open_at_month_end and person_key is not null
group by month, authority_code, person_key, primary_support_reason
