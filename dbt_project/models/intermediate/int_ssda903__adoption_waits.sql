-- Children adopted in the 12 months to the end of each month, and children who wait for adopters on its last day, with
-- the days from coming into care to moving in, or until that day; null where the records do not tell. A child who was
-- adopted twice, or waits again, counts once: as what came last.
with waits as (
    select
        adoptions.authority_code,
        adoptions.child_key,
        covered.month,
        adoptions.adoption_date as waited_until,
        adoptions.days_from_entry_to_placement as days_waited,
        adoptions.sex,
        adoptions.birth_month
    from {{ ref('int_delivery__covered_months') }} as covered
    inner join {{ ref('int_ssda903__adoptions') }} as adoptions
        on
            covered.authority_code = adoptions.authority_code
            and adoptions.adoption_date >= {{ add_months('covered.month_start_date', -11) }}
            and adoptions.adoption_date <= covered.month_end_date
    where covered.dataset = 'ssda903' and covered.table_name = 'episodes'
    union all
    select
        waiting.authority_code,
        waiting.child_key,
        waiting.month,
        waiting.month_end_date as waited_until,
        case
            when periods.is_start_recorded
                then {{ days_between('waiting.care_start_date', 'waiting.month_end_date') }}
        end as days_waited,
        waiting.sex,
        waiting.birth_month
    from {{ ref('int_ssda903__looked_after_months') }} as waiting
    inner join {{ ref('int_ssda903__care_periods') }} as periods
        on
            waiting.authority_code = periods.authority_code
            and waiting.child_key = periods.child_key
            and waiting.care_start_date = periods.care_start_date
    where waiting.is_waiting_for_adopters
),

ranked as (
    select
        *,
        row_number() over (
            partition by authority_code, child_key, month order by waited_until desc, days_waited desc nulls last
        ) as newest_first
    from waits
)

select
    authority_code,
    child_key,
    month,
    days_waited,
    sex,
    birth_month
from ranked
where newest_first = 1
