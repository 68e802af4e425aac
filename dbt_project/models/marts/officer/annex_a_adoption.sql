-- Annex A list 10: children waiting to be adopted, and those adopted or whose decision was reversed in the year before.
select
    listed.authority_code,
    listed.child_key,
    listed.family_key,
    listed.gender_code,
    listed.ethnicity_code,
    listed.birth_month,
    {{ age_at_month_end('listed.birth_month', month_index('lists.as_at_date')) }} as age,
    listed.disability_code,
    listed.care_start_date,
    listed.decision_date,
    listed.placement_order_date,
    listed.matching_date,
    listed.placed_date,
    listed.adoption_order_date,
    listed.reversal_decision_date,
    listed.reversal_reason_code,
    listed.early_permanence_date
from {{ annex_a_rows('adoption') }}
where
    coalesce(listed.adoption_order_date, listed.reversal_decision_date) is null
    or listed.adoption_order_date >= lists.since_date
    or listed.reversal_decision_date >= lists.since_date
