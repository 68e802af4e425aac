-- Assessments not authorised by the end of a month, with the working days they have been open. One that started before
-- the calendar of working days begins has none: it is over any limit counted here.
select
    assessments.authority_code,
    assessments.child_key,
    assessments.assessment_start_date,
    months.month,
    last_days.working_day_number - started.working_day_number as working_days_open,
    assessments.exclusion_reason,
    assessments.sex,
    assessments.birth_month
from {{ ref('int_cin__assessments') }} as assessments
inner join {{ ref('int_delivery__covered_months') }} as months
    on
        assessments.authority_code = months.authority_code
        and months.dataset = 'cin'
        and months.table_name = 'assessments'
        and assessments.assessment_start_date <= months.month_end_date
        and (assessments.assessment_end_date is null or assessments.assessment_end_date > months.month_end_date)
inner join {{ ref('int_calendar__days') }} as last_days
    on months.month_end_date = last_days.date_day
left join {{ ref('int_calendar__days') }} as started
    on assessments.assessment_start_date = started.date_day
