-- Workers with cases at the end of each month, with whether their casework was supervised, alone or in a group, in the
-- 28 days before.
with supervised as (
    select distinct
        caseloads.authority_code,
        caseloads.month,
        caseloads.worker_key
    from {{ ref('int_workforce__caseload_months') }} as caseloads
    inner join {{ ref('stg_supervision__supervision_sessions') }} as sessions
        on
            caseloads.authority_code = sessions.authority_code
            and caseloads.worker_key = sessions.worker_key
            and {{ days_between('sessions.session_date', 'caseloads.month_end_date') }} between 0 and 28
    where sessions.kind_code in ('Case', 'Group')
)

select
    caseloads.authority_code,
    caseloads.month,
    caseloads.worker_key,
    supervised.worker_key is not null as is_supervised,
    {{ days_between('caseloads.start_date', 'caseloads.month_end_date') }} as days_in_post,
    caseloads.birth_month,
    caseloads.sex
from {{ ref('int_workforce__caseload_months') }} as caseloads
left join supervised
    on
        caseloads.authority_code = supervised.authority_code
        and caseloads.month = supervised.month
        and caseloads.worker_key = supervised.worker_key
