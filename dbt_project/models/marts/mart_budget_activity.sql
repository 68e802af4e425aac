-- People and prices behind the money: who is placed at the end of each month and at what cost, beside the numbers the
-- budget was built on and what the ledger says of the cost centres that pay for placements of this type. A cost centre
-- that pays for several types says nothing of one of them.
with weeks as (
    select
        authority_code,
        month,
        placement_type_code,
        sum(cast(weeks_placed as decimal(18, 6))) as weeks_placed,
        sum(cast(cost as decimal(18, 6))) as cost
    from {{ ref('int_placement_costs__placement_months') }}
    group by 1, 2, 3
),

payers as (
    select
        authority_code,
        cost_centre_code,
        min(placement_type_code) as placement_type_code
    from {{ ref('int_placement_costs__placements') }}
    where placement_type_code is not null
    group by 1, 2
    having count(distinct placement_type_code) = 1
),

money as (
    select
        ledger.authority_code,
        ledger.month,
        payers.placement_type_code,
        min(ledger.directorate_service) as service,
        sum(ledger.current_budget) as budget,
        sum(ledger.forecast_outturn) as forecast_outturn
    from {{ ref('int_revenue_monitoring__line_months') }} as ledger
    inner join payers
        on
            ledger.authority_code = payers.authority_code
            and ledger.cost_centre_code = payers.cost_centre_code
    where ledger.subjective_group_code != 'Income'
    group by 1, 2, 3
)

select
    activity.authority_code,
    activity.month,
    money.service,
    activity.placement_type_code as placement_type,
    cast(activity.people as integer) as people,
    cast(activity.budgeted_people as decimal(18, 2)) as budgeted_people,
    cast(weeks.weeks_placed as decimal(18, 4)) as weeks_placed,
    cast(weeks.cost as decimal(18, 2)) as cost_of_month,
    {{ shown('1', 'weeks.cost', 'weeks.weeks_placed', '2') }} as cost_per_week,
    {{ shown('1', 'activity.weekly_cost', 'activity.people', '2') }} as weekly_cost_at_month_end,
    {{ shown('1', 'activity.budgeted_weekly_cost', 'activity.budgeted_people', '2') }} as budgeted_weekly_cost,
    cast(activity.volume_effect as decimal(18, 2)) as volume_effect,
    cast(activity.price_effect as decimal(18, 2)) as price_effect,
    cast(activity.volume_effect + activity.price_effect as decimal(18, 2)) as pressure,
    cast(money.budget as decimal(18, 2)) as budget,
    cast(money.forecast_outturn as decimal(18, 2)) as forecast_outturn,
    cast(money.forecast_outturn - money.budget as decimal(18, 2)) as forecast_variance
from {{ ref('int_placement_costs__activity_months') }} as activity
left join weeks
    on
        activity.authority_code = weeks.authority_code
        and activity.month = weeks.month
        and activity.placement_type_code = weeks.placement_type_code
left join money
    on
        activity.authority_code = money.authority_code
        and activity.month = money.month
        and activity.placement_type_code = money.placement_type_code
