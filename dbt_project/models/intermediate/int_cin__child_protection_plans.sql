with plans as (
    select
        *,
        {{ recorded_or_last_listed_end('plan_end_date') }} as ended_on
    from {{ ref('stg_cin__child_protection_plans') }}
),

ordered as (
    select
        *,
        lag(ended_on) over (
            partition by authority_code, child_key order by plan_start_date
        ) as previous_plan_end_date
    from plans
)

select
    plans.authority_code,
    plans.child_key,
    plans.plan_start_date,
    plans.ended_on as plan_end_date,
    plans.plan_end_date as recorded_end_date,
    plans.previous_plan_end_date,
    plans.latest_abuse_category_code,
    plans.previous_plan_count,
    case when referrals.is_no_further_action then 'Referral closed with no further action' end as exclusion_reason,
    {{ sex_in_words('coalesce(children.sex_code, children.gender_code)') }} as sex,
    children.birth_month
from ordered as plans
left join {{ ref('stg_cin__cin_details') }} as referrals
    on
        plans.authority_code = referrals.authority_code
        and plans.child_key = referrals.child_key
        and plans.referral_date = referrals.referral_date
left join {{ ref('stg_cin__children') }} as children
    on plans.authority_code = children.authority_code and plans.child_key = children.child_key
