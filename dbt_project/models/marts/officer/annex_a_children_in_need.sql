-- Annex A list 6: cases that are open or were closed in the six months before.
select
    listed.authority_code,
    listed.child_key,
    listed.gender_code,
    listed.ethnicity_code,
    listed.birth_month,
    {{ age_at_month_end('listed.birth_month', month_index('lists.as_at_date')) }} as age,
    listed.disability_code,
    listed.need_start_date,
    listed.primary_need_code,
    listed.last_seen_date,
    listed.closure_date,
    listed.closure_reason_code,
    listed.case_status_code,
    listed.team_code,
    listed.worker_key
from {{ annex_a_rows('children_in_need') }}
where listed.closure_date is null or listed.closure_date >= lists.since_date
