{% set posts = ref('int_workforce__post_months') %}
{% set turnover = ref('int_workforce__turnover_months') %}

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
