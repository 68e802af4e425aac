-- Each person with over 12 months of long-term support at the end of a month, and whether a review of it was
-- finished in the 12 months to that day.
with cohort as (
    select
        covered.month,
        covered.month_index,
        spells.authority_code,
        spells.client_key,
        max(spells.sex) as sex,
        max(spells.birth_month) as birth_month
    from {{ ref('int_delivery__covered_months') }} as covered
    inner join {{ ref('int_cld__long_term_spells') }} as spells
        on
            covered.authority_code = spells.authority_code
            and spells.spell_start_date < {{ add_months('covered.month_end_date', -12) }}
            and (spells.spell_end_date is null or spells.spell_end_date > covered.month_end_date)
    where covered.dataset = 'cld'
    group by 1, 2, 3, 4
),

reviews as (
    select distinct
        authority_code,
        client_key,
        {{ month_index('event_end_date') }} as month_index
    from {{ ref('int_cld__events') }}
    where
        event_type = 'Review'
        and client_type = 'Service user'
        and coalesce(review_reason, '') != 'Review of short term support'
        and coalesce(method_of_review, 'Service user only') in ('Service user only', 'Service user and carer')
),

reviewed as (
    select distinct
        cohort.authority_code,
        cohort.client_key,
        cohort.month
    from cohort
    inner join reviews
        on
            cohort.authority_code = reviews.authority_code
            and cohort.client_key = reviews.client_key
            and reviews.month_index between cohort.month_index - 11 and cohort.month_index
)

select
    cohort.authority_code,
    cohort.client_key,
    cohort.month,
    reviewed.client_key is not null as is_reviewed,
    cohort.sex,
    cohort.birth_month
from cohort
left join reviewed
    on
        cohort.authority_code = reviewed.authority_code
        and cohort.client_key = reviewed.client_key
        and cohort.month = reviewed.month
