-- The Performance Board's full set: every indicator in the load month and the twelve before it, as the month's own
-- figure and, where there is one at that month, the headline figure that the scrutiny committee sees. Forecasts and
-- warnings are those of the load month.
with load as (
    select max(months.month_index) as month_index
    from {{ ref('dim_period') }} as period
    inner join {{ ref('int_calendar__months') }} as months
        on period.month = months.month
),

figures as (
    select
        figures.authority_code,
        figures.indicator_id,
        figures.basis,
        figures.month,
        figures.indicator_version,
        figures.period_label,
        figures.numerator,
        figures.denominator,
        figures.value,
        figures.status,
        figures.status_reason,
        months.month_index = load.month_index as is_load_month,
        ratings.target,
        ratings.rag,
        ratings.rag_reason,
        ratings.direction_short,
        ratings.direction_long
    from {{ ref('fct_indicator_value') }} as figures
    inner join {{ ref('int_calendar__months') }} as months
        on figures.month = months.month
    inner join load
        on months.month_index > load.month_index - 13
    left join {{ ref('int_indicator__ratings') }} as ratings
        on
            figures.authority_code = ratings.authority_code
            and figures.indicator_id = ratings.indicator_id
            and figures.basis = ratings.basis
            and figures.month = ratings.month
    where figures.breakdown = 'all'
),

warnings as (
    select
        authority_code,
        indicator_id,
        min(position) as warning_position
    from {{ ref('mart_early_warning') }}
    where indicator_id is not null
    group by 1, 2
)

select
    monthly.authority_code,
    monthly.month,
    monthly.indicator_id,
    indicators.title,
    indicators.family,
    indicators.service,
    indicators.owner,
    indicators.polarity,
    indicators.unit,
    indicators.decimals,
    monthly.is_load_month,
    monthly.numerator,
    monthly.denominator,
    monthly.value,
    monthly.status,
    monthly.status_reason,
    monthly.target,
    monthly.rag,
    monthly.rag_reason,
    monthly.direction_short,
    monthly.direction_long,
    indicators.headline_basis,
    headlines.period_label as headline_label,
    headlines.value as headline_value,
    headlines.rag as headline_rag,
    headlines.direction_short as headline_direction_short,
    headlines.direction_long as headline_direction_long,
    points.variation as spc_variation,
    points.variation_reason as spc_reason,
    forecasts.outturn as forecast_outturn,
    forecasts.forecast_rag,
    warnings.warning_position
from figures as monthly
inner join {{ ref('indicators') }} as indicators
    on monthly.indicator_id = indicators.indicator_id and monthly.indicator_version = indicators.version
left join figures as headlines
    on
        monthly.authority_code = headlines.authority_code
        and monthly.indicator_id = headlines.indicator_id
        and monthly.month = headlines.month
        and indicators.headline_basis = headlines.basis
left join {{ ref('mart_spc_point') }} as points
    on
        monthly.authority_code = points.authority_code
        and monthly.indicator_id = points.indicator_id
        and monthly.month = points.month
left join {{ ref('mart_forecast') }} as forecasts
    on
        monthly.authority_code = forecasts.authority_code
        and monthly.indicator_id = forecasts.indicator_id
        and monthly.is_load_month
left join warnings
    on
        monthly.authority_code = warnings.authority_code
        and monthly.indicator_id = warnings.indicator_id
        and monthly.is_load_month
where monthly.basis = 'month'
