{#-
  The evidence of an indicator: one row a person or event that its figure counts or leaves out.
  `relation` has authority_code, sex and birth_month besides the columns named in the arguments, which are SQL on `subject`.

  subject_key       who or what is counted
  is_numerator, is_denominator, is_not_known   conditions; what cannot be told (null) is false. Of what has a
                    denominator only those in it can be not known
  exclusion_reason  text where the row is left out of both, else null
  numerator_weight, denominator_weight         1, or full-time equivalents, days, pounds
  sex, age_band                                null where the records do not say whose they are (sex is null)

  Only months for which the indicator has all its records give evidence (int_indicator__available_months).
-#}

{#- Something that happened on a date counts in the month of that date. -#}
{% macro flow_evidence(indicator_id, relation, happened_on, subject_key) %}
    {{- evidence(
        indicator_id, relation, subject_key,
        'subject.' ~ happened_on ~ ' between months.month_start_date and months.month_end_date', **kwargs
    ) -}}
{% endmacro %}

{#- Something with a start and an end counts in every month at whose end it had started and had not ended. -#}
{% macro stock_evidence(indicator_id, relation, started_on, ended_on, subject_key) %}
    {{- evidence(
        indicator_id, relation, subject_key,
        'subject.' ~ started_on ~ ' <= months.month_end_date and (subject.' ~ ended_on
        ~ ' is null or subject.' ~ ended_on ~ ' > months.month_end_date)', **kwargs
    ) -}}
{% endmacro %}

{#- A cohort is picked out month by month in its own model: its rows already say their month. -#}
{% macro cohort_evidence(indicator_id, relation, subject_key) %}
    {{- evidence(indicator_id, relation, subject_key, 'subject.month = months.month', **kwargs) -}}
{% endmacro %}

{% macro evidence(
    indicator_id, relation, subject_key, in_month, is_numerator='true', is_denominator='true', is_not_known='false',
    exclusion_reason=none, numerator_weight='1', denominator_weight='1'
) %}
select
    subject.authority_code,
    '{{ indicator_id }}' as indicator_id,
    months.month,
    subject.{{ subject_key }} as subject_key,
    coalesce({{ is_denominator }}, false) as is_denominator,
    coalesce({{ is_numerator }}, false) as is_numerator,
    {{ exclusion_reason or 'null' }} is not null as is_excluded,
    cast({{ exclusion_reason or 'null' }} as {{ text_type() }}) as exclusion_reason,
    coalesce({{ is_not_known }}, false) as is_not_known,
    cast({{ numerator_weight }} as decimal(18, 6)) as numerator_weight,
    cast({{ denominator_weight }} as decimal(18, 6)) as denominator_weight,
    subject.sex,
    case
        when subject.sex is not null
            then {{ age_band(age_at_month_end('subject.birth_month', 'months.month_index')) }}
    end as age_band
from {{ relation }} as subject
inner join {{ ref('int_indicator__available_months') }} as months
    on
        subject.authority_code = months.authority_code
        and {{ in_month }}
where
    months.indicator_id = '{{ indicator_id }}'
    and (
        {{ is_numerator }}
        or {{ is_denominator }}
        {%- if is_denominator == 'false' %}
        or {{ is_not_known }}
        {%- endif %}
        {%- if exclusion_reason %}
        or {{ exclusion_reason }} is not null
        {%- endif %}
    )
{% endmacro %}
