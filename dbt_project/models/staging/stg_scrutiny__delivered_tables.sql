select
    delivery_id,
    table_name,
    is_as_on_its_day
from {{ source('load', 'delivered_tables') }}
