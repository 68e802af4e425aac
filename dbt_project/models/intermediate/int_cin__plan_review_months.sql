-- Plans open at the end of a month for 91 days or more, with how timely their reviews were in the 12 months to it: the
-- first is due within 91 days of the start of the plan, each later one within 182 days of the one before.
with reviews as (
    select
        authority_code,
        child_key,
        plan_start_date,
        review_date,
        lag(review_date) over (
            partition by authority_code, child_key, plan_start_date order by review_date
        ) as previous_review_date
    from {{ ref('stg_cin__child_protection_reviews') }}
),

timed as (
    select
        *,
        case
            when previous_review_date is null
                then {{ days_between('plan_start_date', 'review_date') }} > 91
            else {{ days_between('previous_review_date', 'review_date') }} > 182
        end as is_late
    from reviews
),

plan_months as (
    select
        plans.authority_code,
        plans.child_key,
        plans.plan_start_date,
        plans.exclusion_reason,
        plans.sex,
        plans.birth_month,
        months.month,
        months.month_end_date,
        last_day({{ add_months('months.month_end_date', -12) }}) as day_before_year
    from {{ ref('int_cin__child_protection_plans') }} as plans
    inner join {{ ref('int_delivery__covered_months') }} as months
        on
            plans.authority_code = months.authority_code
            and months.dataset = 'cin'
            and months.table_name = 'child_protection_plans'
            and (plans.plan_end_date is null or plans.plan_end_date > months.month_end_date)
    where {{ days_between('plans.plan_start_date', 'months.month_end_date') }} >= 91
),

counted as (
    select
        plan_months.authority_code,
        plan_months.child_key,
        plan_months.plan_start_date,
        plan_months.month,
        plan_months.month_end_date,
        plan_months.exclusion_reason,
        plan_months.sex,
        plan_months.birth_month,
        max(timed.review_date) as last_review_date,
        sum(case when timed.is_late and timed.review_date > plan_months.day_before_year then 1 else 0 end)
            as late_review_count
    from plan_months
    left join timed
        on
            plan_months.authority_code = timed.authority_code
            and plan_months.child_key = timed.child_key
            and plan_months.plan_start_date = timed.plan_start_date
            and timed.review_date <= plan_months.month_end_date
    group by 1, 2, 3, 4, 5, 6, 7, 8
)

select
    authority_code,
    child_key,
    plan_start_date,
    month,
    last_review_date,
    late_review_count,
    case
        when last_review_date is null
            then {{ days_between('plan_start_date', 'month_end_date') }} > 91
        else {{ days_between('last_review_date', 'month_end_date') }} > 182
    end as is_review_overdue,
    exclusion_reason,
    sex,
    birth_month
from counted
