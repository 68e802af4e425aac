-- Working days have a running number, so that the working days between two dates are a subtraction.
with days as (
    {{ day_series('2022-01-01', '2027-12-31') | indent(4) }}
),

marked as (
    select
        days.date_day,
        case when {{ iso_weekday('days.date_day') }} <= 5 and holidays.holiday_date is null then 1 else 0 end
            as is_working_day
    from days
    left join {{ ref('bank_holidays') }} as holidays
        on days.date_day = holidays.holiday_date
)

select
    date_day,
    cast(is_working_day as integer) as is_working_day,
    cast(
        sum(is_working_day) over (order by date_day rows between unbounded preceding and current row) as integer
    ) as working_day_number
from marked
