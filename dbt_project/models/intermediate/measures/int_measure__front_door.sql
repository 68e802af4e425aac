{% set referrals = ref('int_cin__referrals') %}
{% set assessments = ref('int_cin__assessments') %}

{{ flow_evidence('FD06', referrals, 'referral_date', 'child_key', is_numerator='true', is_denominator='false') }}
union all
{{ flow_evidence('FD07', referrals, 'referral_date', 'child_key', is_numerator='subject.is_re_referral') }}
union all
{{ flow_evidence('FD08', referrals, 'referral_date', 'child_key', is_numerator='subject.is_no_further_action') }}
union all
{{ flow_evidence(
    'FD11', assessments, 'authorisation_date', 'child_key',
    is_numerator='subject.working_days_from_start <= 45',
    exclusion_reason='subject.exclusion_reason',
) }}
