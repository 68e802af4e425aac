-- The visits that fell due in the 12 months to the end of each month to the children looked after on its last day.
select
    looked_after.authority_code,
    looked_after.child_key,
    looked_after.month,
    count(*) as visits_due,
    sum(case when due.is_on_time then 1 else 0 end) as visits_on_time,
    looked_after.sex,
    looked_after.birth_month
from {{ ref('int_delivery__covered_months') }} as covered
inner join {{ ref('int_ssda903__looked_after_months') }} as looked_after
    on covered.authority_code = looked_after.authority_code and covered.month = looked_after.month
inner join {{ ref('int_visits__looked_after_due') }} as due
    on
        looked_after.authority_code = due.authority_code
        and looked_after.child_key = due.child_key
        and due.due_date between {{ add_months('covered.month_start_date', -11) }} and covered.month_end_date
where covered.dataset = 'visits' and covered.table_name = 'statutory_visits'
group by
    looked_after.authority_code,
    looked_after.child_key,
    looked_after.month,
    looked_after.sex,
    looked_after.birth_month
