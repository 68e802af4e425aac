{% set score = 'coalesce(subject.value * subject.answers, 0)' %}
{% set share = 'coalesce(subject.value * subject.answers / 100, 0)' %}
{% set weights = {'denominator_weight': 'subject.answers', 'exclusion_reason': 'subject.exclusion_reason'} %}

{{ cohort_evidence('AD01', results_of_survey('1A'), 'measure_code', numerator_weight=score, **weights) }}
union all
{{ cohort_evidence('AD02', results_of_survey('1B'), 'measure_code', numerator_weight=score, **weights) }}
union all
{{ cohort_evidence('AD03', results_of_survey('1C'), 'measure_code', numerator_weight=score, **weights) }}
union all
{{ cohort_evidence('AD04', results_of_survey('1D'), 'measure_code', numerator_weight=share, **weights) }}
union all
{{ cohort_evidence('AD05', results_of_survey('1E'), 'measure_code', numerator_weight=share, **weights) }}
union all
{{ cohort_evidence('AD14', results_of_survey('3A'), 'measure_code', numerator_weight=share, **weights) }}
union all
{{ cohort_evidence('AD15', results_of_survey('3B'), 'measure_code', numerator_weight=share, **weights) }}
union all
{{ cohort_evidence('AD16', results_of_survey('3C(1)'), 'measure_code', numerator_weight=share, **weights) }}
union all
{{ cohort_evidence('AD17', results_of_survey('3C(2)'), 'measure_code', numerator_weight=share, **weights) }}
union all
{{ cohort_evidence('AD22', results_of_survey('4A'), 'measure_code', numerator_weight=share, **weights) }}
union all
{{ cohort_evidence('AD23', results_of_survey('5A(1)'), 'measure_code', numerator_weight=share, **weights) }}
union all
{{ cohort_evidence('AD24', results_of_survey('5A(2)'), 'measure_code', numerator_weight=share, **weights) }}
