-- One row an indicator and financial quarter: the figure as members see it, judged by the rules in the seeds.
with headlines as (
    select
        figures.*,
        indicators.title,
        indicators.family,
        indicators.service,
        indicators.polarity,
        indicators.unit,
        indicators.decimals,
        months.quarter_end_date
    from {{ ref('fct_indicator_value') }} as figures
    inner join {{ ref('indicators') }} as indicators
        on
            figures.indicator_id = indicators.indicator_id
            and figures.indicator_version = indicators.version
            and figures.basis = indicators.headline_basis
    inner join {{ ref('int_calendar__months') }} as months
        on figures.month = months.month and months.month_end_date = months.quarter_end_date
    where figures.breakdown = 'all'
),

benchmarks_in_force as (
    select
        headlines.authority_code,
        headlines.indicator_id,
        headlines.month,
        benchmarks.area_name,
        benchmarks.period,
        benchmarks.value,
        row_number() over (
            partition by headlines.authority_code, headlines.indicator_id, headlines.month
            order by benchmarks.period_end_date desc nulls last
        ) as newest_first
    from headlines
    inner join {{ ref('int_reference__benchmarks') }} as benchmarks
        on
            headlines.indicator_id = benchmarks.indicator_id
            and benchmarks.period_end_date <= headlines.quarter_end_date
)

select
    headlines.authority_code,
    headlines.financial_quarter,
    headlines.indicator_id,
    headlines.title,
    headlines.family,
    headlines.service,
    headlines.polarity,
    headlines.unit,
    headlines.decimals,
    headlines.basis,
    headlines.period_label as basis_label,
    headlines.numerator,
    headlines.denominator,
    headlines.not_known,
    headlines.value,
    headlines.status,
    headlines.status_reason,
    ratings.previous_value,
    ratings.year_before_value as same_quarter_last_year_value,
    ratings.target,
    ratings.amber_tolerance,
    ratings.rag,
    ratings.rag_rule,
    ratings.direction_short,
    ratings.direction_long,
    benchmarks.area_name as benchmark_area,
    benchmarks.period as benchmark_period,
    benchmarks.value as benchmark_value,
    cast(headlines.value - benchmarks.value as decimal(18, 4)) as benchmark_gap,
    commentary.commentary,
    commentary.cause,
    commentary.action,
    commentary.owner_role as action_owner,
    commentary.due_date as action_due_date,
    commentary.author_role as commentary_author,
    ratings.basis_of_target as target_basis,
    ratings.rag_reason
from headlines
left join {{ ref('int_indicator__ratings') }} as ratings
    on
        headlines.authority_code = ratings.authority_code
        and headlines.indicator_id = ratings.indicator_id
        and headlines.basis = ratings.basis
        and headlines.month = ratings.month
left join benchmarks_in_force as benchmarks
    on
        headlines.authority_code = benchmarks.authority_code
        and headlines.indicator_id = benchmarks.indicator_id
        and headlines.month = benchmarks.month
        and benchmarks.newest_first = 1
left join {{ ref('stg_commentary__commentary') }} as commentary
    on
        headlines.authority_code = commentary.authority_code
        and headlines.indicator_id = commentary.indicator_id
        and headlines.financial_quarter = commentary.financial_quarter
