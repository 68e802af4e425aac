-- Placements by month with the weeks of it they lasted and what these cost, before contributions of health, education
-- and the person. The day a placement ends is not paid.
with covered as (
    select distinct
        authority_code,
        month,
        month_start_date,
        month_end_date
    from {{ ref('int_delivery__covered_months') }}
    where dataset = 'placement_costs'
),

days_in_month as (
    select
        covered.month,
        covered.month_start_date,
        placements.*,
        placements.end_date is null or placements.end_date > covered.month_end_date as is_open_at_month_end,
        {{ days_between(
            'greatest(placements.start_date, covered.month_start_date)',
            'least(coalesce(placements.end_date, ' ~ add_days('covered.month_end_date', 1) ~ '), '
            ~ add_days('covered.month_end_date', 1) ~ ')',
        ) }} as days_placed
    from covered
    inner join {{ ref('int_placement_costs__placements') }} as placements
        on
            covered.authority_code = placements.authority_code
            and placements.start_date <= covered.month_end_date
            and (placements.end_date is null or placements.end_date > covered.month_start_date)
)

select
    month,
    month_start_date,
    authority_code,
    placement_key,
    person_key,
    placement_type_code,
    primary_support_reason,
    cost_centre_code,
    weekly_cost,
    is_open_at_month_end,
    days_placed / 7.0 as weeks_placed,
    weekly_cost * days_placed / 7 as cost,
    cast(null as date) as birth_month,
    cast(null as {{ text_type() }}) as sex
from days_in_month
where days_placed > 0
