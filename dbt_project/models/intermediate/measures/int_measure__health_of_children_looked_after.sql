{% set looked_after = ref('int_ssda903__looked_after_months') %}
{% set all_year = 'subject.is_looked_after_all_year' %}
{% set under_5 = all_year ~ ' and subject.age_at_year_end < 5' %}
{% set aged_5_to_16 = all_year ~ ' and subject.age_at_year_end between 5 and 16' %}
{% set aged_10_or_over = all_year ~ ' and subject.age_at_year_end >= 10' %}

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
