select
    delivery_id,
    authority_code,
    dataset,
    table_name,
    rule_code,
    severity,
    message,
    columns as rule_columns,
    -- results of before the kind was kept
    coalesce(kind, 'rule') as kind,
    cast(checked as bigint) as checked,
    cast(failed as bigint) as failed
from {{ source('load', 'validation') }}
