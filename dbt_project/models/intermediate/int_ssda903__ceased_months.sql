-- Children who ceased to be looked after in the 12 months to the end of each month, once each: the last time counts.
with ceased as (
    select
        covered.month,
        periods.*,
        row_number() over (
            partition by periods.authority_code, periods.child_key, covered.month
            order by periods.care_end_date desc nulls last
        ) as newest_first
    from {{ ref('int_delivery__covered_months') }} as covered
    inner join {{ ref('int_ssda903__care_periods') }} as periods
        on
            covered.authority_code = periods.authority_code
            and periods.care_end_date >= {{ add_months('covered.month_start_date', -11) }}
            and periods.care_end_date <= covered.month_end_date
    where covered.dataset = 'ssda903' and covered.table_name = 'episodes' and not periods.is_followed_by_short_breaks
)

select
    authority_code,
    child_key,
    month,
    care_end_date,
    care_end_reason_code,
    sex,
    birth_month
from ceased
where newest_first = 1
