-- The visits that fell due to children looked after: the first within a week of the start of a placement, each other
-- within the interval since the one before (Care Planning Regulations 2010, regulation 28). With parents under an
-- interim care order that is a week until the first review held in the placement, then four weeks; else six weeks
-- and, after the first year of a placement meant to last (long-term foster care, U1 and U4), three months. A visit
-- counts if the child was seen. A visit overdue counts once, however long it is. Nothing falls due on the day a
-- placement ends or later.
with visits as (
    select distinct
        authority_code,
        child_key,
        visit_date
    from {{ ref('stg_visits__statutory_visits') }}
    where visit_type_code = 'Looked after' and is_seen
),

reviewed as (
    select
        placements.authority_code,
        placements.child_key,
        placements.care_start_date,
        placements.placement_start_date,
        placements.placement_end_date,
        min(reviews.review_date) as first_review_date
    from {{ ref('int_ssda903__placements') }} as placements
    left join {{ ref('int_ssda903__reviews') }} as reviews
        on
            placements.authority_code = reviews.authority_code
            and placements.child_key = reviews.child_key
            and placements.care_start_date = reviews.care_start_date
            and placements.placement_start_date <= reviews.review_date
    group by 1, 2, 3, 4, 5
),

-- what starts the clock: the placement, and each visit in it
starts as (
    select
        *,
        placement_start_date as started_on,
        0 as is_visit
    from reviewed
    union all
    select
        reviewed.*,
        visits.visit_date as started_on,
        1 as is_visit
    from reviewed
    inner join visits
        on
            reviewed.authority_code = visits.authority_code
            and reviewed.child_key = visits.child_key
            and reviewed.placement_start_date <= visits.visit_date
            and (reviewed.placement_end_date is null or reviewed.placement_end_date >= visits.visit_date)
),

with_next as (
    select
        *,
        lead(started_on) over (
            partition by authority_code, child_key, care_start_date, placement_start_date
            order by started_on, is_visit
        ) as next_visit_date
    from starts
),

with_episode as (
    select
        with_next.*,
        episodes.placement_type_code,
        episodes.placement_type_code = 'P1' and episodes.legal_status_code = 'C1' as is_with_parents_for_now,
        row_number() over (
            partition by
                with_next.authority_code, with_next.child_key, with_next.care_start_date,
                with_next.placement_start_date, with_next.started_on, with_next.is_visit
            order by episodes.episode_start_date desc
        ) as newest_first
    from with_next
    inner join {{ ref('int_ssda903__episodes') }} as episodes
        on
            with_next.authority_code = episodes.authority_code
            and with_next.child_key = episodes.child_key
            and with_next.care_start_date = episodes.care_start_date
            and with_next.placement_start_date = episodes.placement_start_date
            and with_next.started_on >= episodes.episode_start_date
    where not episodes.is_temporary
),

with_due as (
    select
        *,
        case
            when is_visit = 0 then {{ add_days('started_on', 7) }}
            when is_with_parents_for_now and (first_review_date is null or started_on < first_review_date)
                then {{ add_days('started_on', 7) }}
            when is_with_parents_for_now then {{ add_days('started_on', 28) }}
            when placement_type_code in ('U1', 'U4') and started_on >= {{ add_months('placement_start_date', 12) }}
                then {{ add_months('started_on', 3) }}
            else {{ add_days('started_on', 42) }}
        end as due_date
    from with_episode
    where newest_first = 1
)

select
    authority_code,
    child_key,
    placement_start_date,
    started_on,
    is_visit = 1 as is_after_visit,
    due_date,
    coalesce(next_visit_date <= due_date, false) as is_on_time
from with_due
where placement_end_date is null or due_date < placement_end_date
