-- A period of care is a run of episodes without a gap. The end is null while it is open.
select
    episodes.authority_code,
    episodes.child_key,
    episodes.care_start_date,
    case
        when max(case when episodes.episode_end_date is null then 1 else 0 end) = 0 then max(episodes.episode_end_date)
    end as care_end_date,
    max(case when episodes.reason_new_episode_code = 'S' then 1 else 0 end) = 1 as is_start_recorded,
    max({{ sex_in_words('header.sex_code') }}) as sex,
    max(header.birth_month) as birth_month
from {{ ref('int_ssda903__episodes') }} as episodes
left join {{ ref('stg_ssda903__header') }} as header
    on episodes.authority_code = header.authority_code and episodes.child_key = header.child_key
group by 1, 2, 3
