-- Extracts of a replaced system and of its successor, of months for which both sent one, table by table.
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
from {{ ref('stg_scrutiny__system_tables') }}
