-- A family of the register that is on no scorecard, or on two.
select
    indicators.service,
    indicators.family,
    count(distinct scorecards.scorecard) as scorecards
from {{ ref('indicators') }} as indicators
left join {{ ref('scorecards') }} as scorecards
    on indicators.service = scorecards.service and indicators.family = scorecards.family
group by 1, 2
having count(distinct scorecards.scorecard) != 1
