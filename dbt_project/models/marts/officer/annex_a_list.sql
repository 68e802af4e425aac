-- The Annex A lists of each authority: the day of the newest extract that has each, and from when its look-back is
-- counted. A list that came in no extract has no day.
with newest as (
    select
        deliveries.authority_code,
        tables.table_name,
        max(deliveries.as_at_date) as as_at_date
    from {{ ref('stg_scrutiny__deliveries') }} as deliveries
    inner join {{ ref('stg_scrutiny__delivered_tables') }} as tables
        on deliveries.delivery_id = tables.delivery_id
    where deliveries.dataset = 'annex_a' and deliveries.is_in_force
    group by 1, 2
)

select
    authorities.authority_code,
    lists.list_number,
    lists.table_name,
    lists.title,
    lists.holds,
    lists.look_back_months,
    newest.as_at_date,
    {{ add_months('newest.as_at_date', '-lists.look_back_months') }} as since_date
from {{ ref('dim_authority') }} as authorities
cross join {{ ref('annex_a_lists') }} as lists
left join newest
    on authorities.authority_code = newest.authority_code and lists.table_name = newest.table_name
