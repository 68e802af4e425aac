-- Who held cases at the end of each month, agency workers among them: all of their posts together.
select
    authority_code,
    month,
    month_end_date,
    worker_key,
    sum(cases_held) as cases_held,
    sum(in_post_fte + agency_fte) as working_fte,
    min(start_date) as start_date,
    cast(null as date) as birth_month,
    cast(null as {{ text_type() }}) as sex
from {{ ref('int_workforce__post_months') }}
where in_post_fte + agency_fte > 0
group by 1, 2, 3, 4
having sum(cases_held) >= 1
