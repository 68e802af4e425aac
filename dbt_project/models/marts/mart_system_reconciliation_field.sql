-- The fields that differ in at least one record both systems have.
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
from {{ ref('stg_scrutiny__system_fields') }}
where conflicting > 0
