-- Children adopted from care with the days each stage took; null where a date is not in the records. Where the records
-- do not hold the start of care, neither that nor the day of the placement order can be told. Adopters who were the
-- child's foster carers (A3, A5) have had the child since the foster placement began.
with first_adoptive_episodes as (
    select
        *,
        row_number() over (
            partition by authority_code, child_key, care_start_date order by episode_start_date
        ) as oldest_first
    from {{ ref('int_ssda903__episodes') }}
    where placement_type_code like 'A%'
),

placement_orders as (
    select
        authority_code,
        child_key,
        care_start_date,
        min(episode_start_date) as order_date
    from {{ ref('int_ssda903__episodes') }}
    where legal_status_code in ('E1', 'D1')
    group by 1, 2, 3
),

adoptions as (
    select
        periods.authority_code,
        periods.child_key,
        periods.care_end_date as adoption_date,
        decisions.adoption_decision_date as decision_date,
        decisions.adoption_match_date as match_date,
        placed.episode_start_date as placed_date,
        periods.sex,
        periods.birth_month,
        case when periods.is_start_recorded then periods.care_start_date end as entry_date,
        case when periods.is_start_recorded then orders.order_date end as order_date,
        case
            when placed.placement_type_code in ('A3', 'A5') then placed.placement_start_date
            else placed.episode_start_date
        end as joined_family_date
    from {{ ref('int_ssda903__care_periods') }} as periods
    left join first_adoptive_episodes as placed
        on
            periods.authority_code = placed.authority_code
            and periods.child_key = placed.child_key
            and periods.care_start_date = placed.care_start_date
            and placed.oldest_first = 1
    left join placement_orders as orders
        on
            periods.authority_code = orders.authority_code
            and periods.child_key = orders.child_key
            and periods.care_start_date = orders.care_start_date
    left join {{ ref('stg_ssda903__ad1') }} as decisions
        on periods.authority_code = decisions.authority_code and periods.child_key = decisions.child_key
    where periods.care_end_reason_code in ('E11', 'E12')
)

select
    authority_code,
    child_key,
    adoption_date,
    {{ days_between('entry_date', 'placed_date') }} as days_from_entry_to_placement,
    {{ days_between('entry_date', 'joined_family_date') }} as days_from_entry_to_family,
    -- what happened before the placement order took no time after it
    case
        when placed_date is null then null
        when match_date < order_date then 0
        else {{ days_between('order_date', 'match_date') }}
    end as days_from_order_to_match,
    case
        when placed_date is null or match_date is null then null
        when least(match_date, joined_family_date) < order_date then 0
        else {{ days_between('order_date', 'least(match_date, joined_family_date)') }}
    end as days_from_order_to_match_or_family,
    {{ days_between('entry_date', 'decision_date') }} as days_from_entry_to_decision,
    {{ days_between('decision_date', 'match_date') }} as days_from_decision_to_match,
    {{ days_between('match_date', 'placed_date') }} as days_from_match_to_placement,
    {{ days_between('placed_date', 'adoption_date') }} as days_from_placement_to_adoption,
    {{ days_between('entry_date', 'adoption_date') }} as days_from_entry_to_adoption,
    placed_date <= {{ add_months('decision_date', 12) }} as is_placed_within_12_months,
    sex,
    birth_month
from adoptions
