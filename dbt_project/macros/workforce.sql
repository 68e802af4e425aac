{#- The formulas of the workforce census, from full-time equivalents and cases; `suffix` ends the name of each. -#}
{% macro workforce_rates(suffix='') %}
{%- for rate, scale, above, below in [
    ('vacancy_rate', '100', 'vacancy_fte', '(vacancy_fte + in_post_fte)'),
    ('agency_rate', '100', 'agency_fte', '(agency_fte + in_post_fte)'),
    ('agency_cover_rate', '100', 'agency_covering_fte', 'agency_fte'),
    ('vacancies_covered_rate', '100', 'agency_covering_fte', 'vacancy_fte'),
    ('turnover_rate', '100', 'left_fte', 'in_post_fte'),
    ('caseload', '1', 'cases_held', 'case_holding_fte'),
] -%}
{{ shown(scale, above, below, '1') }} as {{ rate }}{{ suffix }}{{ "," if not loop.last }}
{% endfor %}
{%- endmacro %}

{#- The days that full-time equivalents work in a year. -#}
{% macro working_days_of_year(fte) -%}
    {{ fte }} * 253
{%- endmacro %}
