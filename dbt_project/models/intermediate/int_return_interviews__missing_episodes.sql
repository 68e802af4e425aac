-- Times a child was missing, with the days until a return interview was offered.
select
    interviews.authority_code,
    interviews.child_key,
    interviews.missing_end_date,
    interviews.is_interview_offered,
    {{ days_between('interviews.missing_end_date', 'interviews.offered_date') }} as days_to_offer,
    {{ sex_in_words('header.sex_code') }} as sex,
    header.birth_month
from {{ ref('stg_return_interviews__return_interviews') }} as interviews
left join {{ ref('stg_ssda903__header') }} as header
    on interviews.authority_code = header.authority_code and interviews.child_key = header.child_key
