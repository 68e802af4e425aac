{{ cohort_evidence(
    'AD27', ref('int_cld__reviewed_months'), 'client_key',
    is_numerator='subject.is_reviewed',
) }}
union all
{{ cohort_evidence(
    'AD29', ref('int_cld__carer_months'), 'client_key',
    is_numerator='subject.is_assessed_or_reviewed',
) }}
union all
{{ flow_evidence(
    'AD08', ref('int_cld__care_home_admissions'), 'admission_date', 'client_key',
    is_denominator='false',
) }}
union all
{{ cohort_evidence(
    'AD20', ref('int_cld__community_support_months'), 'client_key',
    is_numerator='subject.has_direct_payment',
    is_not_known='subject.is_mechanism_not_known',
) }}
