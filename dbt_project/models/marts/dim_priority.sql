select
    priorities.priority_id,
    priorities.position,
    priorities.title,
    priorities.description,
    priorities.is_area_for_improvement,
    indicator_priorities.indicator_id
from {{ ref('priorities') }} as priorities
inner join {{ ref('indicator_priorities') }} as indicator_priorities
    on priorities.priority_id = indicator_priorities.priority_id
