{% set concerns = ref('int_safeguarding__concerns') %}
{% set enquiries = ref('int_safeguarding__enquiries') %}
{% set conversions = ref('int_safeguarding__conversions') %}
{% set applications = ref('int_deprivation_of_liberty__applications') %}

{{ flow_evidence('SG01', concerns, 'concern_date', 'safeguarding_concern_key', is_denominator='false') }}
union all
{{ flow_evidence(
    'SG02', enquiries, 'enquiry_start_date', 'safeguarding_enquiry_key',
    is_numerator='subject.is_section_42', is_denominator='false',
) }}
union all
{{ flow_evidence(
    'SG03', conversions, 'happened_on', 'record_key',
    is_denominator='subject.is_concern', is_numerator='not subject.is_concern',
) }}
union all
{{ flow_evidence(
    'SG04', concerns, 'concern_date', 'safeguarding_concern_key',
    is_numerator='subject.working_days_to_decision <= 2',
) }}
union all
{{ flow_evidence(
    'SG05', enquiries, 'enquiry_end_date', 'safeguarding_enquiry_key',
    is_numerator='subject.enquiry_days <= 28',
) }}
union all
{{ flow_evidence(
    'SG06', enquiries, 'enquiry_end_date', 'safeguarding_enquiry_key',
    is_denominator="subject.is_section_42 and subject.risk_outcome_code in ('Remained', 'Reduced', 'Removed')",
    is_numerator="subject.is_section_42 and subject.risk_outcome_code in ('Reduced', 'Removed')",
) }}
union all
{{ flow_evidence(
    'SG07', enquiries, 'enquiry_end_date', 'safeguarding_enquiry_key',
    is_numerator="subject.making_safeguarding_personal_code like 'Asked%'",
    is_not_known="coalesce(subject.making_safeguarding_personal_code, 'Not recorded') in ('Not known', 'Not recorded')",
) }}
union all
{{ flow_evidence(
    'SG08', enquiries, 'enquiry_end_date', 'safeguarding_enquiry_key',
    is_denominator="subject.making_safeguarding_personal_code = 'Asked and outcomes expressed'",
    is_numerator="subject.making_safeguarding_personal_code = 'Asked and outcomes expressed' "
    ~ "and subject.outcomes_achieved_code in ('Fully', 'Partially')",
    is_not_known='subject.outcomes_achieved_code is null',
) }}
union all
{{ cohort_evidence(
    'SG09', ref('int_safeguarding__concern_year_months'), 'person_key',
    is_numerator='subject.has_repeat',
) }}
union all
{{ flow_evidence('AD48', applications, 'received_date', 'application_key', is_denominator='false') }}
union all
{{ flow_evidence('AD49', applications, 'completed_date', 'application_key', is_denominator='false') }}
union all
{{ stock_evidence('AD50', applications, 'received_date', 'closed_date', 'application_key', is_denominator='false') }}
union all
{{ flow_evidence(
    'AD51', applications, 'completed_date', 'application_key',
    is_numerator='subject.days_to_complete <= 21',
) }}
union all
{{ flow_evidence(
    'AD52', applications, 'completed_date', 'application_key',
    numerator_weight='subject.days_to_complete',
) }}
