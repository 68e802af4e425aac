-- Who was on the roll of a school at each census, and who had left it since the one before, with the sessions that
-- census counts: those of the term before and, in autumn, those of the second half of the summer term too, where
-- their table came. A second registration of somebody whose school is another one, and a guest, do not count.
with tables as (
    select
        delivery_id,
        max(case when table_name = 'summer_session_details' then 1 else 0 end) as has_summer_on_roll,
        max(case when table_name = 'summer_session_details_off_roll' then 1 else 0 end) as has_summer_off_roll
    from {{ ref('stg_scrutiny__delivered_tables') }}
    group by 1
),

listed as (
    select
        on_roll.authority_code,
        on_roll.delivery_id,
        on_roll.delivery_period_end_date,
        on_roll.pupil_record_key,
        on_roll.school_id,
        true as is_on_roll,
        on_roll.upn_key,
        on_roll.sex_code,
        on_roll.birth_month,
        on_roll.entry_date,
        on_roll.sen_provision_code,
        coalesce(on_roll.sessions_possible, 0)
        + coalesce(on_roll.summer_sessions_possible * tables.has_summer_on_roll, 0) as sessions_possible
    from {{ ref('stg_school_census__pupils_on_roll') }} as on_roll
    inner join tables
        on on_roll.delivery_id = tables.delivery_id
    where coalesce(on_roll.enrolment_status_code, 'C') not in ('S', 'G')
    union all
    select
        off_roll.authority_code,
        off_roll.delivery_id,
        off_roll.delivery_period_end_date,
        off_roll.pupil_record_key,
        off_roll.school_id,
        false as is_on_roll,
        off_roll.upn_key,
        off_roll.sex_code,
        off_roll.birth_month,
        off_roll.entry_date,
        null as sen_provision_code,
        coalesce(off_roll.sessions_possible, 0)
        + coalesce(off_roll.summer_sessions_possible * tables.has_summer_off_roll, 0) as sessions_possible
    from {{ ref('stg_school_census__pupils_no_longer_on_roll') }} as off_roll
    inner join tables
        on off_roll.delivery_id = tables.delivery_id
),

details as (
    {% for table, is_on_roll in [
        ('session_details', 'true'), ('summer_session_details', 'true'),
        ('session_details_off_roll', 'false'), ('summer_session_details_off_roll', 'false'),
    ] %}
    select
        delivery_id,
        pupil_record_key,
        school_id,
        {{ is_on_roll }} as is_on_roll,
        attendance_reason_code,
        session_count
    from {{ ref('stg_school_census__' ~ table) }}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

missed as (
    select
        details.delivery_id,
        details.pupil_record_key,
        details.school_id,
        details.is_on_roll,
        sum(details.session_count) as sessions_missed
    from details
    inner join {{ ref('code_sets') }} as reasons
        on details.attendance_reason_code = reasons.code
    where
        reasons.code_set = 'school_census.AttendanceReason'
        and reasons.attribute in ('authorised', 'unauthorised')
    group by 1, 2, 3, 4
)

select
    listed.authority_code,
    listed.delivery_id,
    listed.delivery_period_end_date as census_term_end_date,
    listed.pupil_record_key,
    listed.school_id,
    listed.is_on_roll,
    listed.upn_key,
    {{ sex_in_words('listed.sex_code') }} as sex,
    listed.birth_month,
    listed.entry_date,
    listed.sen_provision_code,
    listed.sessions_possible,
    coalesce(missed.sessions_missed, 0) as sessions_missed
from listed
left join missed
    on
        listed.delivery_id = missed.delivery_id
        and listed.pupil_record_key = missed.pupil_record_key
        and listed.school_id = missed.school_id
        and listed.is_on_roll = missed.is_on_roll
where listed.upn_key is not null
