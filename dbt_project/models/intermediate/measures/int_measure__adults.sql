{% set admissions = ref('int_cld__care_home_admissions') %}
{% set supported = ref('int_cld__supported_months') %}
{% set supported_in_year = ref('int_cld__supported_year_months') %}
{% set carers = ref('int_cld__carer_support_months') %}

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
    'AD07', admissions, 'admission_date', 'client_key',
    is_numerator='subject.age_at_admission between 18 and 64', is_denominator='false',
) }}
union all
{{ flow_evidence(
    'AD08', admissions, 'admission_date', 'client_key',
    is_numerator='subject.age_at_admission >= 65', is_denominator='false',
) }}
union all
{{ cohort_evidence(
    'AD11', supported_in_year, 'client_key',
    is_denominator='subject.has_learning_disability and subject.age between 18 and 64',
    is_numerator='subject.has_learning_disability and subject.age between 18 and 64 and subject.is_settled',
    is_not_known='subject.is_home_not_known',
) }}
union all
{{ cohort_evidence(
    'AD12', supported_in_year, 'client_key',
    is_denominator='subject.age between 18 and 64',
    is_numerator='subject.age between 18 and 64 and subject.is_settled',
    is_not_known='subject.is_home_not_known',
) }}
union all
{{ cohort_evidence(
    'AD13', supported_in_year, 'client_key',
    is_denominator='subject.age >= 65',
    is_numerator='subject.age >= 65 and subject.is_settled',
    is_not_known='subject.is_home_not_known',
) }}
union all
{{ cohort_evidence(
    'AD18', supported, 'client_key',
    is_denominator='not subject.is_in_care_home',
    is_numerator='not subject.is_in_care_home and subject.has_self_directed_support',
    is_not_known='subject.is_mechanism_not_known',
) }}
union all
{{ cohort_evidence('AD19', carers, 'client_key', is_numerator='subject.has_self_directed_support') }}
union all
{{ cohort_evidence(
    'AD20', supported, 'client_key',
    is_denominator='not subject.is_in_care_home',
    is_numerator='not subject.is_in_care_home and subject.has_direct_payment',
    is_not_known='subject.is_mechanism_not_known',
) }}
union all
{{ cohort_evidence('AD21', carers, 'client_key', is_numerator='subject.has_direct_payment') }}
union all
{{ cohort_evidence(
    'AD42', supported, 'client_key',
    is_numerator='subject.is_in_care_home_long_term', is_denominator='false',
) }}
union all
{{ cohort_evidence('AD43', supported, 'client_key', is_denominator='false') }}
union all
{{ cohort_evidence(
    'AD43A', supported, 'client_key',
    is_numerator='not subject.is_in_care_home', is_denominator='false',
) }}
union all
{{ cohort_evidence(
    'AD44', supported, 'client_key',
    is_denominator='subject.has_home_care', is_numerator='subject.has_home_care',
    numerator_weight='coalesce(subject.home_care_hours, 0)',
    exclusion_reason="case when subject.has_home_care and subject.home_care_hours is null then 'Hours not recorded' end",
) }}
union all
{{ cohort_evidence(
    'AD44A', supported, 'client_key',
    is_numerator='subject.home_care_hours > 0', is_denominator='false',
    numerator_weight='subject.home_care_hours',
) }}
union all
{{ cohort_evidence(
    'AD45', supported, 'client_key',
    is_denominator='subject.weekly_cost > 0', is_numerator='subject.weekly_cost > 0',
    numerator_weight='coalesce(subject.weekly_cost, 0)',
    exclusion_reason="case when subject.weekly_cost is null then 'Cost not recorded' end",
) }}
union all
{{ cohort_evidence(
    'AD46', supported_in_year, 'client_key',
    is_denominator='subject.has_learning_disability and subject.age between 18 and 64',
    is_numerator='subject.has_learning_disability and subject.age between 18 and 64 and subject.is_in_paid_work',
    is_not_known='subject.is_employment_not_known',
) }}
