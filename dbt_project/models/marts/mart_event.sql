select
    event_id,
    start_month,
    end_month,
    label,
    kind,
    indicator_ids
from {{ ref('events') }}
