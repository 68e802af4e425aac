-- Pre-proceedings: the work with a family before the council decides whether to go to court.
select
    pre_proceedings.authority_code,
    pre_proceedings.child_key,
    pre_proceedings.pre_proceedings_start_date,
    pre_proceedings.decision_date,
    {{ days_between('pre_proceedings.pre_proceedings_start_date', 'pre_proceedings.decision_date') }}
        as days_to_decision,
    pre_proceedings.is_family_group_meeting_offered,
    case when referrals.is_no_further_action then 'Referral closed with no further action' end as exclusion_reason,
    {{ sex_in_words('coalesce(children.sex_code, children.gender_code)') }} as sex,
    children.birth_month
from {{ ref('stg_cin__pre_proceedings') }} as pre_proceedings
left join {{ ref('stg_cin__cin_details') }} as referrals
    on
        pre_proceedings.authority_code = referrals.authority_code
        and pre_proceedings.child_key = referrals.child_key
        and pre_proceedings.referral_date = referrals.referral_date
left join {{ ref('stg_cin__children') }} as children
    on
        pre_proceedings.authority_code = children.authority_code
        and pre_proceedings.child_key = children.child_key
