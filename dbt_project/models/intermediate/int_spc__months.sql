-- The points of the charts: the monthly figures of each series that has a ruleset, the phase each is in (a new one
-- begins where somebody approved it) and whether an event leaves it out of all reckoning.
with phases as (
    select
        figures.authority_code,
        figures.indicator_id,
        figures.month,
        max(baselines.start_month) as start_month
    from {{ ref('fct_indicator_value') }} as figures
    inner join {{ ref('spc_baselines') }} as baselines
        on
            figures.authority_code = baselines.authority_code
            and figures.indicator_id = baselines.indicator_id
            and figures.month >= baselines.start_month
    where figures.basis = 'month' and figures.breakdown = 'all'
    group by 1, 2, 3
),

left_out as (
    select distinct
        figures.indicator_id,
        figures.month
    from {{ ref('fct_indicator_value') }} as figures
    inner join {{ ref('events') }} as events
        on
            figures.month >= events.start_month
            and (events.end_month is null or figures.month <= events.end_month)
            and (
                events.indicator_ids is null
                or concat(';', events.indicator_ids, ';') like concat('%;', figures.indicator_id, ';%')
            )
    where events.is_left_out_of_baseline
)

select
    figures.authority_code,
    figures.indicator_id,
    figures.month,
    series.ruleset_id,
    indicators.polarity,
    indicators.unit,
    figures.numerator,
    figures.denominator,
    figures.value,
    coalesce(phases.start_month, series.first_month) as phase_start_month,
    phases.start_month is not null as is_changed_baseline,
    left_out.month is not null as is_left_out,
    left_out.month is null
    and (baselines.limits_until_month is null or figures.month <= baselines.limits_until_month) as is_in_baseline,
    targets.target
from {{ ref('fct_indicator_value') }} as figures
inner join {{ ref('int_spc__series') }} as series
    on
        figures.authority_code = series.authority_code
        and figures.indicator_id = series.indicator_id
inner join {{ ref('int_indicator__now') }} as indicators
    on figures.indicator_id = indicators.indicator_id and figures.indicator_version = indicators.version
left join phases
    on
        figures.authority_code = phases.authority_code
        and figures.indicator_id = phases.indicator_id
        and figures.month = phases.month
left join {{ ref('spc_baselines') }} as baselines
    on
        phases.authority_code = baselines.authority_code
        and phases.indicator_id = baselines.indicator_id
        and phases.start_month = baselines.start_month
left join left_out
    on figures.indicator_id = left_out.indicator_id and figures.month = left_out.month
left join {{ ref('int_indicator__target_months') }} as targets
    on
        figures.authority_code = targets.authority_code
        and figures.indicator_id = targets.indicator_id
        and figures.month = targets.month
        -- the target of a count is one of a quarter or year, not of a month
        and indicators.statistic != 'count'
where
    figures.basis = 'month'
    and figures.breakdown = 'all'
    and figures.value is not null
    and series.ruleset_id is not null
