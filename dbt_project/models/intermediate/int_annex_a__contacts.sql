-- Contacts, each with the working days to the child's next referral: that of the same day, or a later one. What comes
-- of contacts in the last days the records tell of is not known yet.
with followed as (
    select
        contacts.authority_code,
        contacts.child_key,
        contacts.contact_date,
        min(referrals.referral_date) as next_referral_date
    from {{ ref('stg_annex_a__contacts') }} as contacts
    inner join {{ ref('stg_annex_a__referrals') }} as referrals
        on
            contacts.authority_code = referrals.authority_code
            and contacts.child_key = referrals.child_key
            and contacts.contact_date <= referrals.referral_date
    group by 1, 2, 3
)

select
    contacts.authority_code,
    contacts.child_key,
    contacts.contact_date,
    contacts.contact_source_code,
    followed.next_referral_date,
    referred.working_day_number - contacted.working_day_number as working_days_to_referral,
    last_known.working_day_number - contacted.working_day_number as working_days_known,
    {{ sex_in_words('contacts.gender_code') }} as sex,
    contacts.birth_month
from {{ ref('stg_annex_a__contacts') }} as contacts
left join followed
    on
        contacts.authority_code = followed.authority_code
        and contacts.child_key = followed.child_key
        and contacts.contact_date = followed.contact_date
left join {{ ref('int_delivery__last_days') }} as records
    on contacts.authority_code = records.authority_code and records.dataset = 'annex_a'
left join {{ ref('int_calendar__days') }} as contacted
    on contacts.contact_date = contacted.date_day
left join {{ ref('int_calendar__days') }} as referred
    on followed.next_referral_date = referred.date_day
left join {{ ref('int_calendar__days') }} as last_known
    on records.last_date = last_known.date_day
