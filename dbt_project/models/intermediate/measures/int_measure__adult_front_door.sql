{% set requests = ref('int_cld__requests') %}
{% set waits = ref('int_cld__request_waits') %}
{% set reablement = ref('int_cld__reablement_episodes') %}

{{ flow_evidence(
    'AD06', reablement, 'episode_end_date', 'client_key',
    is_numerator='not subject.is_followed_by_ongoing_support',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'AD30', requests, 'closed_date', 'client_key',
    is_denominator='subject.is_new_client', is_numerator='subject.is_new_client and subject.is_resolved',
) }}
union all
{{ flow_evidence(
    'AD31', requests, 'followed_until_date', 'client_key',
    is_denominator='subject.is_no_further_action',
    is_numerator='subject.is_no_further_action and subject.is_repeated',
) }}
union all
{{ flow_evidence('AD32', requests, 'closed_date', 'client_key', is_denominator='false') }}
union all
{{ flow_evidence(
    'AD36', waits, 'first_response_date', 'client_key',
    numerator_weight=days_between('subject.request_date', 'subject.first_response_date'),
) }}
union all
{{ flow_evidence(
    'AD37', waits, 'first_service_date', 'client_key',
    numerator_weight=days_between('subject.request_date', 'subject.first_service_date'),
) }}
union all
{{ flow_evidence(
    'AD39', reablement, 'day_91_date', 'client_key',
    is_denominator='subject.is_from_hospital and subject.age >= 65',
    is_numerator='subject.is_from_hospital and subject.age >= 65 and subject.is_at_home_on_day_91',
) }}
union all
{{ flow_evidence('AD40', reablement, 'episode_start_date', 'client_key', is_denominator='false') }}
union all
{{ flow_evidence('AD41', reablement, 'episode_end_date', 'client_key', numerator_weight='subject.episode_days') }}
