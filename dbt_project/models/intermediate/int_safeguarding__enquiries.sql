select
    authority_code,
    safeguarding_enquiry_key,
    enquiry_type_code = 'Section 42' as is_section_42,
    start_date as enquiry_start_date,
    end_date as enquiry_end_date,
    {{ days_between('start_date', 'end_date') }} as enquiry_days,
    risk_outcome_code,
    making_safeguarding_personal_code,
    outcomes_achieved_code,
    cast(null as date) as birth_month,
    cast(null as {{ text_type() }}) as sex
from {{ ref('stg_safeguarding__enquiries') }}
