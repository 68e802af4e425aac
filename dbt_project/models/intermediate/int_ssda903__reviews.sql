-- Reviews of children while they were looked after, with the period of care they belong to and their number in it.
with reviews as (
    select
        reviews.authority_code,
        reviews.child_key,
        reviews.review_date,
        reviews.review_code,
        periods.sex,
        periods.birth_month,
        max(periods.care_start_date) as care_start_date
    from {{ ref('stg_ssda903__reviews') }} as reviews
    inner join {{ ref('int_ssda903__care_periods') }} as periods
        on
            reviews.authority_code = periods.authority_code
            and reviews.child_key = periods.child_key
            and reviews.review_date >= periods.care_start_date
            and (periods.care_end_date is null or reviews.review_date <= periods.care_end_date)
    group by 1, 2, 3, 4, 5, 6
)

select
    *,
    row_number() over (
        partition by authority_code, child_key, care_start_date order by review_date
    ) as review_number
from reviews
