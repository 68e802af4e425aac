-- A re-referral follows an earlier referral of the same child by 12 months or less: exactly 12 months counts.
-- A referral opens an episode of need, unless it is closed with no further action. A child was assessed as not in
-- need where the episode closed for that reason after an assessment, with neither an enquiry nor a plan.
with assessed as (
    select distinct
        authority_code,
        child_key,
        referral_date
    from {{ ref('stg_cin__assessments') }}
),

protected as (
    select
        authority_code,
        child_key,
        referral_date
    from {{ ref('stg_cin__section_47') }}
    union
    select
        authority_code,
        child_key,
        referral_date
    from {{ ref('stg_cin__child_protection_plans') }}
),

ordered as (
    select
        referrals.*,
        {{ recorded_or_last_listed_end('referrals.closure_date') }} as ended_on,
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
    ordered.referral_source_code,
    ordered.closure_date,
    ordered.ended_on as episode_end_date,
    ordered.is_no_further_action,
    case when ordered.is_no_further_action then 'Referral closed with no further action' end as exclusion_reason,
    coalesce(
        not ordered.is_no_further_action
        and ordered.closure_reason_code in ('RC8', 'RC9')
        and assessed.child_key is not null
        and protected.child_key is null,
        false
    ) as is_assessed_as_not_in_need,
    {{ sex_in_words('coalesce(children.sex_code, children.gender_code)') }} as sex,
    children.birth_month,
    coalesce(
        ordered.previous_referral_date >= {{ add_months('ordered.referral_date', -12) }}, false
    ) as is_re_referral
from ordered
left join {{ ref('stg_cin__children') }} as children
    on ordered.authority_code = children.authority_code and ordered.child_key = children.child_key
left join assessed
    on
        ordered.authority_code = assessed.authority_code
        and ordered.child_key = assessed.child_key
        and ordered.referral_date = assessed.referral_date
left join protected
    on
        ordered.authority_code = protected.authority_code
        and ordered.child_key = protected.child_key
        and ordered.referral_date = protected.referral_date
