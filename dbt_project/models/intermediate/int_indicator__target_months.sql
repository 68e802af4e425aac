-- The target that holds in each month: of the newest plan that had begun, that of the month itself, else of its
-- quarter, else of the year. A profile holds in its own year only. Two years ahead, for forecasts.
with load as (
    select
        min(period.month) as first_month,
        max(months.month_index) as last_month_index
    from {{ ref('dim_period') }} as period
    inner join {{ ref('int_calendar__months') }} as months
        on period.month = months.month
),

ranked as (
    select
        targets.authority_code,
        targets.indicator_id,
        months.month,
        targets.target,
        targets.amber_tolerance,
        targets.mode,
        targets.basis_of_target,
        targets.profile_period,
        row_number() over (
            partition by targets.authority_code, targets.indicator_id, months.month
            order by
                targets.valid_from desc nulls last,
                case targets.profile_period when months.month then 1 when months.financial_quarter then 2 else 3 end
                asc
        ) as newest_and_nearest_first
    from {{ ref('int_reference__targets') }} as targets
    inner join {{ ref('int_calendar__months') }} as months
        on
            targets.valid_from <= months.financial_year
            and (
                targets.profile_period is null
                or targets.profile_period in (months.month, months.financial_quarter)
            )
    inner join load
        on months.month >= load.first_month and months.month_index <= load.last_month_index + 24
)

select
    authority_code,
    indicator_id,
    month,
    target,
    amber_tolerance,
    mode,
    basis_of_target,
    profile_period
from ranked
where newest_and_nearest_first = 1
