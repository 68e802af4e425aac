-- Annex A list 9: young people entitled to the services of care leavers on the day of the list.
select
    listed.authority_code,
    listed.child_key,
    listed.gender_code,
    listed.ethnicity_code,
    listed.birth_month,
    {{ age_at_month_end('listed.birth_month', month_index('lists.as_at_date')) }} as age,
    listed.is_unaccompanied,
    listed.disability_code,
    listed.team_code,
    listed.worker_key,
    listed.personal_adviser_key,
    listed.eligibility_code,
    listed.pathway_plan_review_date,
    listed.in_touch_code,
    listed.latest_contact_date,
    listed.accommodation_code,
    listed.suitability_code,
    listed.activity_code
from {{ annex_a_rows('care_leavers') }}
