-- From the first month any dataset covers to the load month.
with load as (
    select
        min(covered.month) as first_month,
        max(feed_status.load_month) as last_month
    from {{ ref('stg_scrutiny__feed_status') }} as feed_status
    cross join {{ ref('int_delivery__covered_months') }} as covered
)

select
    months.month,
    months.month_end_date,
    months.financial_year,
    months.financial_quarter,
    months.quarter_end_date,
    months.month_of_year
from {{ ref('int_calendar__months') }} as months
inner join load
    on months.month between load.first_month and load.last_month
