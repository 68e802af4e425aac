{#-
  A staged table in which everybody has one key: where a map of identifiers says that a key stands for another one,
  the other is used, so that the records of a replaced system and of its successor join. Every column that ends
  in _key may be one. `staged_table` is a source.
-#}
{% macro staged_rows(staged_table) %}
{%- set same = ref('stg_scrutiny__identifiers') -%}
{%- set columns = adapter.get_column_schema_from_query('select * from ' ~ staged_table ~ ' limit 0') if execute else [] -%}
{%- set keys = [] -%}
select
    {%- for column in columns %}
    {% if column.name.endswith('_key') -%}
    {%- do keys.append(column.name) -%}
    coalesce({{ column.name }}_map.canonical_key, sent.{{ column.name }}) as {{ column.name }}
    {%- else -%}
    sent.{{ column.name }}
    {%- endif %}{{ "," if not loop.last }}
    {%- else %}
    sent.*
    {%- endfor %}
from {{ staged_table }} as sent
{%- for key in keys %}
left join {{ same }} as {{ key }}_map
    on
        sent.authority_code = {{ key }}_map.authority_code
        and sent.{{ key }} = {{ key }}_map.key
{%- endfor %}
{% endmacro %}

{#-
  The rows of a staged table that count for this load: those of deliveries in force and, where `key` is given,
  the newest of the rows that several files repeat (later period first, then the last file, then the later row of
  the file). Where `whole` is given, only the last delivery that holds a value of these columns counts for it, whatever
  its period: a row it no longer lists is gone.
-#}
{% macro rows_in_force(staged_table, key=none, whole=none) %}
with staged_rows as (
    {{ staged_rows(staged_table) | indent(4) }}
),

in_force as (
    select
        staged_rows.*,
        deliveries.collection_year,
        deliveries.period_end as delivery_period_end_date,
        deliveries.sequence as delivery_sequence,
        deliveries.as_at_date,
        deliveries.is_latest_period
        {%- if key %},
        row_number() over (
            partition by staged_rows.authority_code, {% for column in key %}staged_rows.{{ column }}{{ ", " if not loop.last }}{% endfor %}
            order by
                {% if not whole %}deliveries.period_end desc nulls last, {% endif %}deliveries.sequence desc nulls last,
                staged_rows.row_number desc nulls last
        ) as newest_first
        {%- endif %}
        {%- if whole %},
        max(deliveries.sequence) over (
            partition by staged_rows.authority_code, {% for column in whole %}staged_rows.{{ column }}{{ ", " if not loop.last }}{% endfor %}
        ) as last_sequence
        {%- endif %}
    from staged_rows
    inner join {{ ref('stg_scrutiny__deliveries') }} as deliveries
        on staged_rows.delivery_id = deliveries.delivery_id
    where deliveries.is_in_force
)

select *
from in_force
where
    true
    {%- if key %}
    and newest_first = 1
    {%- endif %}
    {%- if whole %}
    and delivery_sequence = last_sequence
    {%- endif %}
{% endmacro %}

{#-
  An open record of an older file that the newest file no longer lists ended without being recorded: it is
  taken to end on the last day of the last file that lists it.
-#}
{% macro recorded_or_last_listed_end(end_date) -%}
    coalesce({{ end_date }}, case when not is_latest_period then delivery_period_end_date end)
{%- endmacro %}
