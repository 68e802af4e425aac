-- Annex A list 7: plans that are open or ended in the six months before.
select
    listed.authority_code,
    listed.child_key,
    listed.gender_code,
    listed.ethnicity_code,
    listed.birth_month,
    {{ age_at_month_end('listed.birth_month', month_index('lists.as_at_date')) }} as age,
    listed.disability_code,
    listed.plan_start_date,
    listed.initial_abuse_category_code,
    listed.latest_abuse_category_code,
    listed.last_visit_date,
    listed.child_seen_alone_code,
    listed.latest_review_date,
    listed.plan_end_date,
    listed.is_emergency_protected,
    listed.previous_plan_count,
    listed.team_code,
    listed.worker_key
from {{ annex_a_rows('child_protection_plans') }}
where listed.plan_end_date is null or listed.plan_end_date >= lists.since_date
