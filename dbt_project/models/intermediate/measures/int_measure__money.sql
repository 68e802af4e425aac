{% set ledger = ref('int_revenue_monitoring__line_months') %}
{% set savings = ref('int_savings__saving_months') %}
{% set activity = ref('int_placement_costs__activity_months') %}
{% set placements = ref('int_placement_costs__placement_months') %}
{% set clients = ref('int_placement_costs__support_reason_months') %}
{% set children = "subject.placement_type_code in ('In-house fostering', 'Agency fostering', 'Children''s home', "
    ~ "'Supported accommodation')" %}

{{ cohort_evidence(
    'BU01', ledger, 'line_key', is_denominator='false', numerator_weight='subject.forecast_variance',
) }}
union all
{{ cohort_evidence(
    'BU01A', ledger, 'line_key', is_denominator='false',
    is_numerator="subject.directorate_service = 'Adults'", numerator_weight='subject.forecast_variance',
) }}
union all
{{ cohort_evidence(
    'BU01B', ledger, 'line_key', is_denominator='false',
    is_numerator="subject.directorate_service = 'Children'", numerator_weight='subject.forecast_variance',
) }}
union all
{{ cohort_evidence(
    'BU02', ledger, 'line_key',
    numerator_weight='subject.forecast_variance', denominator_weight='subject.current_budget',
) }}
union all
{{ cohort_evidence(
    'BU03', ledger, 'line_key', is_denominator='false',
    numerator_weight='coalesce(subject.forecast_movement, 0)',
    exclusion_reason="case when subject.forecast_movement is null then 'No forecast before' end",
) }}
union all
{{ cohort_evidence(
    'BU04', ledger, 'line_key', is_denominator='false',
    numerator_weight='coalesce(subject.variance_to_date, 0)',
    exclusion_reason="case when subject.variance_to_date is null then 'No budget to date' end",
) }}
union all
{{ cohort_evidence(
    'BU05', savings, 'saving_id',
    numerator_weight='subject.delivered', denominator_weight='subject.target',
) }}
union all
{{ cohort_evidence(
    'BU06', savings, 'saving_id',
    numerator_weight='subject.delivered + subject.on_track', denominator_weight='subject.target',
) }}
union all
{{ cohort_evidence('BU07', savings, 'saving_id', is_denominator='false', numerator_weight='subject.not_secured') }}
union all
{{ cohort_evidence(
    'BU08', ledger, 'line_key', is_denominator='false',
    is_numerator='subject.reserve_transfers is not null', numerator_weight='coalesce(subject.reserve_transfers, 0)',
) }}
union all
{{ cohort_evidence(
    'BU09', activity, 'placement_type_code', is_denominator='false',
    numerator_weight='coalesce(subject.volume_effect, 0)', exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ cohort_evidence(
    'BU10', activity, 'placement_type_code', is_denominator='false',
    numerator_weight='coalesce(subject.price_effect, 0)', exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'BU11', placements, 'month_start_date', 'placement_key', is_numerator=children, is_denominator=children,
    numerator_weight='subject.cost', denominator_weight='subject.weeks_placed',
) }}
union all
{{ flow_evidence(
    'BU12', placements, 'month_start_date', 'placement_key',
    is_numerator="subject.placement_type_code = 'Children''s home'",
    is_denominator="subject.placement_type_code = 'Children''s home'",
    numerator_weight='subject.cost', denominator_weight='subject.weeks_placed',
) }}
union all
{{ flow_evidence(
    'BU13', placements, 'month_start_date', 'placement_key',
    is_numerator="subject.placement_type_code in ('In-house fostering', 'Agency fostering')",
    is_denominator="subject.placement_type_code in ('In-house fostering', 'Agency fostering')",
    numerator_weight='subject.cost', denominator_weight='subject.weeks_placed',
) }}
union all
{{ flow_evidence(
    'BU13A', placements, 'month_start_date', 'placement_key',
    is_numerator="subject.placement_type_code = 'In-house fostering'",
    is_denominator="subject.placement_type_code = 'In-house fostering'",
    numerator_weight='subject.cost', denominator_weight='subject.weeks_placed',
) }}
union all
{{ flow_evidence(
    'BU13B', placements, 'month_start_date', 'placement_key',
    is_numerator="subject.placement_type_code = 'Agency fostering'",
    is_denominator="subject.placement_type_code = 'Agency fostering'",
    numerator_weight='subject.cost', denominator_weight='subject.weeks_placed',
) }}
union all
{{ flow_evidence(
    'BU14', placements, 'month_start_date', 'placement_key',
    is_numerator="subject.placement_type_code = 'Supported accommodation'",
    is_denominator="subject.placement_type_code = 'Supported accommodation'",
    numerator_weight='subject.cost', denominator_weight='subject.weeks_placed',
) }}
union all
{{ flow_evidence(
    'BU17', placements, 'month_start_date', 'placement_key',
    is_numerator="subject.placement_type_code in ('Residential care', 'Nursing care')",
    is_denominator="subject.placement_type_code in ('Residential care', 'Nursing care')",
    numerator_weight='subject.cost', denominator_weight='subject.weeks_placed',
) }}
union all
{{ cohort_evidence(
    'BU18', ref('int_cld__supported_months'), 'client_key',
    is_numerator='subject.home_care_cost > 0', numerator_weight='subject.home_care_cost',
    is_denominator='subject.home_care_cost > 0', denominator_weight='subject.costed_home_care_hours',
) }}
union all
{{ cohort_evidence(
    'BU19', clients, 'person_key',
    is_numerator="subject.primary_support_reason = 'Learning disability support'",
    is_denominator="subject.primary_support_reason = 'Learning disability support'",
    numerator_weight='subject.yearly_cost',
) }}
union all
{{ cohort_evidence(
    'BU20', clients, 'person_key',
    is_numerator="subject.primary_support_reason = 'Mental health support'",
    is_denominator="subject.primary_support_reason = 'Mental health support'",
    numerator_weight='subject.yearly_cost',
) }}
