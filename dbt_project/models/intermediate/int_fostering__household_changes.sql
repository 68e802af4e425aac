-- Mainstream fostering households that were approved (1) or left (-1), by the day.
{% for date, change in [('approval_date', '1'), ('deregistration_date', '-1')] %}
select
    authority_code,
    foster_household_key,
    {{ date }} as change_date,
    {{ change }} as change,
    cast(null as date) as birth_month,
    cast(null as {{ text_type() }}) as sex
from {{ ref('stg_fostering__foster_households') }}
where household_type_code in ('Mainstream', 'Short breaks') and {{ date }} is not null
{{ "union all" if not loop.last }}
{% endfor %}
