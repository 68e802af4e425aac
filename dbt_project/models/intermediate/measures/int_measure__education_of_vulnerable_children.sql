{% set absence = ref('int_school_census__absence_years') %}
{% set suspensions = ref('int_school_census__suspension_years') %}
{% set pupils = ref('int_school_census__social_care_pupils') %}
{% set looked_after = "subject.social_care_group = 'Looked after for 12 months'" %}
{% set protected = "subject.social_care_group = 'Child protection plan'" %}
{% set in_need = "subject.social_care_group = 'In need'" %}
{% set persistent = ' and subject.sessions_missed >= 0.1 * subject.sessions_possible' %}
{% set severe = ' and subject.sessions_missed >= 0.5 * subject.sessions_possible' %}
{% set weights = {'numerator_weight': 'subject.sessions_missed', 'denominator_weight': 'subject.sessions_possible'} %}
{% set on_roll_from_four = looked_after ~ ' and subject.is_on_roll and subject.age_at_year_start >= 4' %}

{{ cohort_evidence('ED01', absence, 'child_key', is_denominator=looked_after, is_numerator=looked_after, **weights) }}
union all
{{ cohort_evidence('ED01A', absence, 'child_key', is_denominator=protected, is_numerator=protected, **weights) }}
union all
{{ cohort_evidence('ED01B', absence, 'child_key', is_denominator=in_need, is_numerator=in_need, **weights) }}
union all
{{ cohort_evidence(
    'ED02', absence, 'child_key', is_denominator=looked_after, is_numerator=looked_after ~ persistent
) }}
union all
{{ cohort_evidence(
    'ED02A', absence, 'child_key', is_denominator=protected, is_numerator=protected ~ persistent
) }}
union all
{{ cohort_evidence(
    'ED02B', absence, 'child_key', is_denominator=in_need, is_numerator=in_need ~ persistent
) }}
union all
{{ cohort_evidence(
    'ED03', absence, 'child_key', is_denominator=looked_after, is_numerator=looked_after ~ severe
) }}
union all
{{ cohort_evidence(
    'ED03A', absence, 'child_key', is_denominator=protected, is_numerator=protected ~ severe
) }}
union all
{{ cohort_evidence(
    'ED03B', absence, 'child_key', is_denominator=in_need, is_numerator=in_need ~ severe
) }}
union all
{{ cohort_evidence(
    'ED07', suspensions, 'child_key', is_denominator=looked_after, is_numerator=looked_after ~ ' and subject.is_suspended'
) }}
union all
{{ cohort_evidence(
    'ED08', pupils, 'child_key',
    is_denominator=on_roll_from_four,
    is_numerator=on_roll_from_four ~ ' and subject.has_plan',
    is_not_known=on_roll_from_four ~ ' and subject.has_plan is null',
) }}
