-- The months a dataset's deliveries in force say something about: from the start of the period of the first
-- to the day the last one was taken.
with deliveries as (
    select *
    from {{ ref('stg_scrutiny__deliveries') }}
    where is_in_force or is_in_force_at_its_date
)

select
    deliveries.authority_code,
    deliveries.dataset,
    months.month,
    months.month_index,
    months.month_start_date,
    months.month_end_date,
    max(case when deliveries.as_at_date = months.month_end_date then 1 else 0 end) = 1 as is_extract_month
from deliveries
inner join {{ ref('int_calendar__months') }} as months
    on deliveries.period_start <= months.month_start_date and deliveries.as_at_date >= months.month_end_date
group by 1, 2, 3, 4, 5, 6
