-- Control charts by month: XmR, and Laney's p-prime, which is XmR on figures brought to one scale: each deviation from
-- the mean is divided by the spread that its number of people alone would give (1 for XmR). What an event leaves out is
-- drawn, and takes part in no mean, range or rule.
{% set phase = 'partition by authority_code, indicator_id, phase_start_month' %}
{% set points = phase ~ ', is_left_out' %}

with months as (
    select
        months.*,
        rulesets.version as ruleset_version,
        rulesets.chart,
        rulesets.run_length,
        rulesets.trend_length,
        rulesets.screens_moving_ranges,
        rulesets.counts_outside_in_two_of_three,
        case when months.is_changed_baseline then rulesets.minimum_points_after_change else rulesets.minimum_points end
            as minimum_points,
        {{ unit_scale('months.unit') }} as scale
    from {{ ref('int_spc__months') }} as months
    inner join {{ ref('spc_rulesets') }} as rulesets
        on months.ruleset_id = rulesets.ruleset_id
),

centred as (
    select
        *,
        cast(sum(case when is_in_baseline then 1 else 0 end) over ({{ phase }}) as integer) as months_in_baseline,
        cast(
            case chart
                when 'p_prime'
                    then
                        scale * sum(case when is_in_baseline then numerator end) over ({{ phase }})
                        / nullif(sum(case when is_in_baseline then denominator end) over ({{ phase }}), 0)
                else avg(case when is_in_baseline then value end) over ({{ phase }})
            end as decimal(18, 6)
        ) as mean
    from months
),

scaled as (
    select
        *,
        cast(value - mean as double) as deviation,
        case chart
            when 'p_prime' then sqrt(cast(mean * (scale - mean) as double) / cast(denominator as double))
            else 1
        end as spread
    from centred
),

ranged as (
    select
        *,
        case
            when is_in_baseline and lag(is_in_baseline) over ({{ points }} order by month)
                then abs(
                    deviation / nullif(spread, 0)
                    - lag(deviation / nullif(spread, 0)) over ({{ points }} order by month)
                )
        end as moving_range,
        cast(sign(deviation) as integer) as side,
        cast(sign(value - lag(value) over ({{ points }} order by month)) as integer) as step
    from scaled
),

screened as (
    select
        *,
        not screens_moving_ranges or moving_range < 3.267 * avg(moving_range) over ({{ phase }}) as is_usual_range
    from ranged
),

-- how far the limits are from the mean: three standard deviations, judged by the mean moving range
limited as (
    select
        *,
        round(2.66 * spread * avg(case when is_usual_range then moving_range end) over ({{ phase }}), 6) as reach
    from screened
),

-- neighbouring points that keep to one side, or keep to one direction, have one run number
run as (
    select
        *,
        row_number() over ({{ points }} order by month)
        - row_number() over ({{ points }}, side order by month) as side_run,
        row_number() over ({{ points }} order by month)
        - row_number() over ({{ points }}, step order by month) as step_run,
        case
            when abs(deviation) > reach then counts_outside_in_two_of_three
            else abs(deviation) > reach * 2 / 3
        end as is_near_limit
    from limited
),

counted as (
    select
        *,
        count(*) over ({{ points }}, side, side_run) as points_on_side,
        -- the first point of a trend comes before its first step
        1 + case when step = 0 then 0 else count(*) over ({{ points }}, step, step_run) end as points_of_trend,
        abs(sum(side) over ({{ points }} order by month rows between 2 preceding and current row)) = 3
        and sum(case when is_near_limit then 1 else 0 end) over (
            {{ points }} order by month rows between 2 preceding and current row
        ) >= 2 as ends_two_of_three
    from run
),

followed as (
    select
        *,
        lead(points_of_trend) over ({{ points }} order by month) as next_points_of_trend,
        lead(step) over ({{ points }} order by month) as next_step,
        max(case when ends_two_of_three then 1 else 0 end) over (
            {{ points }} order by month rows between current row and 2 following
        ) = 1 as is_in_two_of_three,
        coalesce(reach > 0 and months_in_baseline >= minimum_points, false) as has_limits
    from counted
),

signalled as (
    select
        *,
        case when abs(deviation) > reach then side end as outside_sign,
        case
            when step != 0 and points_of_trend >= trend_length then step
            when next_step != 0 and next_points_of_trend >= trend_length then next_step
        end as trend_sign,
        case when is_near_limit and is_in_two_of_three then side end as two_of_three_sign,
        case when side != 0 and points_on_side >= run_length then side end as shift_sign,
        has_limits and not is_left_out as is_judged,
        case polarity when 'high' then 1 when 'low' then -1 end as better_sign
    from followed
),

-- the first of them names the point; all of them are kept
named as (
    select
        *,
        case when is_judged then coalesce(outside_sign, trend_sign, two_of_three_sign, shift_sign) end as signal_sign
    from signalled
)

select
    authority_code,
    indicator_id,
    month,
    ruleset_id,
    ruleset_version,
    chart,
    phase_start_month,
    months_in_baseline,
    is_left_out,
    value,
    case when has_limits then mean end as mean,
    cast(case when has_limits then mean + reach end as decimal(18, 6)) as upper_limit,
    cast(case when has_limits then mean - reach end as decimal(18, 6)) as lower_limit,
    cast(
        case when has_limits then case unit when 'percent' then least(mean + reach, 100) else mean + reach end end
        as decimal(18, 4)
    ) as shown_upper_limit,
    cast(
        case when has_limits and (mean - reach >= 0 or unit in ('gbp', 'score')) then mean - reach end as decimal(18, 4)
    ) as shown_lower_limit,
    case when is_judged then case outside_sign when 1 then 'above' when -1 then 'below' end end as outside_limits,
    case when is_judged then case trend_sign when 1 then 'rising' when -1 then 'falling' end end as trend,
    case when is_judged then case two_of_three_sign when 1 then 'above' when -1 then 'below' end end as two_of_three,
    case when is_judged then case shift_sign when 1 then 'above' when -1 then 'below' end end as shift,
    case
        when not is_judged then null
        when signal_sign is null then 'common cause'
        when better_sign is null then case signal_sign when 1 then 'higher' else 'lower' end
        when signal_sign = better_sign then 'improving'
        else 'concerning'
    end as variation,
    case
        when is_left_out then 'Left out of the reckoning because of an event'
        when months_in_baseline < minimum_points
            then concat(
                cast(minimum_points as {{ text_type() }}), ' months are needed for limits, there are ',
                cast(months_in_baseline as {{ text_type() }})
            )
        when not has_limits then 'No variation'
        when outside_sign = 1 then 'Above what chance explains'
        when outside_sign = -1 then 'Below what chance explains'
        when trend_sign = 1
            then concat('Part of a rise of ', cast(trend_length as {{ text_type() }}), ' months or more running')
        when trend_sign = -1
            then concat('Part of a fall of ', cast(trend_length as {{ text_type() }}), ' months or more running')
        when two_of_three_sign = 1 then 'Two of three neighbouring months are close to the upper limit'
        when two_of_three_sign = -1 then 'Two of three neighbouring months are close to the lower limit'
        when shift_sign = 1
            then concat('One of ', cast(run_length as {{ text_type() }}), ' months or more running above the mean')
        when shift_sign = -1
            then concat('One of ', cast(run_length as {{ text_type() }}), ' months or more running below the mean')
        else 'Within what chance explains'
    end as variation_reason,
    target,
    case
        when not has_limits or target is null or better_sign is null then null
        when (mean - target) * better_sign > reach then 'consistently met'
        when (target - mean) * better_sign > reach then 'consistently missed'
        else 'met or missed by chance'
    end as assurance
from named
