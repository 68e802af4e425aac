{#- The texts of a group in one, in order and separated by semicolons; null if there are none. -#}
{% macro listed(text) %}
    {{- adapter.dispatch('listed', 'scrutiny')(text) -}}
{% endmacro %}

{% macro default__listed(text) -%}
    string_agg({{ text }}, '; ' order by {{ text }})
{%- endmacro %}

{% macro spark__listed(text) -%}
    nullif(array_join(sort_array(collect_list({{ text }})), '; '), '')
{%- endmacro %}

{#- The same, each text once. -#}
{% macro listed_once(text) %}
    {{- adapter.dispatch('listed_once', 'scrutiny')(text) -}}
{% endmacro %}

{% macro default__listed_once(text) -%}
    string_agg(distinct {{ text }}, '; ' order by {{ text }})
{%- endmacro %}

{% macro spark__listed_once(text) -%}
    nullif(array_join(sort_array(collect_set({{ text }})), '; '), '')
{%- endmacro %}
