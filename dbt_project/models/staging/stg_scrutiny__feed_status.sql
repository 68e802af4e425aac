select
    feed,
    authority_code,
    dataset,
    load_month,
    status,
    reason
from {{ source('load', 'feed_status') }}
