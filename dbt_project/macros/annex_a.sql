{#-
  The rows of an Annex A list as its newest extract has them, each beside the day of the list (`as_at_date`) and the
  first day of its look-back (`since_date`). A row that this extract no longer has was withdrawn, and is not listed.
-#}
{% macro annex_a_rows(table_name) %}
{{ ref('stg_annex_a__' ~ table_name) }} as listed
inner join {{ ref('annex_a_list') }} as lists
    on
        listed.authority_code = lists.authority_code
        and listed.as_at_date = lists.as_at_date
        and lists.table_name = '{{ table_name }}'
{% endmacro %}
