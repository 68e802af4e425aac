-- The version of each indicator that holds in each month, by the financial years the register gives it. The first
-- one stands for the years before it too: there is no other.
with registered as (
    select
        *,
        min(valid_from) over (partition by indicator_id) as first_valid_from
    from {{ ref('indicators') }}
)

select
    registered.indicator_id,
    registered.version,
    months.month
from registered
inner join {{ ref('int_calendar__months') }} as months
    on
        (registered.valid_from <= months.financial_year or registered.valid_from = registered.first_valid_from)
        and (registered.valid_to is null or months.financial_year <= registered.valid_to)
