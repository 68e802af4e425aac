{% set care_leavers = '(select * from ' ~ ref('int_ssda903__care_leavers') ~ ' where age between ' %}
{% set aged_17_to_18 = care_leavers ~ '17 and 18)' %}
{% set aged_19_to_21 = care_leavers ~ '19 and 21)' %}
{% set aged_18_to_20_from_foster_care = care_leavers ~ '18 and 20 and is_from_foster_care_at_18)' %}
{% set listed = ref('int_annex_a__care_leaver_months') %}
{% set aged_17_to_21 = care_leavers ~ '17 and 21)' %}

{{ flow_evidence(
    'LV01', aged_17_to_18, 'birthday_month_date', 'child_key',
    is_numerator='subject.is_in_education_employment_or_training',
    is_not_known='subject.is_activity_not_known',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'LV02', aged_19_to_21, 'birthday_month_date', 'child_key',
    is_numerator='subject.is_in_education_employment_or_training',
    is_not_known='subject.is_activity_not_known',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'LV03', aged_19_to_21, 'birthday_month_date', 'child_key',
    is_numerator="subject.activity_code in ('G4', 'G5', 'G6')",
    is_not_known='subject.is_activity_not_known',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'LV04', aged_17_to_18, 'birthday_month_date', 'child_key',
    is_numerator='subject.is_accommodation_suitable',
    is_not_known='subject.is_accommodation_not_known',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'LV05', aged_19_to_21, 'birthday_month_date', 'child_key',
    is_numerator='subject.is_accommodation_suitable',
    is_not_known='subject.is_accommodation_not_known',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'LV06', aged_19_to_21, 'birthday_month_date', 'child_key',
    is_numerator="subject.in_touch_code = 'YES'",
    is_not_known='subject.in_touch_code is null',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'LV07', aged_19_to_21, 'birthday_month_date', 'child_key',
    is_numerator='subject.is_activity_not_known or subject.is_accommodation_not_known',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'LV07A', aged_19_to_21, 'birthday_month_date', 'child_key',
    is_numerator='subject.is_activity_not_known',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'LV07B', aged_19_to_21, 'birthday_month_date', 'child_key',
    is_numerator='subject.is_accommodation_not_known',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'LV08', aged_19_to_21, 'birthday_month_date', 'child_key',
    is_numerator="subject.activity_code in ('F1', 'P1')",
    is_not_known='subject.is_activity_not_known',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'LV09', aged_18_to_20_from_foster_care, 'birthday_month_date', 'child_key',
    is_numerator='subject.is_with_former_foster_carer',
    is_not_known='subject.is_accommodation_not_known',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ cohort_evidence(
    'LV10', listed, 'child_key',
    is_denominator='subject.is_entitled_to_adviser',
    is_numerator='subject.is_entitled_to_adviser and subject.is_plan_reviewed_within_6_months',
    is_not_known='subject.is_entitled_to_adviser and subject.is_plan_reviewed_within_6_months is null',
) }}
union all
{{ cohort_evidence(
    'LV11', listed, 'child_key',
    is_denominator='subject.is_entitled_to_adviser',
    is_numerator='subject.is_entitled_to_adviser and subject.has_personal_adviser',
) }}
union all
{{ cohort_evidence(
    'LV12', listed, 'child_key',
    is_denominator='subject.is_in_touch',
    is_numerator='subject.is_in_touch and subject.days_since_contact <= 56',
    is_not_known='subject.is_in_touch and subject.days_since_contact is null',
) }}
union all
{{ flow_evidence(
    'LV13', aged_17_to_21, 'birthday_month_date', 'child_key',
    is_numerator="subject.accommodation_code = 'S2'", is_denominator='false',
    is_not_known='subject.is_accommodation_not_known',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'LV13A', aged_17_to_21, 'birthday_month_date', 'child_key',
    is_numerator="subject.accommodation_code = 'X2'", is_denominator='false',
    is_not_known='subject.is_accommodation_not_known',
    exclusion_reason='subject.exclusion_reason',
) }}
