{% set referrals = ref('int_cin__referrals') %}
{% set assessments = ref('int_cin__assessments') %}
{% set open_assessments = ref('int_cin__open_assessment_months') %}
{% set factors = ref('int_cin__episode_factors') %}
{% set contacts = ref('int_annex_a__contacts') %}
{% set decided_contacts = ref('int_early_help__contacts') %}
{% set early_help = ref('int_early_help__episodes') %}

{{ flow_evidence('FD01', contacts, 'contact_date', 'child_key', is_denominator='false') }}
union all
{{ flow_evidence('FD01A', contacts, 'contact_date', 'child_key', is_denominator='false') }}
union all
{{ flow_evidence(
    'FD02', contacts, 'contact_date', 'child_key',
    is_numerator='subject.working_days_to_referral <= 1',
    exclusion_reason="case when subject.working_days_known < 1 then 'Too recent to know' end",
) }}
union all
{{ flow_evidence(
    'FD03', decided_contacts, 'contact_date', 'child_key',
    is_numerator='subject.working_days_to_decision <= 1',
    exclusion_reason="case when subject.working_days_known < 1 then 'Too recent to know' end",
) }}
union all
{{ stock_evidence('FD04', early_help, 'start_date', 'episode_end_date', 'child_key', is_denominator='false') }}
union all
{{ stock_evidence('FD04A', early_help, 'start_date', 'episode_end_date', 'child_key', is_denominator='false') }}
union all
{{ flow_evidence('FD04B', early_help, 'assessment_completed_date', 'child_key', is_denominator='false') }}
union all
{{ flow_evidence(
    'FD05', early_help, 'end_date', 'child_key',
    is_numerator="subject.end_reason_code = 'Step up to social care'",
    is_not_known='subject.end_reason_code is null',
) }}
union all
{{ flow_evidence('FD06', referrals, 'referral_date', 'child_key', is_numerator='true', is_denominator='false') }}
union all
{{ flow_evidence('FD07', referrals, 'referral_date', 'child_key', is_numerator='subject.is_re_referral') }}
union all
{{ flow_evidence('FD08', referrals, 'referral_date', 'child_key', is_numerator='subject.is_no_further_action') }}
union all
{{ flow_evidence('FD09', referrals, 'referral_date', 'child_key', is_numerator='subject.is_assessed_as_not_in_need') }}
union all
{{ flow_evidence('FD10', referrals, 'referral_date', 'child_key', is_numerator="subject.referral_source_code = '2A'") }}
union all
{{ flow_evidence(
    'FD10A', referrals, 'referral_date', 'child_key', is_numerator="subject.referral_source_code like '3%'"
) }}
union all
{{ flow_evidence('FD10B', referrals, 'referral_date', 'child_key', is_numerator="subject.referral_source_code = '6'") }}
union all
{{ flow_evidence(
    'FD11', assessments, 'authorisation_date', 'child_key',
    is_numerator='subject.working_days_from_start <= 45',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'FD12', assessments, 'authorisation_date', 'child_key',
    is_denominator='false',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ cohort_evidence(
    'FD13', open_assessments, 'child_key',
    is_numerator='subject.working_days_open is null or subject.working_days_open > 45',
    is_denominator='false',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ cohort_evidence(
    'FD13A', open_assessments, 'child_key',
    is_numerator='subject.working_days_open is null or subject.working_days_open > 45',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ stock_evidence(
    'FD14', referrals, 'referral_date', 'episode_end_date', 'child_key',
    is_denominator='false',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ stock_evidence(
    'FD15', referrals, 'referral_date', 'episode_end_date', 'child_key',
    is_numerator='subject.referral_date <= ' ~ add_months('months.month_end_date', -24),
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'FD16', referrals, 'closure_date', 'child_key',
    is_numerator='subject.closure_date <= ' ~ add_months('subject.referral_date', 3),
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'FD17', ref('int_annex_a__assessments'), 'authorisation_date', 'child_key',
    is_numerator="subject.child_seen_code = 'Yes'",
    is_not_known="coalesce(subject.child_seen_code, 'Unknown') = 'Unknown'",
) }}
union all
{{ flow_evidence(
    'FD18', factors, 'domestic_abuse_of_parent_date', 'child_key',
    is_denominator='false',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'FD18A', factors, 'child_sexual_exploitation_date', 'child_key',
    is_denominator='false',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'FD18B', factors, 'child_criminal_exploitation_date', 'child_key',
    is_denominator='false',
    exclusion_reason='subject.exclusion_reason',
) }}
union all
{{ flow_evidence(
    'FD18C', factors, 'neglect_date', 'child_key',
    is_denominator='false',
    exclusion_reason='subject.exclusion_reason',
) }}
