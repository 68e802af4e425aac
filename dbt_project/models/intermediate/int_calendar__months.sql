-- A financial year runs from April to March and is named by both years; month 1 is April.
with days as (
    {{ day_series('2015-04-01', '2030-03-31') | indent(4) }}
),

months as (
    select
        date_day as month_start_date,
        last_day(date_day) as month_end_date,
        {{ month_index('date_day') }} as month_index,
        cast((extract(month from date_day) + 8) % 12 + 1 as integer) as month_of_year,
        cast(
            extract(year from date_day) - case when extract(month from date_day) < 4 then 1 else 0 end as integer
        ) as start_year
    from days
    where extract(day from date_day) = 1
),

named as (
    select
        *,
        concat(start_year, '-', substr(cast(start_year + 1 as varchar(4)), 3, 2)) as financial_year,
        cast(floor((month_of_year - 1) / 3.0) as integer) + 1 as quarter_number
    from months
)

select
    {{ month_text('month_start_date') }} as month,
    month_index,
    month_start_date,
    month_end_date,
    {{ month_in_words('month_start_date') }} as month_name,
    month_of_year,
    start_year,
    financial_year,
    concat(financial_year, '-Q', quarter_number) as financial_quarter,
    last_day({{ add_months('month_start_date', '(quarter_number * 3 - month_of_year)') }}) as quarter_end_date
from named
