-- How often figures came within the interval an earlier forecast would have given, and how often its middle was nearer
-- than the naive forecast. Of series with enough months before the one looked at; every third month, up to six ahead.
with checked as (
    select
        backtests.*,
        -- the figure as shown is rounded: half a unit of its last decimal is no miss
        0.5 / power(10, indicators.decimals) as rounding
    from {{ ref('int_forecast__backtests') }} as backtests
    inner join {{ ref('int_indicator__now') }} as indicators
        on backtests.indicator_id = indicators.indicator_id
)

select
    method,
    months_ahead,
    cast(count(*) as integer) as forecasts,
    cast(sum(case when actual between lower - rounding and upper + rounding then 1 else 0 end) as integer) as inside,
    {{ share_of('sum(case when actual between lower - rounding and upper + rounding then 1 else 0 end)', 'count(*)') }}
        as coverage,
    {{ share_of('sum(case when abs(actual - median) < abs(actual - straight_line) then 1 else 0 end)', 'count(*)') }}
        as nearer_than_straight_line
from checked
group by 1, 2
