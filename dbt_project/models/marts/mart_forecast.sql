-- Where each figure will stand at the end of the financial year, and when it will reach its target.
with coverages as (
    select
        method,
        sum(forecasts) as forecasts,
        sum(inside) as inside
    from {{ ref('mart_forecast_coverage') }}
    group by 1
),

forecasts as (
    select
        series.authority_code,
        series.indicator_id,
        last_months.month,
        year_ends.month as year_end_month,
        year_ends.financial_year,
        series.months,
        series.method,
        series.rule_version,
        series.refusal,
        rules.wording,
        rules.interval_percent,
        rules.green_from_percent,
        rules.red_below_percent,
        rules.horizon_months,
        indicators.polarity,
        {{ rounded('outturns.figure_to_date', 'indicators.decimals') }} as figure_to_date,
        {{ rounded('outturns.straight_line', 'indicators.decimals') }} as straight_line,
        {{ rounded('outturns.outturn', 'indicators.decimals') }} as outturn,
        {{ rounded('outturns.lower', 'indicators.decimals') }} as lower_outturn,
        {{ rounded('outturns.upper', 'indicators.decimals') }} as upper_outturn,
        targets.target,
        case when targets.target is not null then round(outturns.probability_of_meeting, 2) end as probability,
        outturns.is_met_now,
        expected_months.month as expected_month,
        expected_months.month_name as expected_month_name,
        {{ share_of('coverages.inside', 'coverages.forecasts') }} as coverage
    from {{ ref('int_forecast__series') }} as series
    inner join {{ ref('int_indicator__now') }} as indicators
        on series.indicator_id = indicators.indicator_id
    inner join {{ ref('int_calendar__months') }} as last_months
        on series.last_month_index = last_months.month_index
    left join {{ ref('forecast_rules') }} as rules
        on series.method = rules.method and series.rule_version = rules.version
    left join {{ ref('int_forecast__outturns') }} as outturns
        on series.authority_code = outturns.authority_code and series.indicator_id = outturns.indicator_id
    left join {{ ref('int_calendar__months') }} as year_ends
        on outturns.year_end_month_index = year_ends.month_index
    left join {{ ref('int_indicator__target_months') }} as targets
        on
            series.authority_code = targets.authority_code
            and series.indicator_id = targets.indicator_id
            and year_ends.month = targets.month
            and indicators.polarity in ('high', 'low')
    left join {{ ref('int_calendar__months') }} as expected_months
        on outturns.expected_month_index = expected_months.month_index
    left join coverages
        on series.method = coverages.method
)

select
    authority_code,
    indicator_id,
    month,
    financial_year,
    year_end_month,
    months as months_of_history,
    method,
    rule_version,
    figure_to_date,
    straight_line,
    outturn,
    lower_outturn,
    upper_outturn,
    interval_percent,
    target,
    cast(probability as decimal(9, 6)) as probability_of_meeting,
    case
        when refusal is not null then 'no forecast'
        when target is null then 'no target'
        when probability * 100 >= green_from_percent then 'green'
        when probability * 100 < red_below_percent then 'red'
        else 'amber'
    end as forecast_rag,
    is_met_now,
    case when not is_met_now then expected_month end as expected_month,
    case
        when refusal is not null then refusal
        when target is null then 'No target to forecast against.'
        when is_met_now and probability >= 0.5 then 'The target is met now, and will likely be at the year''s end.'
        when is_met_now then 'The target is met now, and will likely not be at the year''s end.'
        when expected_month is null
            then concat(
                'The target is not likely to be met within ', cast(horizon_months as {{ text_type() }}), ' months.'
            )
        else concat('The target is more likely than not to be met from ', expected_month_name, '.')
    end as outlook,
    case
        when refusal is null
            then concat(
                wording, ' (', method, ', version ', cast(rule_version as {{ text_type() }}),
                case
                    when coverage is null then ''
                    else concat(
                        '; of earlier forecasts ', cast(cast(round(coverage * 100) as integer) as {{ text_type() }}),
                        '% held the figure that came'
                    )
                end,
                ')'
            )
    end as method_in_words,
    coverage as coverage_of_method
from forecasts
