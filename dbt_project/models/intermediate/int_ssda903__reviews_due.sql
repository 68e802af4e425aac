-- The reviews that fell due: the first 20 working days after the child came into care, the second three months after
-- the first, each other six months after the one before. Of care that began before the records nobody can tell which
-- review is the first one listed: it is due within the first six months of the records, the next six months later.
with records as (
    select
        authority_code,
        min(month_start_date) as records_start_date
    from {{ ref('int_delivery__covered_months') }}
    where dataset = 'ssda903' and table_name = 'episodes'
    group by 1
),

periods as (
    select
        periods.authority_code,
        periods.child_key,
        periods.care_start_date,
        records.records_start_date,
        periods.care_start_date < records.records_start_date as is_from_before_the_records,
        starts.working_day_number
    from {{ ref('int_ssda903__care_periods') }} as periods
    inner join records
        on periods.authority_code = records.authority_code
    left join {{ ref('int_calendar__days') }} as starts
        on periods.care_start_date = starts.date_day
),

due as (
    select
        periods.authority_code,
        periods.child_key,
        periods.care_start_date,
        1 as review_number,
        case
            when periods.is_from_before_the_records then {{ add_months('periods.records_start_date', 6) }}
            else days.date_day
        end as due_date
    from periods
    left join {{ ref('int_calendar__days') }} as days
        on periods.working_day_number + 20 = days.working_day_number and days.is_working_day = 1
    union all
    select
        reviews.authority_code,
        reviews.child_key,
        reviews.care_start_date,
        reviews.review_number + 1 as review_number,
        case
            when reviews.review_number = 1 and not periods.is_from_before_the_records
                then {{ add_months('reviews.review_date', 3) }}
            else {{ add_months('reviews.review_date', 6) }}
        end as due_date
    from {{ ref('int_ssda903__reviews') }} as reviews
    inner join periods
        on
            reviews.authority_code = periods.authority_code
            and reviews.child_key = periods.child_key
            and reviews.care_start_date = periods.care_start_date
)

select
    due.authority_code,
    due.child_key,
    due.care_start_date,
    due.review_number,
    due.due_date,
    reviews.review_date,
    reviews.review_date is null or reviews.review_date > due.due_date as is_late
from due
left join {{ ref('int_ssda903__reviews') }} as reviews
    on
        due.authority_code = reviews.authority_code
        and due.child_key = reviews.child_key
        and due.care_start_date = reviews.care_start_date
        and due.review_number = reviews.review_number
