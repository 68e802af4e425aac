-- Care leavers aged 17 to 21 by the month of their birthday in the collection year they were reported for.
with birthdays as (
    select
        *,
        cast(substr(collection_year, 1, 4) as integer)
        + case when extract(month from birth_month) < 4 then 1 else 0 end as birthday_year
    from {{ ref('stg_ssda903__oc3') }}
),

last_periods as (
    select
        *,
        row_number() over (
            partition by authority_code, child_key order by care_start_date desc nulls last
        ) as newest_first
    from {{ ref('int_ssda903__care_periods') }}
)

select
    birthdays.authority_code,
    birthdays.child_key,
    {{ first_of_month('birthdays.birthday_year', 'extract(month from birthdays.birth_month)') }}
        as birthday_month_date,
    cast(birthdays.birthday_year - extract(year from birthdays.birth_month) as integer) as age,
    birthdays.in_touch_code,
    birthdays.activity_code,
    birthdays.accommodation_code,
    birthdays.activity_code like 'F%' or birthdays.activity_code like 'P%'
        as is_in_education_employment_or_training,
    birthdays.activity_code is null or birthdays.activity_code = '0' as is_activity_not_known,
    birthdays.accommodation_code is null
    or birthdays.accommodation_code = '0'
    or birthdays.accommodation_code like 'R%' as is_accommodation_not_known,
    birthdays.accommodation_code like '%1' and birthdays.accommodation_code not like 'R%'
        as is_accommodation_suitable,
    birthdays.accommodation_code like 'Z%' as is_with_former_foster_carer,
    coalesce(
        last_periods.last_placement_type_code like 'U%'
        and {{ month_index('last_periods.care_end_date') }} = {{ month_index('birthdays.birth_month') }} + 18 * 12,
        false
    ) as is_from_foster_care_at_18,
    case birthdays.in_touch_code
        when 'DIED' then 'Died'
        when 'RHOM' then 'Returned home for six months or more'
    end as exclusion_reason,
    {{ sex_in_words('header.sex_code') }} as sex,
    birthdays.birth_month
from birthdays
left join last_periods
    on
        birthdays.authority_code = last_periods.authority_code
        and birthdays.child_key = last_periods.child_key
        and last_periods.newest_first = 1
left join {{ ref('stg_ssda903__header') }} as header
    on birthdays.authority_code = header.authority_code and birthdays.child_key = header.child_key
where birthdays.birthday_year - extract(year from birthdays.birth_month) between 17 and 21
