-- Fostering households approved at the end of each month for which there is an extract, with their last review.
with approved as (
    select
        households.*,
        {{ month_text('households.as_at_date') }} as month
    from {{ ref('stg_fostering__households_at_extract') }} as households
    where
        households.approval_date <= households.as_at_date
        and (households.deregistration_date is null or households.deregistration_date > households.as_at_date)
),

last_reviews as (
    select
        approved.authority_code,
        approved.foster_household_key,
        approved.as_at_date,
        max(reviews.review_date) as last_review_date
    from approved
    inner join {{ ref('stg_fostering__foster_carer_reviews') }} as reviews
        on
            approved.authority_code = reviews.authority_code
            and approved.foster_household_key = reviews.foster_household_key
            and reviews.review_date <= approved.as_at_date
    group by 1, 2, 3
)

select
    approved.authority_code,
    approved.foster_household_key,
    approved.month,
    approved.household_type_code in ('Mainstream', 'Short breaks') as is_mainstream,
    approved.approved_places,
    approved.filled_places,
    coalesce(last_reviews.last_review_date >= {{ add_months('approved.as_at_date', -12) }}, false)
        as is_reviewed_within_12_months,
    case
        when approved.approval_date > {{ add_months('approved.as_at_date', -12) }}
            then 'Approved less than 12 months ago'
    end as review_exclusion_reason,
    cast(null as date) as birth_month,
    cast(null as {{ text_type() }}) as sex
from approved
left join last_reviews
    on
        approved.authority_code = last_reviews.authority_code
        and approved.foster_household_key = last_reviews.foster_household_key
        and approved.as_at_date = last_reviews.as_at_date
