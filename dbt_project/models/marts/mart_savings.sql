-- The savings agreed for the financial year, as each month's report has them: how much of each is in which state.
select
    authority_code,
    month,
    financial_year,
    saving_id,
    title,
    directorate,
    service_area,
    owner_role as owner,
    recurrence_code as recurrence,
    case status_code
        when 'Blue' then 'delivered'
        when 'Green' then 'on track'
        when 'Amber' then 'at risk or late'
        when 'Red' then 'not deliverable'
    end as status,
    cast(target as decimal(18, 2)) as target,
    cast(delivered as decimal(18, 2)) as delivered,
    cast(on_track as decimal(18, 2)) as on_track,
    cast(at_risk as decimal(18, 2)) as at_risk,
    cast(undeliverable as decimal(18, 2)) as undeliverable,
    cast(mitigation_found as decimal(18, 2)) as mitigation_found,
    cast(delivered + on_track - target as decimal(18, 2)) as expected_less_target,
    {{ shown('100', '(delivered + on_track)', 'target', '1') }} as expected_pct,
    narrative
from {{ ref('int_savings__saving_months') }}
