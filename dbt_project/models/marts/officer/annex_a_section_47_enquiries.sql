-- Annex A list 5: enquiries that are open, or that began or had their conference in the six months before.
select
    listed.authority_code,
    listed.child_key,
    listed.gender_code,
    listed.ethnicity_code,
    listed.birth_month,
    {{ age_at_month_end('listed.birth_month', month_index('lists.as_at_date')) }} as age,
    listed.disability_code,
    listed.section_47_start_date,
    listed.is_conference_unnecessary,
    listed.initial_conference_date,
    listed.resulted_in_plan_code,
    listed.section_47_enquiries_in_12_months,
    listed.initial_conferences_in_12_months,
    listed.team_code,
    listed.worker_key
from {{ annex_a_rows('section_47_enquiries') }}
where
    coalesce(listed.initial_conference_date, listed.section_47_start_date) >= lists.since_date
    or (listed.initial_conference_date is null and not coalesce(listed.is_conference_unnecessary, false))
