{% set posts = ref('int_workforce__post_months') %}
{% set turnover = ref('int_workforce__turnover_months') %}
{% set caseloads = ref('int_workforce__caseload_months') %}
{% set census = ref('int_workforce__census_workers') %}

{{ cohort_evidence(
    'WF01', posts, 'post_key',
    is_numerator='subject.vacancy_fte > 0', numerator_weight='subject.vacancy_fte',
    is_denominator='subject.vacancy_fte + subject.in_post_fte > 0',
    denominator_weight='subject.vacancy_fte + subject.in_post_fte',
) }}
union all
{{ cohort_evidence(
    'WF02', turnover, 'worker_key',
    is_numerator='subject.left_fte > 0', numerator_weight='subject.left_fte',
    is_denominator='subject.in_post_fte > 0', denominator_weight='subject.in_post_fte',
) }}
union all
{{ cohort_evidence(
    'WF03', posts, 'worker_key',
    is_numerator='subject.agency_fte > 0', numerator_weight='subject.agency_fte',
    is_denominator='subject.agency_fte + subject.in_post_fte > 0',
    denominator_weight='subject.agency_fte + subject.in_post_fte',
) }}
union all
{{ cohort_evidence(
    'WF04', posts, 'worker_key',
    is_numerator="subject.post_status_code = 'Vacant' and subject.agency_fte > 0", numerator_weight='subject.agency_fte',
    is_denominator='subject.agency_fte > 0', denominator_weight='subject.agency_fte',
) }}
union all
{{ cohort_evidence(
    'WF05', posts, 'post_key',
    is_numerator="subject.post_status_code = 'Vacant' and subject.agency_fte > 0", numerator_weight='subject.agency_fte',
    is_denominator='subject.vacancy_fte > 0', denominator_weight='subject.vacancy_fte',
) }}
union all
{{ cohort_evidence(
    'WF06', caseloads, 'worker_key',
    numerator_weight='subject.cases_held', denominator_weight='subject.working_fte',
) }}
union all
{{ cohort_evidence(
    'WF07', census, 'worker_key',
    is_numerator='subject.days_lost > 0', numerator_weight='subject.days_lost',
    is_denominator='subject.in_post_fte > 0', denominator_weight=working_days_of_year('subject.in_post_fte'),
) }}
union all
{{ flow_evidence(
    'WF08', ref('int_workforce__starters'), 'start_date', 'worker_key',
    is_denominator='false', numerator_weight='subject.started_fte',
) }}
union all
{{ cohort_evidence(
    'WF09', posts, 'worker_key',
    is_numerator="subject.role_code = '5' and subject.in_post_fte > 0", numerator_weight='subject.in_post_fte',
    is_denominator='subject.in_post_fte > 0', denominator_weight='subject.in_post_fte',
) }}
union all
{{ cohort_evidence(
    'WF10', ref('int_workforce__supervision_months'), 'worker_key',
    is_numerator='subject.is_supervised',
    exclusion_reason="case when not subject.is_supervised and subject.days_in_post <= 28 then 'Not due yet' end",
) }}
union all
{{ cohort_evidence(
    'WF11', caseloads, 'worker_key',
    is_numerator='subject.cases_held > 18 * subject.working_fte',
) }}
union all
{{ cohort_evidence(
    'WF12', census, 'worker_key',
    is_numerator="subject.cfkss_status_code = '1' and subject.in_post_fte > 0", numerator_weight='subject.in_post_fte',
    is_denominator='subject.in_post_fte > 0', denominator_weight='subject.in_post_fte',
) }}
union all
{{ cohort_evidence(
    'WF13', posts, 'worker_key',
    is_numerator='subject.in_post_fte > 0 and subject.start_date > '
    ~ add_months('subject.month_end_date', -24),
    numerator_weight='subject.in_post_fte',
    is_denominator='subject.in_post_fte > 0', denominator_weight='subject.in_post_fte',
    is_not_known='subject.in_post_fte > 0 and subject.start_date is null',
) }}
