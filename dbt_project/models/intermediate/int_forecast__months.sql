-- What a forecast is made from: the months known, and after them the months to come with their targets.
select
    series.authority_code,
    series.indicator_id,
    months.month_index,
    months.month_index <= series.last_month_index as is_history,
    rules.method,
    cast(figures.numerator as double) as numerator,
    cast(coalesce(figures.denominator, 0) as double) as denominator,
    cast(figures.value as double) as value,
    cast(targets.target as double) as target,
    case indicators.polarity when 'high' then 1 when 'low' then -1 else 0 end as better_sign,
    cast({{ unit_scale('indicators.unit') }} as double) as scale,
    indicators.decimals,
    indicators.statistic = 'rate' as is_rate,
    indicators.statistic = 'count' as is_count,
    cast(case when indicators.unit in ('gbp', 'score') then '-inf' else '0' end as double) as lowest,
    cast(case indicators.unit when 'percent' then '100' else 'inf' end as double) as highest,
    case indicators.headline_basis when 'rolling_12_months' then 12 else 3 end as window_months,
    -- the year's outturn, but of a count whose target is a quarter's the last quarter's
    case when indicators.statistic = 'count' and indicators.headline_basis = 'quarter' then 3 else 12 end
        as outturn_months,
    rules.history_months,
    rules.minimum_months,
    rules.draws,
    rules.interval_percent
from {{ ref('int_forecast__series') }} as series
inner join {{ ref('forecast_rules') }} as rules
    on series.method = rules.method and series.rule_version = rules.version
inner join {{ ref('int_indicator__now') }} as indicators
    on series.indicator_id = indicators.indicator_id
inner join {{ ref('int_calendar__months') }} as months
    on
        series.first_month_index <= months.month_index
        and months.month_index <= series.last_month_index + rules.horizon_months
left join {{ ref('fct_indicator_value') }} as figures
    on
        series.authority_code = figures.authority_code
        and series.indicator_id = figures.indicator_id
        and months.month = figures.month
        and months.month_index <= series.last_month_index
        and figures.basis = 'month'
        and figures.breakdown = 'all'
left join {{ ref('int_indicator__target_months') }} as targets
    on
        series.authority_code = targets.authority_code
        and series.indicator_id = targets.indicator_id
        and months.month = targets.month
        and months.month_index >= series.last_month_index
        and indicators.polarity in ('high', 'low')
where series.refusal is null
