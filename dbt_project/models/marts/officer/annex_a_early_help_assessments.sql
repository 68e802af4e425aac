-- Annex A list 2: early help assessments that are open or were completed in the six months before.
select
    listed.authority_code,
    listed.child_key,
    listed.gender_code,
    listed.ethnicity_code,
    listed.birth_month,
    {{ age_at_month_end('listed.birth_month', month_index('lists.as_at_date')) }} as age,
    listed.assessment_start_date,
    listed.assessment_completion_date,
    listed.organisation_key
from {{ annex_a_rows('early_help_assessments') }}
where listed.assessment_completion_date is null or listed.assessment_completion_date >= lists.since_date
