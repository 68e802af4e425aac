select
    feed,
    authority_code,
    dataset,
    load_month,
    due_date,
    sent_date,
    working_days_late,
    status,
    reason
from {{ source('load', 'feed_status') }}
