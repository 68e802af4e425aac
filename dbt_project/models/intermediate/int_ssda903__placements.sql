-- Placements other than temporary ones. The end is that of the last episode in it, null while it is open.
select
    authority_code,
    child_key,
    care_start_date,
    placement_start_date,
    case
        when max(case when episode_end_date is null then 1 else 0 end) = 0 then max(episode_end_date)
    end as placement_end_date
from {{ ref('int_ssda903__episodes') }}
where not is_temporary
group by 1, 2, 3, 4
