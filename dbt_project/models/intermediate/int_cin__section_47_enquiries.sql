-- The conference, where there was one, that followed the enquiry. Day 0 is the day the enquiry starts. An enquiry
-- that began in the last days the records tell of may still come to a conference.
select
    enquiries.authority_code,
    enquiries.child_key,
    enquiries.section_47_start_date,
    enquiries.initial_conference_date,
    held.working_day_number - started.working_day_number as working_days_to_conference,
    {{ days_between('enquiries.section_47_start_date', 'enquiries.initial_conference_date') }} as days_to_conference,
    last_known.working_day_number - started.working_day_number as working_days_known,
    case when referrals.is_no_further_action then 'Referral closed with no further action' end as exclusion_reason,
    {{ sex_in_words('coalesce(children.sex_code, children.gender_code)') }} as sex,
    children.birth_month
from {{ ref('stg_cin__section_47') }} as enquiries
left join {{ ref('stg_cin__cin_details') }} as referrals
    on
        enquiries.authority_code = referrals.authority_code
        and enquiries.child_key = referrals.child_key
        and enquiries.referral_date = referrals.referral_date
left join {{ ref('stg_cin__children') }} as children
    on enquiries.authority_code = children.authority_code and enquiries.child_key = children.child_key
left join {{ ref('int_calendar__days') }} as started
    on enquiries.section_47_start_date = started.date_day
left join {{ ref('int_calendar__days') }} as held
    on enquiries.initial_conference_date = held.date_day
left join {{ ref('int_delivery__last_days') }} as records
    on enquiries.authority_code = records.authority_code and records.dataset = 'cin'
left join {{ ref('int_calendar__days') }} as last_known
    on records.last_date = last_known.date_day
