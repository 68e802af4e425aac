-- Every receipt known at the load month; the rules of which one is in force are in scrutiny/warehouse/inputs.py.
select
    delivery_id,
    feed,
    authority_code,
    dataset,
    source_system,
    collection_year,
    name_as_sent,
    outcome,
    outcome_reason,
    load_month,
    sequence,
    period_start,
    period_end,
    as_at_date,
    is_in_force,
    is_in_force_at_its_date,
    is_latest_period,
    cast(rows_received as bigint) as rows_received,
    cast(rows_staged as bigint) as rows_staged,
    cast(rows_set_aside as bigint) as rows_set_aside,
    cast(rows_queried as bigint) as rows_queried
from {{ source('load', 'deliveries') }}
