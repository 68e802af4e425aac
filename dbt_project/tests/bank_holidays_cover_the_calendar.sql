-- Working days are only right in years whose bank holidays are listed: England has eight or more a year.
select extract(year from days.date_day) as calendar_year
from {{ ref('int_calendar__days') }} as days
left join {{ ref('bank_holidays') }} as holidays
    on days.date_day = holidays.holiday_date
group by 1
having count(holidays.holiday_date) < 8
