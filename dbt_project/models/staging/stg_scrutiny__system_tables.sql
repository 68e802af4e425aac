select
    authority_code,
    dataset,
    load_month,
    period_start,
    period_end,
    old_system,
    new_system,
    table_name,
    rows_old,
    rows_new,
    matched,
    only_old,
    only_new,
    repeated_old,
    repeated_new,
    conflicting
from {{ source('load', 'system_tables') }}
