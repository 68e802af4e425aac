{% set starts = ref('int_ssda903__care_periods') %}
{% set looked_after = ref('int_ssda903__looked_after_months') %}
{% set all_year = 'subject.is_looked_after_all_year' %}
{% set under_5 = all_year ~ ' and subject.age_at_year_end < 5' %}
{% set aged_5_to_16 = all_year ~ ' and subject.age_at_year_end between 5 and 16' %}
{% set aged_10_or_over = all_year ~ ' and subject.age_at_year_end >= 10' %}

{{ cohort_evidence('CL01', looked_after, 'child_key', is_denominator='false') }}
union all
{{ cohort_evidence('CL02', looked_after, 'child_key', is_denominator='false') }}
union all
{{ flow_evidence(
    'CL03', starts, 'care_start_date', 'child_key',
    is_numerator='subject.is_start_recorded', is_denominator='false',
) }}
union all
{{ cohort_evidence('CL05', looked_after, 'child_key', is_numerator='subject.is_unaccompanied') }}
union all
{{ cohort_evidence(
    'CL05A', looked_after, 'child_key',
    is_numerator='subject.is_unaccompanied', is_denominator='false',
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
    'CL08', looked_after, 'child_key',
    is_numerator='subject.placement_distance_miles > 20',
    is_not_known='subject.placement_distance_miles is null',
) }}
union all
{{ cohort_evidence(
    'CL09', looked_after, 'child_key',
    is_numerator='subject.placement_distance_miles > 20 and not subject.is_placed_in_authority',
    is_not_known='(subject.placement_distance_miles > 20 and not subject.is_placed_in_authority) is null',
) }}
union all
{{ cohort_evidence(
    'CL10', looked_after, 'child_key',
    is_numerator='not subject.is_placed_in_authority',
    is_not_known='subject.is_placed_in_authority is null',
) }}
union all
{{ cohort_evidence(
    'CL11', looked_after, 'child_key',
    is_numerator="subject.placement_type_code in ('U1', 'U2', 'U3', 'U4', 'U5', 'U6')",
) }}
union all
{{ cohort_evidence(
    'CL12', looked_after, 'child_key',
    is_numerator="subject.placement_type_code in ('K1', 'K2')",
) }}
union all
{{ cohort_evidence(
    'CL13', looked_after, 'child_key',
    is_numerator="subject.placement_type_code in ('K3', 'H5', 'P2')",
) }}
union all
{{ cohort_evidence(
    'CL14', looked_after, 'child_key',
    is_numerator="subject.placement_type_code in ('Z1', 'Z11', 'Z12', 'Z13', 'Z14')",
) }}
union all
{{ cohort_evidence(
    'CL15', looked_after, 'child_key',
    is_numerator="subject.placement_type_code in ('U1', 'U2', 'U3')",
) }}
union all
{{ cohort_evidence(
    'CL16', looked_after, 'child_key',
    is_numerator="subject.placement_provider_code = 'PR1'",
    is_not_known="subject.placement_provider_code is null and substr(subject.placement_type_code, 1, 1) not in ('T', 'Z')",
) }}
union all
{{ cohort_evidence('CL17', looked_after, 'child_key', is_numerator="subject.placement_type_code = 'P1'") }}
union all
{{ cohort_evidence(
    'CL21', looked_after, 'child_key',
    is_denominator=all_year,
    is_numerator=all_year ~ ' and subject.has_health_assessment',
    is_not_known=all_year ~ ' and subject.has_health_assessment is null',
) }}
union all
{{ cohort_evidence(
    'CL22', looked_after, 'child_key',
    is_denominator=all_year,
    is_numerator=all_year ~ ' and subject.has_dental_check',
    is_not_known=all_year ~ ' and subject.has_dental_check is null',
) }}
union all
{{ cohort_evidence(
    'CL23', looked_after, 'child_key',
    is_denominator=all_year,
    is_numerator=all_year ~ ' and subject.is_immunised',
    is_not_known=all_year ~ ' and subject.is_immunised is null',
) }}
union all
{{ cohort_evidence(
    'CL24', looked_after, 'child_key',
    is_denominator=under_5,
    is_numerator=under_5 ~ ' and subject.has_development_check',
    is_not_known=under_5 ~ ' and subject.has_development_check is null',
) }}
union all
{{ cohort_evidence(
    'CL25', looked_after, 'child_key',
    is_denominator=aged_5_to_16 ~ ' and subject.sdq_score is not null',
    is_numerator=aged_5_to_16 ~ ' and subject.sdq_score is not null',
    numerator_weight='coalesce(subject.sdq_score, 0)',
) }}
union all
{{ cohort_evidence(
    'CL26', looked_after, 'child_key',
    is_denominator=aged_5_to_16 ~ ' and subject.sdq_score is not null',
    is_numerator=aged_5_to_16 ~ ' and subject.sdq_score >= 17',
) }}
union all
{{ cohort_evidence(
    'CL26A', looked_after, 'child_key',
    is_denominator=aged_5_to_16,
    is_numerator=aged_5_to_16 ~ ' and subject.sdq_score is not null',
    is_not_known=aged_5_to_16 ~ ' and not subject.has_health_record',
) }}
union all
{{ cohort_evidence(
    'CL27', looked_after, 'child_key',
    is_denominator=all_year,
    is_numerator=all_year ~ ' and subject.has_substance_misuse',
    is_not_known=all_year ~ ' and subject.has_substance_misuse is null',
) }}
union all
{{ cohort_evidence(
    'CL28', looked_after, 'child_key',
    is_denominator=aged_10_or_over,
    is_numerator=aged_10_or_over ~ ' and subject.is_convicted',
    is_not_known=aged_10_or_over ~ ' and subject.is_convicted is null',
) }}
union all
{{ cohort_evidence('CL34', looked_after, 'child_key', is_numerator="subject.legal_status_code = 'V2'") }}
