{#-
  The rows are one for each combination of the columns; a missing value counts as a value. `never_null` names
  columns without any: one query for the table, where a test a column would each cost dbt a query and its start.
-#}
{% test unique_together(model, columns, never_null=[]) %}
select {{ columns | join(', ') }}
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{%- if never_null %}
union all
select {{ columns | join(', ') }}
from {{ model }}
where {{ never_null | join(' is null or ') }} is null
{%- endif %}
{% endtest %}
