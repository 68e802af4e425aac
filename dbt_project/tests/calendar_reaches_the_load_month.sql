-- Fails when the calendar has run out: add bank holidays to the seed and lengthen int_calendar__days.
select max(load_month) as load_month
from {{ ref('stg_scrutiny__feed_status') }}
having max(load_month) > (select {{ month_text('max(date_day)') }} from {{ ref('int_calendar__days') }})
