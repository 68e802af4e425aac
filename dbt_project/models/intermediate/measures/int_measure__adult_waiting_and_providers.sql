{% set waiting = ref('int_waiting_lists__waiting_months') %}
{% set locations = ref('int_provider_ratings__location_months') %}

{{ cohort_evidence(
    'AD28', waiting, 'person_key',
    is_numerator="subject.list_code = 'Review'", is_denominator='false',
) }}
union all
{{ cohort_evidence(
    'AD33', waiting, 'person_key',
    is_numerator="subject.list_code = 'Assessment'", is_denominator='false',
) }}
union all
{{ cohort_evidence(
    'AD34', waiting, 'person_key',
    is_numerator="subject.list_code = 'Assessment' and subject.days_waiting > 28", is_denominator='false',
) }}
union all
{{ cohort_evidence(
    'AD35', waiting, 'person_key',
    is_numerator="subject.list_code = 'Assessment' and subject.is_over_six_months", is_denominator='false',
) }}
union all
{{ flow_evidence(
    'AD38', ref('int_waiting_lists__entries'), 'allocation_due_date', 'entry_key',
    is_denominator="subject.list_code = 'Assessment'",
    is_numerator="subject.list_code = 'Assessment' and subject.is_allocated_in_time",
    exclusion_reason="case when subject.list_code = 'Assessment' then subject.allocation_exclusion_reason end",
) }}
union all
{{ cohort_evidence(
    'AD26', locations, 'provider_cqc_location_id',
    is_denominator='subject.is_in_area and subject.is_care_home',
    is_numerator='subject.is_in_area and subject.is_care_home '
    ~ 'and (subject.is_good_or_outstanding or not subject.is_rated)',
) }}
union all
{{ cohort_evidence(
    'AD53', locations, 'provider_cqc_location_id',
    is_denominator='subject.is_in_area and subject.is_rated and (subject.is_care_home or subject.is_home_care)',
    is_numerator='subject.is_in_area and subject.is_good_or_outstanding '
    ~ 'and (subject.is_care_home or subject.is_home_care)',
    exclusion_reason="case when subject.is_in_area and not subject.is_rated "
    ~ "and (subject.is_care_home or subject.is_home_care) then 'Not rated' end",
) }}
union all
{{ cohort_evidence(
    'AD53A', locations, 'provider_cqc_location_id',
    is_denominator='subject.is_in_area and subject.is_rated and subject.is_care_home and subject.beds > 0',
    denominator_weight='coalesce(subject.beds, 0)',
    is_numerator='subject.is_in_area and subject.is_good_or_outstanding and subject.is_care_home and subject.beds > 0',
    numerator_weight='coalesce(subject.beds, 0)',
) }}
union all
{{ cohort_evidence(
    'AD54', ref('int_provider_ratings__resident_months'), 'client_key',
    is_numerator='subject.is_in_poorly_rated_home', is_denominator='false',
) }}
