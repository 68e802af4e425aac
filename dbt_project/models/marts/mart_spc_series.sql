-- What the control chart of each indicator says of its newest month, or why there is no chart.
select
    series.authority_code,
    series.indicator_id,
    series.last_month as month,
    series.months,
    points.ruleset_id,
    points.ruleset_version,
    points.chart,
    points.phase_start_month,
    points.mean,
    points.upper_limit,
    points.lower_limit,
    points.value,
    points.variation,
    coalesce(series.refusal, points.variation_reason) as variation_reason,
    points.assurance
from {{ ref('int_spc__series') }} as series
left join {{ ref('mart_spc_point') }} as points
    on
        series.authority_code = points.authority_code
        and series.indicator_id = points.indicator_id
        and series.last_month = points.month
