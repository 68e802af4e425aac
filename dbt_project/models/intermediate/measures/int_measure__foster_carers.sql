{% set households = ref('int_fostering__household_months') %}
{% set mainstream = '(select * from ' ~ households ~ ' where is_mainstream)' %}
{% set changes = ref('int_fostering__household_changes') %}
{% set applications = ref('int_fostering__application_months') %}

{{ cohort_evidence('FC01', mainstream, 'foster_household_key', is_denominator='false') }}
union all
{{ cohort_evidence(
    'FC02', mainstream, 'foster_household_key',
    numerator_weight='subject.approved_places', is_denominator='false',
) }}
union all
{{ cohort_evidence(
    'FC03', mainstream, 'foster_household_key',
    numerator_weight='coalesce(subject.filled_places, 0)', is_denominator='false',
    is_not_known='subject.filled_places is null',
) }}
union all
{{ cohort_evidence(
    'FC03A', mainstream, 'foster_household_key',
    numerator_weight='coalesce(subject.filled_places, 0)', denominator_weight='subject.approved_places',
    is_not_known='subject.filled_places is null',
) }}
union all
{{ flow_evidence(
    'FC04', changes, 'change_date', 'foster_household_key',
    is_numerator='subject.change = 1', is_denominator='false',
) }}
union all
{{ flow_evidence(
    'FC05', changes, 'change_date', 'foster_household_key',
    is_numerator='subject.change = -1', is_denominator='false',
) }}
union all
{{ flow_evidence(
    'FC06', changes, 'change_date', 'foster_household_key',
    numerator_weight='subject.change', is_denominator='false',
) }}
union all
{{ cohort_evidence('FC07', applications, 'fostering_enquiry_key', is_numerator='subject.is_approved') }}
union all
{{ cohort_evidence(
    'FC08', households, 'foster_household_key',
    is_numerator='subject.is_reviewed_within_12_months',
    exclusion_reason='subject.review_exclusion_reason',
) }}
