select
    delivery_id,
    authority_code,
    dataset,
    table_name,
    rule_code,
    severity,
    message,
    cast(checked as bigint) as checked,
    cast(failed as bigint) as failed
from {{ source('load', 'validation') }}
