-- Assessments as Annex A lists them, which says whether the child was seen.
select
    authority_code,
    child_key,
    assessment_start_date,
    authorisation_date,
    child_seen_code,
    {{ sex_in_words('gender_code') }} as sex,
    birth_month
from {{ ref('stg_annex_a__assessments') }}
