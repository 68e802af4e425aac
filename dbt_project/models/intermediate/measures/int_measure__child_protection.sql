{% set enquiries = ref('int_cin__section_47_enquiries') %}
{% set plans = ref('int_cin__child_protection_plans') %}

{{ flow_evidence(
    'CP01', enquiries, 'section_47_start_date', 'child_key',
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
{{ stock_evidence(
    'CP06', plans, 'plan_start_date', 'plan_end_date', 'child_key',
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
{{ stock_evidence(
    'CP10', plans, 'plan_start_date', 'plan_end_date', 'child_key',
    is_numerator=days_between('subject.plan_start_date', 'months.month_end_date') ~ ' >= 730',
    exclusion_reason='subject.exclusion_reason',
) }}
