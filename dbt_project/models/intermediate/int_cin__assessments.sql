-- Working days from the start of the assessment (the indicator's clock) and, beside it, from the referral.
-- Day 0 is the day the clock starts. A start before the calendar begins is over any limit counted here: its
-- working days are null. An assessment never authorised ends with its case, or with the last file that lists it.
select
    assessments.authority_code,
    assessments.child_key,
    assessments.referral_date,
    assessments.assessment_start_date,
    assessments.authorisation_date,
    coalesce(
        assessments.authorisation_date,
        referrals.closure_date,
        case when not assessments.is_latest_period then assessments.delivery_period_end_date end
    ) as assessment_end_date,
    authorised.working_day_number - started.working_day_number as working_days_from_start,
    authorised.working_day_number - referred.working_day_number as working_days_from_referral,
    case when referrals.is_no_further_action then 'Referral closed with no further action' end as exclusion_reason,
    {{ sex_in_words('coalesce(children.sex_code, children.gender_code)') }} as sex,
    children.birth_month
from {{ ref('stg_cin__assessments') }} as assessments
left join {{ ref('stg_cin__cin_details') }} as referrals
    on
        assessments.authority_code = referrals.authority_code
        and assessments.child_key = referrals.child_key
        and assessments.referral_date = referrals.referral_date
left join {{ ref('stg_cin__children') }} as children
    on assessments.authority_code = children.authority_code and assessments.child_key = children.child_key
left join {{ ref('int_calendar__days') }} as started
    on assessments.assessment_start_date = started.date_day
left join {{ ref('int_calendar__days') }} as authorised
    on assessments.authorisation_date = authorised.date_day
left join {{ ref('int_calendar__days') }} as referred
    on assessments.referral_date = referred.date_day
