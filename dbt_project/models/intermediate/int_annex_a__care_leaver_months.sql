-- Care leavers as each month's list shows them on its day.
select
    authority_code,
    child_key,
    {{ month_text('as_at_date') }} as month,
    eligibility_code in ('Eligible', 'Relevant', 'Former relevant') as is_entitled_to_adviser,
    personal_adviser_key is not null as has_personal_adviser,
    pathway_plan_review_date >= {{ add_months('as_at_date', -6) }} as is_plan_reviewed_within_6_months,
    in_touch_code = 'YES' as is_in_touch,
    {{ days_between('latest_contact_date', 'as_at_date') }} as days_since_contact,
    {{ sex_in_words('gender_code') }} as sex,
    birth_month
from {{ ref('stg_annex_a__care_leavers') }}
