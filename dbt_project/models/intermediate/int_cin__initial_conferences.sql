-- Initial child protection conferences: those that followed an enquiry, and those of children who moved in with a plan,
-- recorded with the referral. Two enquiries that came to a conference of one child on one day came to one conference.
with recorded as (
    select
        authority_code,
        child_key,
        referral_date,
        initial_conference_date
    from {{ ref('stg_cin__section_47') }}
    where initial_conference_date is not null
    union
    select
        authority_code,
        child_key,
        referral_date,
        initial_conference_date
    from {{ ref('stg_cin__cin_details') }}
    where initial_conference_date is not null
),

conferences as (
    select
        recorded.authority_code,
        recorded.child_key,
        recorded.initial_conference_date,
        min(case when referrals.is_no_further_action then 1 else 0 end) = 1 as is_no_further_action
    from recorded
    left join {{ ref('stg_cin__cin_details') }} as referrals
        on
            recorded.authority_code = referrals.authority_code
            and recorded.child_key = referrals.child_key
            and recorded.referral_date = referrals.referral_date
    group by 1, 2, 3
)

select
    conferences.authority_code,
    conferences.child_key,
    conferences.initial_conference_date,
    plans.child_key is not null as is_followed_by_plan,
    case when conferences.is_no_further_action then 'Referral closed with no further action' end as exclusion_reason,
    {{ sex_in_words('coalesce(children.sex_code, children.gender_code)') }} as sex,
    children.birth_month
from conferences
left join {{ ref('stg_cin__child_protection_plans') }} as plans
    on
        conferences.authority_code = plans.authority_code
        and conferences.child_key = plans.child_key
        and conferences.initial_conference_date = plans.plan_start_date
left join {{ ref('stg_cin__children') }} as children
    on conferences.authority_code = children.authority_code and conferences.child_key = children.child_key
