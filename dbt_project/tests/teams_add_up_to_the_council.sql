-- Every case behind a figure of the last months belongs to one team or to none that is known: drilling down from a
-- council figure loses nobody.
with teams as (
    select
        authority_code,
        indicator_id,
        month,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(not_known) as not_known,
        sum(left_out) as left_out
    from {{ ref('mart_team_figure') }}
    group by 1, 2, 3
)

select
    teams.*,
    figures.numerator as council_numerator
from teams
inner join {{ ref('fct_measure_month') }} as figures
    on
        teams.authority_code = figures.authority_code
        and teams.indicator_id = figures.indicator_id
        and teams.month = figures.month
        and figures.breakdown = 'all'
inner join {{ ref('int_indicator__now') }} as indicators
    on teams.indicator_id = indicators.indicator_id
where
    teams.numerator != figures.numerator
    or teams.not_known != figures.not_known
    or teams.left_out != figures.excluded
    -- a rate has the population below the line, a count nothing
    or (indicators.statistic not in ('rate', 'count') and teams.denominator != figures.denominator)
