-- The months a table of the deliveries in force says something about: from the start of the period of the first to
-- the day the last one was taken. A delivery says nothing of a table that did not come with it. A table that tells
-- how things are on the day of the extract says so of that day's month only. A school census counts the term before it:
-- whenever it is taken in its own, it says all it will of the whole term, August with its holidays too.
with deliveries as (
    select
        deliveries.*,
        case
            when deliveries.dataset = 'school_census' then deliveries.period_end else deliveries.as_at_date
        end as told_until_date,
        tables.table_name,
        tables.is_as_on_its_day
    from {{ ref('stg_scrutiny__deliveries') }} as deliveries
    inner join {{ ref('stg_scrutiny__delivered_tables') }} as tables
        on deliveries.delivery_id = tables.delivery_id
    where deliveries.is_in_force or deliveries.is_in_force_at_its_date
),

extract_days as (
    select distinct
        authority_code,
        dataset,
        as_at_date
    from deliveries
    where is_in_force_at_its_date
)

select distinct
    deliveries.authority_code,
    deliveries.dataset,
    deliveries.table_name,
    deliveries.is_as_on_its_day,
    months.month,
    months.month_index,
    months.month_start_date,
    months.month_end_date,
    extract_days.as_at_date is not null as is_extract_month
from deliveries
inner join {{ ref('int_calendar__months') }} as months
    on deliveries.period_start <= months.month_start_date and deliveries.told_until_date >= months.month_end_date
left join extract_days
    on
        deliveries.authority_code = extract_days.authority_code
        and deliveries.dataset = extract_days.dataset
        and months.month_end_date = extract_days.as_at_date
where
    (deliveries.is_in_force and not deliveries.is_as_on_its_day)
    or (
        deliveries.is_in_force_at_its_date
        and deliveries.is_as_on_its_day
        and deliveries.as_at_date = months.month_end_date
    )
