-- Lines of the general fund's ledger by month: period 1 is April, and a period after the twelfth is an adjustment of
-- the closed year and no month. The forecast before is the one the line says or, if it does not, that of the month
-- before.
with lines as (
    select
        months.month,
        months.month_index,
        ledger.*,
        directorates.service as directorate_service
    from {{ ref('stg_revenue_monitoring__revenue_lines') }} as ledger
    inner join {{ ref('int_calendar__months') }} as months
        on ledger.financial_year = months.financial_year and ledger.period_number = months.month_of_year
    left join {{ ref('directorates') }} as directorates
        on ledger.directorate = directorates.directorate
    where ledger.funding_type_code = 'Revenue'
)

select
    lines.month,
    lines.financial_year,
    lines.authority_code,
    concat(lines.cost_centre_code, '-', lines.subjective_code) as line_key,
    lines.directorate_service,
    lines.directorate,
    lines.service_area,
    lines.service,
    lines.cost_centre_code,
    lines.subjective_group_code,
    lines.original_budget,
    lines.virements,
    lines.current_budget,
    lines.profiled_budget_to_date,
    lines.actual_to_date,
    lines.commitments,
    lines.forecast_outturn,
    lines.forecast_outturn - lines.current_budget as forecast_variance,
    lines.forecast_outturn - coalesce(lines.previous_forecast, earlier.forecast_outturn) as forecast_movement,
    lines.actual_to_date - lines.profiled_budget_to_date as variance_to_date,
    lines.reserve_transfers,
    lines.reason,
    lines.mitigation,
    cast(null as date) as birth_month,
    cast(null as {{ text_type() }}) as sex
from lines
left join lines as earlier
    on
        lines.authority_code = earlier.authority_code
        and lines.financial_year = earlier.financial_year
        and lines.cost_centre_code = earlier.cost_centre_code
        and lines.subjective_code = earlier.subjective_code
        and lines.month_index = earlier.month_index + 1
