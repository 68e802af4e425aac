-- Pupils who were known to social care on 31 March, each once, by the most that social care was to them that day:
-- looked after (short breaks apart), on a child protection plan, or in need. They are told by the unique pupil
-- number, as it is the same in the returns and in the census, with what the spring census of that year says of them.
with years as (
    select
        month,
        month_index,
        month_end_date
    from {{ ref('int_calendar__months') }}
    where month_of_year = 12
),

known as (
    select
        looked_after.authority_code,
        looked_after.child_key,
        header.upn_key,
        years.month,
        case
            when looked_after.is_looked_after_all_year then 'Looked after for 12 months' else 'Looked after for less'
        end as social_care_group,
        1 as precedence
    from {{ ref('int_ssda903__looked_after_months') }} as looked_after
    inner join years
        on looked_after.month = years.month
    inner join {{ ref('stg_ssda903__header') }} as header
        on looked_after.authority_code = header.authority_code and looked_after.child_key = header.child_key
    union all
    select
        plans.authority_code,
        plans.child_key,
        children.upn_key,
        years.month,
        'Child protection plan' as social_care_group,
        2 as precedence
    from {{ ref('int_cin__child_protection_plans') }} as plans
    inner join years
        on
            plans.plan_start_date <= years.month_end_date
            and (plans.plan_end_date is null or plans.plan_end_date > years.month_end_date)
    inner join {{ ref('stg_cin__children') }} as children
        on plans.authority_code = children.authority_code and plans.child_key = children.child_key
    where plans.exclusion_reason is null
    union all
    select
        referrals.authority_code,
        referrals.child_key,
        children.upn_key,
        years.month,
        'In need' as social_care_group,
        3 as precedence
    from {{ ref('int_cin__referrals') }} as referrals
    inner join years
        on
            referrals.referral_date <= years.month_end_date
            and (referrals.episode_end_date is null or referrals.episode_end_date > years.month_end_date)
    inner join {{ ref('stg_cin__children') }} as children
        on referrals.authority_code = children.authority_code and referrals.child_key = children.child_key
    where referrals.exclusion_reason is null
),

ranked as (
    select
        *,
        row_number() over (
            partition by authority_code, upn_key, month order by precedence, child_key
        ) as closest_first
    from known
    where upn_key is not null
),

spring_census as (
    select
        enrolments.authority_code,
        enrolments.upn_key,
        years.month,
        max(case when enrolments.is_on_roll then 1 else 0 end) = 1 as is_on_roll,
        max({{ age_at_month_end('enrolments.birth_month', 'years.month_index - 7') }}) as age_at_year_start,
        case
            when max(case when enrolments.sen_provision_code in ('E', 'S') then 1 else 0 end) = 1 then true
            when count(enrolments.sen_provision_code) > 0 then false
        end as has_plan,
        max(enrolments.sex) as sex,
        max(enrolments.birth_month) as birth_month
    from {{ ref('int_school_census__enrolments') }} as enrolments
    inner join years
        on enrolments.census_term_end_date = years.month_end_date
    group by 1, 2, 3
)

select
    ranked.authority_code,
    ranked.child_key,
    ranked.upn_key,
    ranked.month,
    ranked.social_care_group,
    census.upn_key is not null as is_in_census,
    coalesce(census.is_on_roll, false) as is_on_roll,
    census.age_at_year_start,
    census.has_plan,
    census.sex,
    census.birth_month
from ranked
left join spring_census as census
    on
        ranked.authority_code = census.authority_code
        and ranked.upn_key = census.upn_key
        and ranked.month = census.month
where ranked.closest_first = 1
