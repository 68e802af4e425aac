select
    event_id,
    start_month,
    end_month,
    label,
    kind,
    indicator_ids,
    is_left_out_of_baseline
from {{ ref('events') }}
