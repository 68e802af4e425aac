select
    authority_code,
    dataset,
    load_month,
    period_start,
    period_end,
    old_system,
    new_system,
    table_name,
    column_name,
    matched,
    conflicting,
    only_old_filled,
    only_new_filled
from {{ source('load', 'system_fields') }}
