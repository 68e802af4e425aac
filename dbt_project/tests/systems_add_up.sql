-- Every row of either system is a record that both have, one it has alone, or repeats one.
select
    authority_code,
    dataset,
    load_month,
    table_name
from {{ ref('mart_system_reconciliation') }}
where
    rows_old != matched + only_old + repeated_old
    or rows_new != matched + only_new + repeated_new
    or conflicting > matched
