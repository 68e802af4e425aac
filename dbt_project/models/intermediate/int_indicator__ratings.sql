-- Every figure of a month and every headline figure with its target, rating and direction. The rating is made here
-- alone, by the rules in the seeds, of the figure as shown.
with figures_to_rate as (
    select
        figures.*,
        indicators.polarity,
        indicators.unit,
        indicators.statistic = 'count' and indicators.measure_kind = 'flow' and figures.basis = 'month'
            as is_count_of_month,
        months.month_index,
        case figures.basis when 'month' then 1 else 3 end as months_to_previous
    from {{ ref('fct_indicator_value') }} as figures
    inner join {{ ref('indicators') }} as indicators
        on
            figures.indicator_id = indicators.indicator_id
            and figures.indicator_version = indicators.version
            and figures.basis in ('month', indicators.headline_basis)
    inner join {{ ref('int_calendar__months') }} as months
        on figures.month = months.month
    where figures.breakdown = 'all'
),

-- a figure of another definition is no figure to compare with
with_earlier as (
    select
        figures_to_rate.*,
        previous.value as previous_value,
        last_year.value as year_before_value
    from figures_to_rate
    left join figures_to_rate as previous
        on
            figures_to_rate.authority_code = previous.authority_code
            and figures_to_rate.indicator_id = previous.indicator_id
            and figures_to_rate.indicator_version = previous.indicator_version
            and figures_to_rate.basis = previous.basis
            and figures_to_rate.month_index - figures_to_rate.months_to_previous = previous.month_index
    left join figures_to_rate as last_year
        on
            figures_to_rate.authority_code = last_year.authority_code
            and figures_to_rate.indicator_id = last_year.indicator_id
            and figures_to_rate.indicator_version = last_year.indicator_version
            and figures_to_rate.basis = last_year.basis
            and figures_to_rate.month_index - 12 = last_year.month_index
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
        {{ direction('year_before_value') }} as direction_long,
        -- why there is no rating
        case
            when target is null then 'No target'
            when better_sign is null and not is_two_sided then 'Neither high nor low is good: no target can be missed'
            when value is null then 'No figure'
            when is_count_of_month then 'The target of a count is one of a quarter or year, not of a month'
            when denominator < minimum_denominator
                then concat('Small cohort: fewer than ', cast(minimum_denominator as {{ text_type() }}), ' are counted')
            when tolerance_is = 'percent' and target = 0
                then 'A tolerance in per cent of a target of 0 says nothing: set it in points'
        end as rag_reason
    from compared
)

select
    authority_code,
    indicator_id,
    basis,
    month,
    previous_value,
    year_before_value,
    target,
    amber_tolerance,
    basis_of_target,
    case
        when target is null or better_sign is null and not is_two_sided then 'no target'
        when rag_reason is not null then 'not rated'
        when shortfall <= green_width then 'green'
        when
            case amber_by
                when 'tolerance' then shortfall <= amber_width
                when 'better' then direction_long = 'better'
                when 'not worse' then direction_long in ('better', 'no change')
            end
            then 'amber'
        else 'red'
    end as rag,
    case
        when target is not null and (better_sign is not null or is_two_sided)
            then concat(
                {{ filled(
                    "case polarity when 'low' then wording_low else wording_high end",
                    {
                        'target': 'target',
                        'green': 'target - green_width * better_sign',
                        'green_width': 'green_width',
                        'floor': 'target - amber_width * better_sign',
                        'tolerance': 'amber_tolerance',
                    },
                ) }},
                '; not rated where fewer than ', cast(minimum_denominator as {{ text_type() }}),
                ' are counted (rule ', mode, ', version ',
                cast(rule_version as {{ text_type() }}), ')'
            )
    end as rag_rule,
    rag_reason,
    direction_short,
    direction_long
from judged
