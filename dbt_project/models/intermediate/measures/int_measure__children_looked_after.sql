{% set starts = ref('int_ssda903__care_periods') %}
{% set looked_after = ref('int_ssda903__looked_after_months') %}

{{ cohort_evidence('CL01', looked_after, 'child_key', is_denominator='false') }}
union all
{{ flow_evidence(
    'CL03', starts, 'care_start_date', 'child_key',
    is_numerator='subject.is_start_recorded', is_denominator='false',
) }}
union all
{{ cohort_evidence('CL06', looked_after, 'child_key', is_numerator='subject.placement_count >= 3') }}
union all
{{ cohort_evidence(
    'CL07', looked_after, 'child_key',
    is_denominator='subject.is_looked_after_30_months and subject.age < 16',
    is_numerator='subject.is_looked_after_30_months and subject.age < 16 and subject.is_with_carer_24_months',
) }}
union all
{{ cohort_evidence(
    'CL11', looked_after, 'child_key',
    is_numerator="subject.placement_type_code in ('U1', 'U2', 'U3', 'U4', 'U5', 'U6')",
) }}
union all
{{ cohort_evidence(
    'CL21', looked_after, 'child_key',
    is_denominator='subject.is_looked_after_all_year',
    is_numerator='subject.is_looked_after_all_year and subject.has_health_assessment',
    is_not_known='subject.is_looked_after_all_year and subject.has_health_assessment is null',
) }}
