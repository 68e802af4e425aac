-- A re-referral follows an earlier referral of the same child by 12 months or less: exactly 12 months counts.
with ordered as (
    select
        referrals.*,
        lag(referrals.referral_date) over (
            partition by referrals.authority_code, referrals.child_key order by referrals.referral_date
        ) as previous_referral_date
    from {{ ref('stg_cin__cin_details') }} as referrals
)

select
    ordered.authority_code,
    ordered.child_key,
    ordered.referral_date,
    ordered.previous_referral_date,
    ordered.is_no_further_action,
    {{ sex_in_words('coalesce(children.sex_code, children.gender_code)') }} as sex,
    children.birth_month,
    coalesce(
        ordered.previous_referral_date >= {{ add_months('ordered.referral_date', -12) }}, false
    ) as is_re_referral
from ordered
left join {{ ref('stg_cin__children') }} as children
    on ordered.authority_code = children.authority_code and ordered.child_key = children.child_key
