select
    reading_group,
    title,
    indicator_id,
    role,
    why
from {{ ref('read_together') }}
