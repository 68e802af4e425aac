-- Concerns received and section 42 enquiries started, one below the other: not every enquiry starts in the month of
-- its concern, so the one is not a part of the other.
select
    authority_code,
    safeguarding_concern_key as record_key,
    concern_date as happened_on,
    true as is_concern,
    birth_month,
    sex
from {{ ref('int_safeguarding__concerns') }}
union all
select
    authority_code,
    safeguarding_enquiry_key as record_key,
    enquiry_start_date as happened_on,
    false as is_concern,
    birth_month,
    sex
from {{ ref('int_safeguarding__enquiries') }}
where is_section_42
