select
    delivery_id,
    authority_code,
    dataset,
    source_system,
    is_counted,
    name_as_sent,
    load_month,
    period_end,
    outcome,
    outcome_reason as reason,
    rows_received,
    rows_staged,
    rows_set_aside,
    rows_queried,
    is_in_force,
    is_in_force_at_its_date
from {{ ref('stg_scrutiny__deliveries') }}
