-- Which figures are forecast, and by which method: those with enough months, without a gap, up to the load month.
with load as (
    select max(month) as load_month
    from {{ ref('dim_period') }}
),

monthly as (
    select
        figures.authority_code,
        figures.indicator_id,
        figures.financial_year,
        months.month_index,
        case
            when indicators.measure_kind != 'flow' then 'position'
            when indicators.unit = 'gbp' and indicators.statistic = 'count' then 'amount'
            when indicators.statistic in ('rate', 'count') then 'events'
            else indicators.statistic
        end as figure
    from {{ ref('fct_indicator_value') }} as figures
    inner join {{ ref('int_indicator__now') }} as indicators
        on figures.indicator_id = indicators.indicator_id and figures.indicator_version = indicators.version
    inner join {{ ref('int_calendar__months') }} as months
        on figures.month = months.month
    where
        figures.basis = 'month'
        and figures.breakdown = 'all'
        -- a month with nobody to count is a month of events, and no position
        and (figures.value is not null or figures.status = 'not_applicable' and indicators.measure_kind = 'flow')
),

-- months without a gap between them have one run number
runs as (
    select
        *,
        month_index
        - row_number() over (partition by authority_code, indicator_id order by month_index) as run
    from monthly
),

counted as (
    select
        authority_code,
        indicator_id,
        figure,
        run,
        min(month_index) as first_month_index,
        max(month_index) as last_month_index,
        max(financial_year) as financial_year,
        cast(count(*) as integer) as months,
        row_number() over (partition by authority_code, indicator_id order by max(month_index) desc) as newest_first
    from runs
    group by 1, 2, 3, 4
)

select
    counted.authority_code,
    counted.indicator_id,
    counted.first_month_index,
    counted.last_month_index,
    counted.months,
    rules.method,
    rules.version as rule_version,
    case
        when rules.method is null then 'No forecast: there is no method for this kind of figure.'
        when load_months.month_index > counted.last_month_index
            then concat('No forecast: there is no figure of ', load_months.month_name, '.')
        when counted.months < rules.minimum_months
            then concat(
                'No forecast: ', cast(rules.minimum_months as {{ text_type() }}),
                ' months without a gap are needed, there are ', cast(counted.months as {{ text_type() }}), '.'
            )
    end as refusal
from counted
cross join load
inner join {{ ref('int_calendar__months') }} as load_months
    on load.load_month = load_months.month
left join {{ ref('forecast_rules') }} as rules
    on
        counted.figure = rules.figure
        and rules.valid_from <= counted.financial_year
        and (rules.valid_to is null or counted.financial_year <= rules.valid_to)
where counted.newest_first = 1
