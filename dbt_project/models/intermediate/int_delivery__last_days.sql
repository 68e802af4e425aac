-- The last day that the deliveries in force of a dataset tell of.
select
    authority_code,
    dataset,
    max(as_at_date) as last_date
from {{ ref('stg_scrutiny__deliveries') }}
where is_in_force
group by 1, 2
