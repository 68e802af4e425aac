-- What changed for the worse by the load month, by rule, the most pressing first. What is no news (a figure that is red
-- and stays red) is not in it.
with newest as (
    select max(month) as month
    from {{ ref('dim_period') }}
),

load as (
    select
        months.month,
        months.month_index,
        months.financial_year,
        months.financial_quarter,
        months.month_end_date = months.quarter_end_date as is_quarter_end
    from {{ ref('int_calendar__months') }} as months
    inner join newest
        on months.month = newest.month
),

no_figure as (
    select
        now.authority_code,
        now.indicator_id,
        true as is_new,
        cast(1 as double) as weight,
        coalesce(now.status_reason, 'There is no figure.') as finding
    from {{ ref('fct_indicator_value') }} as now
    inner join load
        on now.month = load.month
    inner join {{ ref('int_calendar__months') }} as months
        on load.month_index - 1 = months.month_index
    inner join {{ ref('fct_indicator_value') }} as before
        on
            now.authority_code = before.authority_code
            and now.indicator_id = before.indicator_id
            and months.month = before.month
    where
        now.basis = 'month'
        and before.basis = 'month'
        and now.breakdown = 'all'
        and before.breakdown = 'all'
        and now.status = 'unavailable'
        and before.status = 'available'
),

quarters as (
    select
        figures.*,
        case figures.polarity when 'high' then 1 when 'low' then -1 end as better_sign,
        lag(figures.rag) over (
            partition by figures.authority_code, figures.indicator_id order by figures.financial_quarter
        ) as previous_rag
    from {{ ref('mart_scrutiny_quarter') }} as figures
),

newest_quarter as (
    select quarters.*
    from quarters
    inner join load
        on quarters.financial_quarter = load.financial_quarter
    where load.is_quarter_end
),

turned_red as (
    select
        authority_code,
        indicator_id,
        true as is_new,
        cast(1 as double) as weight,
        concat(
            {{ plain_number('value') }}, ' against a target of ', {{ plain_number('target') }}, '; was ', previous_rag,
            ' the quarter before.'
        ) as finding
    from newest_quarter
    where rag = 'red' and previous_rag in ('amber', 'green')
),

points as (
    select
        *,
        lag(variation) over (partition by authority_code, indicator_id order by month) as previous_variation
    from {{ ref('mart_spc_point') }}
),

special_cause as (
    select
        points.authority_code,
        points.indicator_id,
        coalesce(points.previous_variation, 'none') != 'concerning' as is_new,
        cast(abs(points.value - points.mean) as double) / cast(points.upper_limit - points.mean as double) as weight,
        concat(
            {{ plain_number('points.value') }}, ' in the month, where ',
            {{ plain_number('cast(points.mean as decimal(18, 1))') }}, ' is usual. ', points.variation_reason, '.'
        ) as finding
    from points
    inner join load
        on points.month = load.month
    where points.variation = 'concerning'
),

newest_rating as (
    select
        authority_code,
        indicator_id,
        rag,
        row_number() over (
            partition by authority_code, indicator_id order by financial_quarter desc
        ) as newest_first
    from quarters
    where value is not null
),

forecast_to_miss as (
    select
        forecasts.authority_code,
        forecasts.indicator_id,
        -- earlier forecasts are not kept
        cast(null as boolean) as is_new,
        cast(1 - forecasts.probability_of_meeting as double) as weight,
        concat(
            {{ plain_number('forecasts.outturn') }}, ' is expected at the year''s end (',
            {{ plain_number('forecasts.lower_outturn') }}, ' to ', {{ plain_number('forecasts.upper_outturn') }},
            '), against a target of ', {{ plain_number('forecasts.target') }}, '. ', forecasts.outlook
        ) as finding
    from {{ ref('mart_forecast') }} as forecasts
    left join newest_rating
        on
            forecasts.authority_code = newest_rating.authority_code
            and forecasts.indicator_id = newest_rating.indicator_id
            and newest_rating.newest_first = 1
    where forecasts.forecast_rag = 'red' and coalesce(newest_rating.rag, 'no target') != 'red'
),

benchmark_crossed as (
    select
        authority_code,
        indicator_id,
        true as is_new,
        cast(abs(benchmark_gap) as double) / cast(nullif(abs(benchmark_value), 0) as double) as weight,
        concat(
            {{ plain_number('value') }}, ' against ', {{ plain_number('benchmark_value') }}, ' (', benchmark_area, ', ',
            benchmark_period, '); was ', {{ plain_number('previous_value') }}, ' the quarter before.'
        ) as finding
    from newest_quarter
    where
        (value - benchmark_value) * better_sign < 0
        and (previous_value - benchmark_value) * better_sign >= 0
),

found as (
    {% for rule_id in ['no_figure', 'turned_red', 'special_cause', 'forecast_to_miss', 'benchmark_crossed'] %}
    select
        '{{ rule_id }}' as rule_id,
        {{ rule_id }}.authority_code,
        {{ rule_id }}.indicator_id,
        indicators.title as subject,
        indicators.owner,
        {{ rule_id }}.indicator_id as indicator_ids,
        {{ rule_id }}.is_new,
        {{ rule_id }}.weight,
        {{ rule_id }}.finding
    from {{ rule_id }}
    inner join {{ ref('int_indicator__now') }} as indicators
        on {{ rule_id }}.indicator_id = indicators.indicator_id
    union all
    {% endfor %}
    select
        'data_quality' as rule_id,
        quality.authority_code,
        cast(null as {{ text_type() }}) as indicator_id,
        concat(quality.dataset, case when quality.table_name = '' then '' else ', ' end, quality.table_name) as subject,
        cast(null as {{ text_type() }}) as owner,
        quality.indicator_ids,
        quality.trend = 'new' as is_new,
        case quality.severity
            when 'reject' then 1 else cast(quality.failed as double) / cast(nullif(quality.checked, 0) as double)
        end as weight,
        case quality.severity
            when 'reject' then quality.message
            else concat(
                cast(quality.failed as {{ text_type() }}), ' of ', cast(quality.checked as {{ text_type() }}),
                ' rows broke ', quality.rule_code, '. ', quality.message
            )
        end as finding
    from {{ ref('mart_data_quality_rule') }} as quality
    inner join load
        on quality.load_month = load.month
    where quality.indicator_count > 0 and quality.trend in ('new', 'worse')
)

select
    found.authority_code,
    load.month,
    cast(
        row_number() over (
            partition by found.authority_code
            order by
                rules.priority asc, found.weight desc nulls last, found.subject asc, found.finding asc
        ) as integer
    ) as position,
    found.rule_id,
    rules.version as rule_version,
    rules.warns_of,
    found.indicator_id,
    found.subject,
    found.finding,
    found.is_new,
    cast(found.weight as decimal(18, 4)) as weight,
    found.indicator_ids,
    found.owner
from found
cross join load
inner join {{ ref('early_warning_rules') }} as rules
    on
        found.rule_id = rules.rule_id
        and rules.valid_from <= load.financial_year
        and (rules.valid_to is null or load.financial_year <= rules.valid_to)
where rules.smallest_weight is null or found.weight >= rules.smallest_weight
