{#- Models say the whole name of their schema: a candidate database belongs to one build, so nothing needs a prefix. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
