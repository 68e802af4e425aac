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

-- a figure of another definition is no figure to compare with
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
            and headlines.indicator_version = previous.indicator_version
            and headlines.month_index - 3 = previous.month_index
    left join headlines as last_year
        on
            headlines.authority_code = last_year.authority_code
            and headlines.indicator_id = last_year.indicator_id
            and headlines.indicator_version = last_year.indicator_version
            and headlines.month_index - 12 = last_year.month_index
),

-- how far off target still counts: to the floor where the rule gives one, else by points or per cent
targets as (
    select
        target_months.*,
        rules.version as rule_version,
        rules.tolerance_is,
        rules.amber_by,
        rules.is_two_sided,
        rules.minimum_denominator,
        rules.wording_high,
        rules.wording_low,
        cast(
            case rules.tolerance_is
                when 'points' then target_months.amber_tolerance
                when 'percent' then abs(target_months.target) * target_months.amber_tolerance / 100
                when 'value' then abs(target_months.target - target_months.amber_tolerance)
            end as decimal(18, 4)
        ) as amber_width,
        rules.green_share_of_tolerance
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

compared as (
    select
        with_earlier.*,
        targets.target,
        targets.basis_of_target,
        targets.amber_tolerance,
        targets.mode,
        targets.rule_version,
        targets.tolerance_is,
        targets.amber_by,
        targets.is_two_sided,
        targets.wording_high,
        targets.wording_low,
        targets.minimum_denominator,
        targets.amber_width,
        cast(targets.amber_width * targets.green_share_of_tolerance as decimal(18, 4)) as green_width,
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
),

judged as (
    select
        *,
        case when is_two_sided then abs(value - target) else (target - value) * better_sign end as shortfall,
        {{ direction('previous_value') }} as direction_short,
        {{ direction('same_quarter_last_year_value') }} as direction_long,
        -- why there is no rating
        case
            when target is null then 'No target'
            when better_sign is null and not is_two_sided then 'Neither high nor low is good: no target can be missed'
            when value is null then 'No figure'
            when denominator < minimum_denominator
                then concat('Small cohort: fewer than ', cast(minimum_denominator as {{ text_type() }}), ' are counted')
            when tolerance_is = 'percent' and target = 0
                then 'A tolerance in per cent of a target of 0 says nothing: set it in points'
        end as rag_reason
    from compared
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
        when judged.target is null or judged.better_sign is null and not judged.is_two_sided then 'no target'
        when judged.rag_reason is not null then 'not rated'
        when judged.shortfall <= judged.green_width then 'green'
        when
            case judged.amber_by
                when 'tolerance' then judged.shortfall <= judged.amber_width
                when 'better' then judged.direction_long = 'better'
                when 'not worse' then judged.direction_long in ('better', 'no change')
            end
            then 'amber'
        else 'red'
    end as rag,
    case
        when judged.target is not null and (judged.better_sign is not null or judged.is_two_sided)
            then concat(
                {{ filled(
                    "case judged.polarity when 'low' then judged.wording_low else judged.wording_high end",
                    {
                        'target': 'judged.target',
                        'green': 'judged.target - judged.green_width * judged.better_sign',
                        'green_width': 'judged.green_width',
                        'floor': 'judged.target - judged.amber_width * judged.better_sign',
                        'tolerance': 'judged.amber_tolerance',
                    },
                ) }},
                '; not rated where fewer than ', cast(judged.minimum_denominator as {{ text_type() }}),
                ' are counted (rule ', judged.mode, ', version ',
                cast(judged.rule_version as {{ text_type() }}), ')'
            )
    end as rag_rule,
    judged.direction_short,
    judged.direction_long,
    benchmarks.area_name as benchmark_area,
    benchmarks.period as benchmark_period,
    benchmarks.value as benchmark_value,
    cast(judged.value - benchmarks.value as decimal(18, 4)) as benchmark_gap,
    commentary.commentary,
    commentary.cause,
    commentary.action,
    commentary.owner_role as action_owner,
    commentary.due_date as action_due_date,
    commentary.author_role as commentary_author,
    judged.basis_of_target as target_basis,
    judged.rag_reason
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
