{% set care_leavers = ref('int_ssda903__care_leavers') %}

{{ flow_evidence(
    'LV02', care_leavers, 'birthday_month_date', 'child_key',
    is_numerator='subject.is_in_education_employment_or_training',
    is_not_known='subject.is_activity_not_known',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'LV05', care_leavers, 'birthday_month_date', 'child_key',
    is_numerator='subject.is_accommodation_suitable',
    is_not_known='subject.is_accommodation_not_known',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'LV07', care_leavers, 'birthday_month_date', 'child_key',
    is_numerator='subject.is_activity_not_known or subject.is_accommodation_not_known',
    exclusion_reason='subject.exclusion_reason',
) }}
