{% set enquiries = ref('int_cin__section_47_enquiries') %}
{% set conferences = ref('int_cin__initial_conferences') %}
{% set plans = ref('int_cin__child_protection_plans') %}
{% set plan_reviews = ref('int_cin__plan_review_months') %}
{% set plan_visits = ref('int_annex_a__child_protection_plan_months') %}
{% set pre_proceedings = ref('int_cin__pre_proceedings') %}

{{ flow_evidence(
    'CP01', enquiries, 'section_47_start_date', 'child_key',
    is_denominator='false',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'CP02', enquiries, 'section_47_start_date', 'child_key',
    is_numerator='subject.days_to_conference <= 60',
    exclusion_reason="coalesce(subject.exclusion_reason, case when subject.working_days_known < 15 then 'Too recent to know' end)",
) }}
union all
{{ flow_evidence(
    'CP03', conferences, 'initial_conference_date', 'child_key',
    is_denominator='false',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'CP04', enquiries, 'initial_conference_date', 'child_key',
    is_numerator='subject.working_days_to_conference <= 15',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'CP05', conferences, 'initial_conference_date', 'child_key',
    is_numerator='subject.is_followed_by_plan',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ stock_evidence(
    'CP06', plans, 'plan_start_date', 'plan_end_date', 'child_key',
    is_denominator='false',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'CP07', plans, 'plan_start_date', 'child_key',
    is_denominator='false',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'CP08', plans, 'plan_start_date', 'child_key',
    is_numerator='subject.previous_plan_count >= 1',
    is_not_known='subject.previous_plan_count is null',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'CP09', plans, 'plan_start_date', 'child_key',
    is_numerator='subject.previous_plan_end_date <= subject.plan_start_date and subject.previous_plan_end_date >= '
    ~ add_months('subject.plan_start_date', -24),
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ stock_evidence(
    'CP10', plans, 'plan_start_date', 'plan_end_date', 'child_key',
    is_numerator=days_between('subject.plan_start_date', 'months.month_end_date') ~ ' >= 730',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'CP11', plans, 'recorded_end_date', 'child_key',
    is_numerator=days_between('subject.plan_start_date', 'subject.recorded_end_date') ~ ' > 729',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ cohort_evidence(
    'CP12', plan_reviews, 'child_key',
    is_numerator='subject.late_review_count = 0 and not subject.is_review_overdue',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ cohort_evidence(
    'CP13', plan_visits, 'child_key',
    is_numerator='subject.working_days_since_visit <= 10',
    exclusion_reason="case when subject.last_visit_date is null and subject.working_days_open <= 10 then 'No visit due yet' end",
) }}
union all
{{ cohort_evidence(
    'CP14', plan_visits, 'child_key',
    is_numerator="subject.child_seen_alone_code = 'Yes'",
    is_denominator='subject.last_visit_date is not null',
    is_not_known="subject.last_visit_date is not null and coalesce(subject.child_seen_alone_code, 'Unknown') = 'Unknown'",
) }}
union all
{{ flow_evidence(
    'CP15', plans, 'recorded_end_date', 'child_key',
    is_denominator='false',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ stock_evidence(
    'CP16', plans, 'plan_start_date', 'plan_end_date', 'child_key',
    is_numerator="subject.latest_abuse_category_code = 'NEG'",
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ stock_evidence(
    'CP16A', plans, 'plan_start_date', 'plan_end_date', 'child_key',
    is_numerator="subject.latest_abuse_category_code = 'PHY'",
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ stock_evidence(
    'CP16B', plans, 'plan_start_date', 'plan_end_date', 'child_key',
    is_numerator="subject.latest_abuse_category_code = 'SAB'",
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ stock_evidence(
    'CP16C', plans, 'plan_start_date', 'plan_end_date', 'child_key',
    is_numerator="subject.latest_abuse_category_code = 'EMO'",
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ stock_evidence(
    'CP16D', plans, 'plan_start_date', 'plan_end_date', 'child_key',
    is_numerator="subject.latest_abuse_category_code = 'MUL'",
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'CP18', pre_proceedings, 'decision_date', 'child_key',
    is_numerator='subject.days_to_decision is not null',
    is_not_known='subject.days_to_decision is null',
    numerator_weight='coalesce(subject.days_to_decision, 0)',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'CP18A', pre_proceedings, 'pre_proceedings_start_date', 'child_key',
    is_numerator='subject.is_family_group_meeting_offered',
    is_not_known='subject.is_family_group_meeting_offered is null',
    exclusion_reason='subject.exclusion_reason',
) }}
