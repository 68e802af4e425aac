-- What assessments found in an episode of need: the day a factor counts is the day the first assessment that records it
-- was authorised, however many assessments of the episode record it.
select
    assessments.authority_code,
    assessments.child_key,
    assessments.referral_date,
    min(case when factors.assessment_factor_code = '3B' then assessments.authorisation_date end)
        as domestic_abuse_of_parent_date,
    min(case when factors.assessment_factor_code = '11A' then assessments.authorisation_date end)
        as child_sexual_exploitation_date,
    min(case when factors.assessment_factor_code = '24A' then assessments.authorisation_date end)
        as child_criminal_exploitation_date,
    min(case when factors.assessment_factor_code = '16A' then assessments.authorisation_date end)
        as neglect_date,
    assessments.exclusion_reason,
    assessments.sex,
    assessments.birth_month
from {{ ref('int_cin__assessments') }} as assessments
inner join {{ ref('stg_cin__assessment_factors') }} as factors
    on
        assessments.authority_code = factors.authority_code
        and assessments.child_key = factors.child_key
        and assessments.assessment_start_date = factors.assessment_start_date
group by
    assessments.authority_code,
    assessments.child_key,
    assessments.referral_date,
    assessments.exclusion_reason,
    assessments.sex,
    assessments.birth_month
