-- An indicator without a priority, or a priority of an indicator that is not registered.
select indicators.indicator_id
from {{ ref('indicators') }} as indicators
full outer join {{ ref('indicator_priorities') }} as indicator_priorities
    on indicators.indicator_id = indicator_priorities.indicator_id
where indicators.indicator_id is null or indicator_priorities.indicator_id is null
