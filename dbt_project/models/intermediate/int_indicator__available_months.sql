-- The months for which an indicator has all its records.
select
    indicator_id,
    authority_code,
    month,
    month_index,
    month_start_date,
    month_end_date
from {{ ref('int_indicator__months') }}
where is_available
