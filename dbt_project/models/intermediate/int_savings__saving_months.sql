-- Savings of the financial year under way as the extract of each month has them.
select
    months.month,
    months.financial_year,
    savings.authority_code,
    savings.saving_id,
    savings.title,
    savings.directorate,
    savings.service_area,
    savings.owner_role,
    savings.recurrence_code,
    savings.rag as status_code,
    savings.target,
    savings.delivered,
    savings.on_track,
    savings.at_risk,
    savings.undeliverable,
    savings.mitigation_found,
    savings.narrative,
    savings.at_risk + savings.undeliverable as not_secured,
    cast(null as date) as birth_month,
    cast(null as {{ text_type() }}) as sex
from {{ ref('stg_savings__savings_lines') }} as savings
inner join {{ ref('int_calendar__months') }} as months
    on savings.delivery_period_end_date = months.month_end_date and savings.budget_year = months.financial_year
