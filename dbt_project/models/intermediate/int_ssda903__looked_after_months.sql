-- Children looked after at the end of each month, with what the measures ask about them on that day. Where
-- records overlap, the episode that started last counts. The health of the return is asked by the age on 31 March
-- of its year.
with open_episodes as (
    select
        covered.month,
        covered.month_index,
        covered.month_end_date,
        {{ add_months('covered.month_start_date', -11) }} as year_start_date,
        calendar.start_year * 12 + 15 as year_end_month_index,
        episodes.*,
        row_number() over (
            partition by episodes.authority_code, episodes.child_key, covered.month
            order by episodes.episode_start_date desc nulls last
        ) as newest_first
    from {{ ref('int_delivery__covered_months') }} as covered
    inner join {{ ref('int_ssda903__episodes') }} as episodes
        on
            covered.authority_code = episodes.authority_code
            and episodes.episode_start_date <= covered.month_end_date
            and (episodes.episode_end_date is null or episodes.episode_end_date > covered.month_end_date)
    inner join {{ ref('int_calendar__months') }} as calendar
        on covered.month = calendar.month
    where covered.dataset = 'ssda903' and covered.table_name = 'episodes'
),

looked_after as (
    select *
    from open_episodes
    where newest_first = 1
),

placements_in_year as (
    select
        looked_after.authority_code,
        looked_after.child_key,
        looked_after.month,
        cast(count(*) as integer) as placement_count
    from looked_after
    inner join {{ ref('int_ssda903__placements') }} as placements
        on
            looked_after.authority_code = placements.authority_code
            and looked_after.child_key = placements.child_key
            and placements.placement_start_date <= looked_after.month_end_date
            and (
                placements.placement_end_date is null
                or (
                    placements.placement_end_date > looked_after.year_start_date
                    -- a placement of less than 24 hours begins and ends on one day
                    and placements.placement_end_date > placements.placement_start_date
                )
            )
    group by 1, 2, 3
),

short_breaks as (
    select
        authority_code,
        child_key,
        episode_start_date,
        {{ recorded_or_last_listed_end('episode_end_date') }} as ended_on
    from {{ ref('stg_ssda903__episodes') }}
    where legal_status_code in ('V3', 'V4')
),

short_breaks_in_year as (
    select distinct
        looked_after.authority_code,
        looked_after.child_key,
        looked_after.month
    from looked_after
    inner join short_breaks
        on
            looked_after.authority_code = short_breaks.authority_code
            and looked_after.child_key = short_breaks.child_key
            and short_breaks.episode_start_date <= looked_after.month_end_date
            and (short_breaks.ended_on is null or short_breaks.ended_on >= looked_after.year_start_date)
),

unaccompanied as (
    select
        authority_code,
        child_key,
        {{ recorded_or_last_listed_end('uasc_ceased_date') }} as ended_on
    from {{ ref('stg_ssda903__uasc') }}
),

deprivation_of_liberty as (
    select
        authority_code,
        child_key,
        order_start_date,
        {{ recorded_or_last_listed_end('order_end_date') }} as ended_on
    from {{ ref('stg_ssda903__deprivation_of_liberty') }}
),

under_order as (
    select distinct
        looked_after.authority_code,
        looked_after.child_key,
        looked_after.month
    from looked_after
    inner join deprivation_of_liberty as orders
        on
            looked_after.authority_code = orders.authority_code
            and looked_after.child_key = orders.child_key
            and orders.order_start_date <= looked_after.month_end_date
            and (orders.ended_on is null or orders.ended_on > looked_after.month_end_date)
),

social_workers as (
    select
        authority_code,
        child_key,
        worker_key,
        worker_start_date,
        {{ recorded_or_last_listed_end('worker_end_date') }} as ended_on
    from {{ ref('stg_ssda903__social_worker_episodes') }}
),

social_workers_in_year as (
    select
        looked_after.authority_code,
        looked_after.child_key,
        looked_after.month,
        cast(count(distinct social_workers.worker_key) as integer) as social_worker_count
    from looked_after
    inner join social_workers
        on
            looked_after.authority_code = social_workers.authority_code
            and looked_after.child_key = social_workers.child_key
            and social_workers.worker_start_date <= looked_after.month_end_date
            and (social_workers.ended_on is null or social_workers.ended_on > looked_after.year_start_date)
    group by 1, 2, 3
),

reviews_in_year as (
    select
        looked_after.authority_code,
        looked_after.child_key,
        looked_after.month,
        max(
            case
                when reviews.is_late and coalesce(reviews.review_date >= looked_after.year_start_date, true) then 1
                else 0
            end
        ) = 0 as are_reviews_on_time
    from looked_after
    inner join {{ ref('int_ssda903__reviews_due') }} as reviews
        on
            looked_after.authority_code = reviews.authority_code
            and looked_after.child_key = reviews.child_key
            and looked_after.care_start_date = reviews.care_start_date
            and reviews.due_date <= looked_after.month_end_date
    group by 1, 2, 3
)

select
    looked_after.authority_code,
    looked_after.child_key,
    looked_after.month,
    looked_after.month_end_date,
    looked_after.legal_status_code,
    looked_after.placement_type_code,
    looked_after.placement_provider_code,
    looked_after.is_placed_in_authority,
    looked_after.placement_distance_miles,
    unaccompanied.child_key is not null as is_unaccompanied,
    under_order.child_key is not null as is_under_deprivation_of_liberty_order,
    looked_after.legal_status_code = 'E1' and looked_after.placement_type_code not in ('A3', 'A4', 'A5', 'A6')
        as is_waiting_for_adopters,
    looked_after.care_start_date,
    looked_after.carer_start_date,
    coalesce(placements_in_year.placement_count, 0) as placement_count,
    workers.social_worker_count,
    reviews_in_year.are_reviews_on_time,
    looked_after.care_start_date <= looked_after.year_start_date and breaks.child_key is null
        as is_looked_after_all_year,
    looked_after.care_start_date <= {{ add_months('looked_after.month_end_date', -30) }}
        as is_looked_after_30_months,
    looked_after.carer_start_date <= {{ add_months('looked_after.month_end_date', -24) }}
        as is_with_carer_24_months,
    {{ age_at_month_end('header.birth_month', 'looked_after.month_index') }} as age,
    {{ age_at_month_end('header.birth_month', 'looked_after.year_end_month_index') }} as age_at_year_end,
    health.child_key is not null as has_health_record,
    health.has_health_assessment,
    health.has_dental_check,
    health.is_immunised,
    health.has_development_check,
    health.has_substance_misuse,
    health.is_convicted,
    health.sdq_score,
    {{ sex_in_words('header.sex_code') }} as sex,
    header.birth_month
from looked_after
left join placements_in_year
    on
        looked_after.authority_code = placements_in_year.authority_code
        and looked_after.child_key = placements_in_year.child_key
        and looked_after.month = placements_in_year.month
left join under_order
    on
        looked_after.authority_code = under_order.authority_code
        and looked_after.child_key = under_order.child_key
        and looked_after.month = under_order.month
left join social_workers_in_year as workers
    on
        looked_after.authority_code = workers.authority_code
        and looked_after.child_key = workers.child_key
        and looked_after.month = workers.month
left join reviews_in_year
    on
        looked_after.authority_code = reviews_in_year.authority_code
        and looked_after.child_key = reviews_in_year.child_key
        and looked_after.month = reviews_in_year.month
left join short_breaks_in_year as breaks
    on
        looked_after.authority_code = breaks.authority_code
        and looked_after.child_key = breaks.child_key
        and looked_after.month = breaks.month
left join {{ ref('stg_ssda903__oc2') }} as health
    on
        looked_after.authority_code = health.authority_code
        and looked_after.child_key = health.child_key
        and looked_after.month_end_date = health.as_at_date
left join unaccompanied
    on
        looked_after.authority_code = unaccompanied.authority_code
        and looked_after.child_key = unaccompanied.child_key
        and (unaccompanied.ended_on is null or unaccompanied.ended_on > looked_after.month_end_date)
left join {{ ref('stg_ssda903__header') }} as header
    on looked_after.authority_code = header.authority_code and looked_after.child_key = header.child_key
