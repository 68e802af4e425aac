{% set ceased = ref('int_ssda903__ceased_months') %}
{% set adoptions = ref('int_ssda903__adoptions') %}
{% set waits = ref('int_ssda903__adoption_waits') %}
{% set decisions = ref('int_ssda903__adoption_decisions') %}
{% set looked_after = ref('int_ssda903__looked_after_months') %}
{% set no_date = " is null then 'A date it needs is not in the records' end" %}

{{ cohort_evidence(
    'PM01', ceased, 'child_key',
    is_numerator="subject.care_end_reason_code in ('E11', 'E12')", is_denominator='false',
    is_not_known='subject.care_end_reason_code is null',
) }}
union all
{{ cohort_evidence(
    'PM02', ceased, 'child_key',
    is_numerator="subject.care_end_reason_code in ('E11', 'E12')",
    is_not_known='subject.care_end_reason_code is null',
) }}
union all
{{ flow_evidence(
    'PM03', adoptions, 'adoption_date', 'child_key',
    numerator_weight='coalesce(subject.days_from_entry_to_placement, 0)',
    exclusion_reason='case when subject.days_from_entry_to_placement' ~ no_date,
) }}
union all
{{ flow_evidence(
    'PM04', adoptions, 'adoption_date', 'child_key',
    numerator_weight='coalesce(subject.days_from_entry_to_family, 0)',
    exclusion_reason='case when subject.days_from_entry_to_family' ~ no_date,
) }}
union all
{{ flow_evidence(
    'PM05', adoptions, 'adoption_date', 'child_key',
    numerator_weight='coalesce(subject.days_from_order_to_match, 0)',
    exclusion_reason='case when subject.days_from_order_to_match' ~ no_date,
) }}
union all
{{ flow_evidence(
    'PM06', adoptions, 'adoption_date', 'child_key',
    numerator_weight='coalesce(subject.days_from_order_to_match_or_family, 0)',
    exclusion_reason='case when subject.days_from_order_to_match_or_family' ~ no_date,
) }}
union all
{{ cohort_evidence(
    'PM07', waits, 'child_key',
    is_numerator='subject.days_waited < 426',
    exclusion_reason='case when subject.days_waited' ~ no_date,
) }}
union all
{{ flow_evidence(
    'PM08', adoptions, 'adoption_date', 'child_key',
    numerator_weight='coalesce(subject.days_from_entry_to_decision, 0)',
    exclusion_reason='case when subject.days_from_entry_to_decision' ~ no_date,
) }}
union all
{{ flow_evidence(
    'PM08A', adoptions, 'adoption_date', 'child_key',
    numerator_weight='coalesce(subject.days_from_decision_to_match, 0)',
    exclusion_reason='case when subject.days_from_decision_to_match' ~ no_date,
) }}
union all
{{ flow_evidence(
    'PM08B', adoptions, 'adoption_date', 'child_key',
    numerator_weight='coalesce(subject.days_from_match_to_placement, 0)',
    exclusion_reason='case when subject.days_from_match_to_placement' ~ no_date,
) }}
union all
{{ flow_evidence(
    'PM08C', adoptions, 'adoption_date', 'child_key',
    numerator_weight='coalesce(subject.days_from_placement_to_adoption, 0)',
    exclusion_reason='case when subject.days_from_placement_to_adoption' ~ no_date,
) }}
union all
{{ flow_evidence(
    'PM08D', adoptions, 'adoption_date', 'child_key',
    numerator_weight='coalesce(subject.days_from_entry_to_adoption, 0)',
    exclusion_reason='case when subject.days_from_entry_to_adoption' ~ no_date,
) }}
union all
{{ cohort_evidence(
    'PM09', ceased, 'child_key',
    is_numerator="subject.care_end_reason_code in ('E45', 'E46', 'E47', 'E48')",
    is_not_known='subject.care_end_reason_code is null',
) }}
union all
{{ cohort_evidence(
    'PM10', ceased, 'child_key',
    is_numerator="subject.care_end_reason_code = 'E41'",
    is_not_known='subject.care_end_reason_code is null',
) }}
union all
{{ cohort_evidence(
    'PM11', ceased, 'child_key',
    is_numerator="subject.care_end_reason_code = 'E4A'",
    is_not_known='subject.care_end_reason_code is null',
) }}
union all
{{ cohort_evidence(
    'PM12', ceased, 'child_key',
    is_numerator="subject.care_end_reason_code = 'E4B'",
    is_not_known='subject.care_end_reason_code is null',
) }}
union all
{{ flow_evidence(
    'PM13', decisions, 'reversal_date', 'child_key',
    is_numerator='subject.reversal_reason_code is not null', is_denominator='false',
    is_not_known='subject.reversal_reason_code is null',
) }}
union all
{{ cohort_evidence(
    'PM14', looked_after, 'child_key',
    is_numerator='subject.is_waiting_for_adopters', is_denominator='false',
) }}
union all
{{ flow_evidence(
    'PM15', adoptions, 'adoption_date', 'child_key',
    is_numerator='subject.is_placed_within_12_months',
    is_not_known='subject.is_placed_within_12_months is null',
) }}
