{#- Months counted from year 0, so that months apart is a subtraction. -#}
{% macro month_index(date) -%}
    cast(extract(year from {{ date }}) * 12 + extract(month from {{ date }}) as integer)
{%- endmacro %}
