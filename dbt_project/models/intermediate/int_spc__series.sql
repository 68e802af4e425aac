-- Which indicators may stand on a control chart, and by which ruleset. Only what each month counts afresh may: year to
-- date, rolling figures and positions share most of what they count with the month before, and would give an alarm on
-- nearly every chart of a process at rest. What is refused says why.
with monthly as (
    select
        figures.authority_code,
        figures.indicator_id,
        figures.month,
        figures.financial_year,
        figures.numerator,
        figures.denominator,
        indicators.measure_kind,
        indicators.statistic,
        indicators.lookback_months
    from {{ ref('fct_indicator_value') }} as figures
    inner join {{ ref('int_indicator__now') }} as indicators
        on figures.indicator_id = indicators.indicator_id and figures.indicator_version = indicators.version
    where figures.basis = 'month' and figures.breakdown = 'all' and figures.value is not null
),

series as (
    select
        authority_code,
        indicator_id,
        measure_kind,
        statistic,
        lookback_months,
        min(month) as first_month,
        max(month) as last_month,
        max(financial_year) as financial_year,
        cast(count(*) as integer) as months,
        avg(denominator) as mean_denominator,
        -- of a share, the rarer of yes and no: both have to happen for limits to mean anything
        least(avg(numerator), case statistic when 'share' then avg(denominator - numerator) else avg(numerator) end)
            as mean_count
    from monthly
    group by 1, 2, 3, 4, 5
),

of_the_kind as (
    select
        series.*,
        rulesets.ruleset_id,
        rulesets.smallest_mean_count,
        rulesets.ruleset_id is not null as has_kind,
        series.mean_denominator >= coalesce(rulesets.smallest_mean_denominator, series.mean_denominator)
        and (
            rulesets.smaller_than_mean_denominator is null
            or series.mean_denominator < rulesets.smaller_than_mean_denominator
        )
        or (rulesets.smallest_mean_denominator is null and rulesets.smaller_than_mean_denominator is null)
            as has_size
    from series
    left join {{ ref('spc_rulesets') }} as rulesets
        on
            series.measure_kind = rulesets.measure_kind
            and series.statistic = rulesets.statistic
            and rulesets.valid_from <= series.financial_year
            and (rulesets.valid_to is null or series.financial_year <= rulesets.valid_to)
),

chosen as (
    select
        authority_code,
        indicator_id,
        measure_kind,
        lookback_months,
        first_month,
        last_month,
        months,
        mean_count,
        max(case when has_size then ruleset_id end) as ruleset_id,
        max(case when has_size then smallest_mean_count end) as smallest_mean_count,
        max(case when has_kind then 1 else 0 end) = 1 as has_kind
    from of_the_kind
    group by 1, 2, 3, 4, 5, 6, 7, 8
)

select
    authority_code,
    indicator_id,
    first_month,
    last_month,
    months,
    case when smallest_mean_count is null or mean_count >= smallest_mean_count then ruleset_id end as ruleset_id,
    case
        when not has_kind and measure_kind != 'flow' and lookback_months > 0
            then 'Not charted: each figure looks back over the months before, so neighbouring months are not apart.'
        when not has_kind and measure_kind != 'flow'
            then 'Not charted: a position counts mostly those whom the month before counted too.'
        when not has_kind
            then 'Not charted: no ruleset is for this kind of figure.'
        when ruleset_id is null
            then 'Not charted: too few people a month for limits that mean anything; read it over a longer time.'
        when mean_count < smallest_mean_count
            then 'Not charted: it happens too rarely for a chart by month; read it over a longer time.'
    end as refusal
from chosen
