-- People placed at the end of each month and their average weekly cost, beside the numbers the year's budget was built
-- on. The effects are those of a whole year at the numbers of that day: what more people cost at the budgeted price,
-- and what a higher price costs for the people there are. Both together are the whole difference. Sums are brought back
-- to the digits that money and people have: products have more than a number can hold.
with placed as (
    select
        month,
        authority_code,
        placement_type_code,
        count(*) as people,
        cast(sum(weekly_cost) as decimal(28, 4)) as weekly_cost
    from {{ ref('int_placement_costs__placement_months') }}
    where is_open_at_month_end
    group by month, authority_code, placement_type_code
),

budgets as (
    select
        months.month,
        budgets.authority_code,
        budgets.placement_type_code,
        cast(sum(budgets.budgeted_people) as decimal(12, 4)) as budgeted_people,
        cast(
            sum(cast(budgets.budgeted_people as decimal(28, 4)) * budgets.budgeted_weekly_cost) as decimal(28, 4)
        ) as budgeted_weekly_cost
    from {{ ref('stg_placement_costs__activity_budgets') }} as budgets
    inner join {{ ref('int_calendar__months') }} as months
        on budgets.financial_year = months.financial_year
    where budgets.budgeted_people > 0 and budgets.budgeted_weekly_cost > 0
    group by months.month, budgets.authority_code, budgets.placement_type_code
),

joined as (
    select
        coalesce(budgets.month, placed.month) as month,
        coalesce(budgets.authority_code, placed.authority_code) as authority_code,
        coalesce(budgets.placement_type_code, placed.placement_type_code) as placement_type_code,
        budgets.placement_type_code is not null as is_budgeted,
        coalesce(placed.people, 0) as people,
        coalesce(placed.weekly_cost, 0) as weekly_cost,
        budgets.budgeted_people,
        budgets.budgeted_weekly_cost
    from budgets
    full outer join placed
        on
            budgets.month = placed.month
            and budgets.authority_code = placed.authority_code
            and budgets.placement_type_code = placed.placement_type_code
)

select
    month,
    authority_code,
    placement_type_code,
    people,
    weekly_cost,
    budgeted_people,
    budgeted_weekly_cost,
    (people - budgeted_people) * budgeted_weekly_cost * 365 / (budgeted_people * 7) as volume_effect,
    (weekly_cost * budgeted_people - people * budgeted_weekly_cost) * 365 / (budgeted_people * 7) as price_effect,
    case when not is_budgeted then 'Nothing budgeted' end as exclusion_reason,
    cast(null as date) as birth_month,
    cast(null as {{ text_type() }}) as sex
from joined
