-- Annex A list 4: assessments that are open or were authorised in the six months before.
select
    listed.authority_code,
    listed.child_key,
    listed.gender_code,
    listed.ethnicity_code,
    listed.birth_month,
    {{ age_at_month_end('listed.birth_month', month_index('lists.as_at_date')) }} as age,
    listed.disability_code,
    listed.assessment_start_date,
    listed.child_seen_code,
    listed.authorisation_date,
    listed.is_support_required,
    listed.team_code,
    listed.worker_key
from {{ annex_a_rows('assessments') }}
where listed.authorisation_date is null or listed.authorisation_date >= lists.since_date
