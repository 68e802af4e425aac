-- Every row behind every figure. Person level: it stays in the warehouse and is never promoted to readers.
{{ config(schema=none, meta={'person_level': true}) }}

{% set families = [
    'front_door', 'child_protection', 'children_looked_after', 'health_of_children_looked_after',
    'permanence', 'care_leavers', 'education_of_vulnerable_children', 'workforce', 'foster_carers', 'adults',
    'adult_front_door', 'adult_safeguarding', 'adult_waiting_and_providers', 'money', 'surveys',
] %}
{% for family in families %}
select
    authority_code,
    indicator_id,
    month,
    subject_key,
    is_denominator,
    is_numerator,
    is_excluded,
    exclusion_reason,
    is_not_known,
    numerator_weight,
    denominator_weight,
    sex,
    age_band
from {{ ref('int_measure__' ~ family) }}
{{ "union all" if not loop.last }}
{% endfor %}
