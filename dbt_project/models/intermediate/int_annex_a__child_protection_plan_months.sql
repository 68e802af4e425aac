-- Plans open on the day of an extract, with the last visit to the child.
select
    plans.authority_code,
    plans.child_key,
    months.month,
    plans.plan_start_date,
    plans.last_visit_date,
    plans.child_seen_alone_code,
    last_days.working_day_number - started.working_day_number as working_days_open,
    last_days.working_day_number - visited.working_day_number as working_days_since_visit,
    {{ sex_in_words('plans.gender_code') }} as sex,
    plans.birth_month
from {{ ref('stg_annex_a__child_protection_plans') }} as plans
inner join {{ ref('int_delivery__covered_months') }} as months
    on
        plans.authority_code = months.authority_code
        and plans.as_at_date = months.month_end_date
        and months.dataset = 'annex_a'
        and months.table_name = 'child_protection_plans'
left join {{ ref('int_calendar__days') }} as last_days
    on months.month_end_date = last_days.date_day
left join {{ ref('int_calendar__days') }} as started
    on plans.plan_start_date = started.date_day
left join {{ ref('int_calendar__days') }} as visited
    on plans.last_visit_date = visited.date_day
where
    plans.plan_start_date <= months.month_end_date
    and (plans.plan_end_date is null or plans.plan_end_date > months.month_end_date)
