select
    feed,
    authority_code,
    dataset,
    load_month,
    due_date,
    status,
    reason
from {{ source('load', 'feed_status') }}
