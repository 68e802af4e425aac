{% set starts = ref('int_ssda903__care_periods') %}
{% set ceased = ref('int_ssda903__ceased_months') %}
{% set placements = ref('int_ssda903__placements') %}
{% set returns = ref('int_return_interviews__missing_episodes') %}
{% set reviews = ref('int_ssda903__reviews') %}
{% set looked_after_in_year = ref('int_ssda903__looked_after_years') %}
{% set looked_after = ref('int_ssda903__looked_after_months') %}

{{ cohort_evidence('CL01', looked_after, 'child_key', is_denominator='false') }}
union all
{{ cohort_evidence('CL02', looked_after, 'child_key', is_denominator='false') }}
union all
{{ flow_evidence(
    'CL03', starts, 'care_start_date', 'child_key',
    is_numerator='subject.is_start_recorded', is_denominator='false',
) }}
union all
{{ flow_evidence(
    'CL03A', starts, 'care_start_date', 'child_key',
    is_numerator='subject.is_start_recorded', is_denominator='false',
) }}
union all
{{ cohort_evidence('CL04', ceased, 'child_key', is_denominator='false') }}
union all
{{ cohort_evidence('CL04A', ceased, 'child_key', is_denominator='false') }}
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
    'CL18', looked_after, 'child_key',
    is_denominator='subject.are_reviews_on_time is not null',
    is_numerator='subject.are_reviews_on_time',
) }}
union all
{{ flow_evidence(
    'CL19', reviews, 'review_date', 'child_key',
    is_denominator="subject.review_code is null or subject.review_code != 'PN0'",
    is_numerator="subject.review_code in ('PN1', 'PN2', 'PN3', 'PN4', 'PN5', 'PN6')",
    is_not_known='subject.review_code is null',
) }}
union all
{{ cohort_evidence(
    'CL20', ref('int_visits__looked_after_months'), 'child_key',
    numerator_weight='subject.visits_on_time', denominator_weight='subject.visits_due',
) }}
union all
{{ cohort_evidence('CL29', looked_after_in_year, 'child_key', is_numerator='subject.is_missing_in_year') }}
union all
{{ cohort_evidence('CL30', looked_after_in_year, 'child_key', is_numerator='subject.is_away_in_year') }}
union all
{{ flow_evidence(
    'CL31', returns, 'missing_end_date', 'child_key',
    is_numerator='subject.is_interview_offered and subject.days_to_offer <= 3',
    is_not_known='(subject.is_interview_offered and subject.days_to_offer <= 3) is null',
) }}
union all
{{ cohort_evidence(
    'CL32', looked_after, 'child_key',
    is_numerator='subject.social_worker_count >= 3',
    is_not_known='subject.social_worker_count is null',
) }}
union all
{{ cohort_evidence(
    'CL33', ref('int_school_census__looked_after_moves'), 'child_key', is_numerator='subject.is_moved_mid_year'
) }}
union all
{{ cohort_evidence('CL34', looked_after, 'child_key', is_numerator="subject.legal_status_code = 'V2'") }}
union all
{{ cohort_evidence(
    'CL35', looked_after, 'child_key',
    is_numerator='subject.is_under_deprivation_of_liberty_order', is_denominator='false',
) }}
union all
{{ flow_evidence(
    'CL36', starts, 'care_start_date', 'child_key',
    is_denominator='subject.is_start_recorded',
    is_numerator='subject.is_start_recorded and subject.is_re_entry',
) }}
union all
{{ flow_evidence(
    'CL37', placements, 'placement_end_date', 'child_key',
    is_denominator='subject.is_followed_by_placement',
    is_numerator="subject.is_followed_by_placement and subject.reason_place_change_code in "
        ~ "('CREQB', 'CREQO', 'CHILD', 'LAREQ', 'ALLEG', 'STAND', 'APPRR', 'CLOSE')",
    is_not_known='subject.is_followed_by_placement and subject.reason_place_change_code is null',
) }}
