-- Placements other than temporary ones. The end is that of the last episode in it, null while it is open; its reason
-- is asked for where another placement followed.
with episodes as (
    select
        *,
        row_number() over (
            partition by authority_code, child_key, care_start_date, placement_start_date
            order by episode_start_date desc nulls last
        ) as newest_first
    from {{ ref('int_ssda903__episodes') }}
    where not is_temporary
),

placements as (
    select
        authority_code,
        child_key,
        care_start_date,
        placement_start_date,
        case
            when max(case when episode_end_date is null then 1 else 0 end) = 0 then max(episode_end_date)
        end as placement_end_date,
        max(case when newest_first = 1 then reason_place_change_code end) as reason_place_change_code
    from episodes
    group by 1, 2, 3, 4
)

select
    placements.authority_code,
    placements.child_key,
    placements.care_start_date,
    placements.placement_start_date,
    placements.placement_end_date,
    placements.reason_place_change_code,
    lead(placements.placement_start_date) over (
        partition by placements.authority_code, placements.child_key, placements.care_start_date
        order by placements.placement_start_date
    ) is not null as is_followed_by_placement,
    {{ sex_in_words('header.sex_code') }} as sex,
    header.birth_month
from placements
left join {{ ref('stg_ssda903__header') }} as header
    on placements.authority_code = header.authority_code and placements.child_key = header.child_key
