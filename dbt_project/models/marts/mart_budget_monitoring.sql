-- The general fund by service and type of spend as each month's report of the ledger has it. Every variance is spending
-- less budget, whatever the sign of the report: what is positive is an overspend, or income that falls short.
with lines as (
    select
        authority_code,
        month,
        financial_year,
        directorate_service,
        directorate,
        service_area,
        service,
        subjective_group_code,
        sum(original_budget) as original_budget,
        sum(virements) as virements,
        sum(current_budget) as budget,
        sum(profiled_budget_to_date) as profiled_budget_to_date,
        sum(actual_to_date) as actual_to_date,
        sum(commitments) as commitments,
        sum(forecast_outturn) as forecast_outturn,
        sum(forecast_variance) as forecast_variance,
        sum(forecast_movement) as forecast_movement,
        sum(variance_to_date) as variance_to_date,
        sum(reserve_transfers) as reserve_transfers,
        {{ listed_once('reason') }} as reasons,
        {{ listed_once('mitigation') }} as mitigations
    from {{ ref('int_revenue_monitoring__line_months') }}
    group by 1, 2, 3, 4, 5, 6, 7, 8
)

select
    authority_code,
    month,
    financial_year,
    directorate_service as service,
    directorate,
    service_area,
    service as budget_line,
    subjective_group_code as type_of_spend,
    cast(original_budget as decimal(18, 2)) as original_budget,
    cast(virements as decimal(18, 2)) as virements,
    cast(budget as decimal(18, 2)) as budget,
    cast(profiled_budget_to_date as decimal(18, 2)) as profiled_budget_to_date,
    cast(actual_to_date as decimal(18, 2)) as actual_to_date,
    cast(commitments as decimal(18, 2)) as commitments,
    cast(forecast_outturn as decimal(18, 2)) as forecast_outturn,
    cast(forecast_variance as decimal(18, 2)) as forecast_variance,
    {{ shown('100', 'forecast_variance', 'abs(budget)', '1') }} as forecast_variance_pct,
    case sign(forecast_variance) when 1 then 'overspend' when -1 then 'underspend' else 'on budget' end
        as forecast_position,
    cast(forecast_movement as decimal(18, 2)) as forecast_movement,
    cast(variance_to_date as decimal(18, 2)) as variance_to_date,
    cast(reserve_transfers as decimal(18, 2)) as reserve_transfers,
    reasons,
    mitigations
from lines
