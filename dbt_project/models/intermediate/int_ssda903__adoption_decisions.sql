-- Decisions that a child should be placed for adoption, and the day and reason each was reversed, if it was.
select
    decisions.authority_code,
    decisions.child_key,
    decisions.placed_date as decision_date,
    decisions.placed_ceased_date as reversal_date,
    decisions.reason_placed_ceased_code as reversal_reason_code,
    {{ sex_in_words('header.sex_code') }} as sex,
    header.birth_month
from {{ ref('stg_ssda903__placed_adoption') }} as decisions
left join {{ ref('stg_ssda903__header') }} as header
    on decisions.authority_code = header.authority_code and decisions.child_key = header.child_key
