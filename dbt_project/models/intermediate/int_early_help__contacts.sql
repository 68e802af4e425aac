-- Contacts with the working days to the decision what to do. The last days the records tell of leave no time for one.
select
    contacts.authority_code,
    contacts.contact_key,
    contacts.child_key,
    contacts.contact_date,
    contacts.decision_date,
    decided.working_day_number - contacted.working_day_number as working_days_to_decision,
    last_known.working_day_number - contacted.working_day_number as working_days_known,
    cast(null as {{ text_type() }}) as sex,
    contacts.birth_month
from {{ ref('stg_early_help__contacts') }} as contacts
left join {{ ref('int_delivery__last_days') }} as records
    on contacts.authority_code = records.authority_code and records.dataset = 'early_help'
left join {{ ref('int_calendar__days') }} as contacted
    on contacts.contact_date = contacted.date_day
left join {{ ref('int_calendar__days') }} as decided
    on contacts.decision_date = decided.date_day
left join {{ ref('int_calendar__days') }} as last_known
    on records.last_date = last_known.date_day
