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
        months.month_index,
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

with_earlier as (
    select
        headlines.*,
        previous.value as previous_value,
        last_year.value as same_quarter_last_year_value
    from headlines
    left join headlines as previous
        on
            headlines.authority_code = previous.authority_code
            and headlines.indicator_id = previous.indicator_id
            and headlines.month_index - 3 = previous.month_index
    left join headlines as last_year
        on
            headlines.authority_code = last_year.authority_code
            and headlines.indicator_id = last_year.indicator_id
            and headlines.month_index - 12 = last_year.month_index
),

targets as (
    select
        target_months.*,
        rules.version as rule_version,
        rules.minimum_denominator,
        rules.wording_high,
        rules.wording_low,
        cast(
            case target_months.mode
                when 'absolute' then target_months.amber_tolerance
                when 'relative' then target_months.target * target_months.amber_tolerance / 100
            end as decimal(18, 4)
        ) as amber_width
    from {{ ref('int_indicator__target_months') }} as target_months
    inner join {{ ref('int_calendar__months') }} as months
        on target_months.month = months.month
    inner join {{ ref('rag_rules') }} as rules
        on
            target_months.mode = rules.mode
            and rules.valid_from <= months.financial_year
            and (rules.valid_to is null or months.financial_year <= rules.valid_to)
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
),

judged as (
    select
        with_earlier.*,
        targets.target,
        targets.amber_tolerance,
        targets.mode,
        targets.rule_version,
        targets.wording_high,
        targets.wording_low,
        targets.minimum_denominator,
        cast(
            case with_earlier.polarity
                when 'high' then targets.target - targets.amber_width
                when 'low' then targets.target + targets.amber_width
            end as decimal(18, 4)
        ) as amber_limit,
        case with_earlier.polarity when 'high' then 1 when 'low' then -1 end as better_sign,
        directions.dead_band,
        directions.dead_band_mode
    from with_earlier
    left join targets
        on
            with_earlier.authority_code = targets.authority_code
            and with_earlier.indicator_id = targets.indicator_id
            and with_earlier.month = targets.month
    left join {{ ref('direction_rules') }} as directions
        on
            with_earlier.unit = directions.unit
            and directions.valid_from <= with_earlier.financial_year
            and (directions.valid_to is null or with_earlier.financial_year <= directions.valid_to)
)

select
    judged.authority_code,
    judged.financial_quarter,
    judged.indicator_id,
    judged.title,
    judged.family,
    judged.service,
    judged.polarity,
    judged.unit,
    judged.decimals,
    judged.basis,
    judged.period_label as basis_label,
    judged.numerator,
    judged.denominator,
    judged.not_known,
    judged.value,
    judged.status,
    judged.status_reason,
    judged.previous_value,
    judged.same_quarter_last_year_value,
    judged.target,
    judged.amber_tolerance,
    case
        when judged.target is null or judged.better_sign is null then 'no target'
        when judged.value is null or judged.denominator < judged.minimum_denominator then 'not rated'
        when (judged.value - judged.target) * judged.better_sign >= 0 then 'green'
        when (judged.value - judged.amber_limit) * judged.better_sign >= 0 then 'amber'
        else 'red'
    end as rag,
    case
        when judged.target is null or judged.better_sign is null then null
        else concat(
            replace(
                replace(
                    replace(
                        case judged.polarity when 'high' then judged.wording_high else judged.wording_low end,
                        '{target}', {{ plain_number('judged.target') }}
                    ),
                    '{floor}', {{ plain_number('judged.amber_limit') }}
                ),
                '{tolerance}', {{ plain_number('judged.amber_tolerance') }}
            ),
            '; not rated where fewer than ', cast(judged.minimum_denominator as {{ text_type() }}),
            ' are counted (rule ', judged.mode, ', version ', cast(judged.rule_version as {{ text_type() }}), ')'
        )
    end as rag_rule,
    {{ direction('judged.previous_value') }} as direction_short,
    {{ direction('judged.same_quarter_last_year_value') }} as direction_long,
    benchmarks.area_name as benchmark_area,
    benchmarks.period as benchmark_period,
    benchmarks.value as benchmark_value,
    cast(judged.value - benchmarks.value as decimal(18, 4)) as benchmark_gap,
    commentary.commentary,
    commentary.cause,
    commentary.action,
    commentary.owner_role as action_owner,
    commentary.due_date as action_due_date,
    commentary.author_role as commentary_author
from judged
left join benchmarks_in_force as benchmarks
    on
        judged.authority_code = benchmarks.authority_code
        and judged.indicator_id = benchmarks.indicator_id
        and judged.month = benchmarks.month
        and benchmarks.newest_first = 1
left join {{ ref('stg_commentary__commentary') }} as commentary
    on
        judged.authority_code = commentary.authority_code
        and judged.indicator_id = commentary.indicator_id
        and judged.financial_quarter = commentary.financial_quarter
