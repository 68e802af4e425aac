-- A period of care is a run of episodes without a gap. The end is null while it is open, and its reason too where an
-- end was not recorded. The reason X1 says that short breaks followed.
with episodes as (
    select
        *,
        row_number() over (
            partition by authority_code, child_key, care_start_date order by episode_start_date desc nulls last
        ) as newest_first
    from {{ ref('int_ssda903__episodes') }}
),

periods as (
    select
        authority_code,
        child_key,
        care_start_date,
        case
            when max(case when episode_end_date is null then 1 else 0 end) = 0 then max(episode_end_date)
        end as care_end_date,
        max(case when newest_first = 1 then reason_episode_ceased_code end) as care_end_reason_code,
        max(case when newest_first = 1 then placement_type_code end) as last_placement_type_code,
        max(case when reason_new_episode_code = 'S' then 1 else 0 end) = 1 as is_start_recorded
    from episodes
    group by 1, 2, 3
),

with_previous as (
    select
        *,
        coalesce(care_end_reason_code, '') = 'X1' as is_followed_by_short_breaks,
        lag(case when coalesce(care_end_reason_code, '') != 'X1' then care_end_date end) over (
            partition by authority_code, child_key order by care_start_date
        ) as previous_care_end_date
    from periods
)

select
    periods.authority_code,
    periods.child_key,
    periods.care_start_date,
    periods.care_end_date,
    periods.care_end_reason_code,
    periods.is_followed_by_short_breaks,
    periods.last_placement_type_code,
    periods.is_start_recorded,
    periods.previous_care_end_date,
    periods.previous_care_end_date >= {{ add_months('periods.care_start_date', -12) }} as is_re_entry,
    {{ sex_in_words('header.sex_code') }} as sex,
    header.birth_month
from with_previous as periods
left join {{ ref('stg_ssda903__header') }} as header
    on periods.authority_code = header.authority_code and periods.child_key = header.child_key
