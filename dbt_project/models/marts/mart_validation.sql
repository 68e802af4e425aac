select
    authority_code,
    delivery_id,
    dataset,
    table_name,
    rule_code,
    severity,
    message,
    checked,
    failed
from {{ ref('stg_scrutiny__validation') }}
