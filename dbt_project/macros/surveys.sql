{#- The results of one measure of the yearly surveys. -#}
{% macro results_of_survey(measure_code) -%}
    (select * from {{ ref('int_surveys__results') }} where measure_code = '{{ measure_code }}')
{%- endmacro %}
