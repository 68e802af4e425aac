-- The sessions of an academic year of pupils known to social care on 31 March of it. The spring, summer and autumn
-- census of a calendar year count the terms before them, so together an academic year: its figure belongs to
-- December.
with years as (
    select
        march.month as march,
        december.month,
        march.month_index - 7 as start_month_index,
        march.month_end_date as march_end_date,
        december.month_end_date
    from {{ ref('int_calendar__months') }} as march
    inner join {{ ref('int_calendar__months') }} as december
        on march.month_index + 9 = december.month_index
    where march.month_of_year = 12
),

sessions as (
    select
        enrolments.authority_code,
        enrolments.upn_key,
        years.march,
        years.month,
        max({{ age_at_month_end('enrolments.birth_month', 'years.start_month_index') }}) as age_at_year_start,
        sum(enrolments.sessions_possible) as sessions_possible,
        sum(enrolments.sessions_missed) as sessions_missed,
        max(enrolments.sex) as sex,
        max(enrolments.birth_month) as birth_month
    from {{ ref('int_school_census__enrolments') }} as enrolments
    inner join years
        on enrolments.census_term_end_date between years.march_end_date and years.month_end_date
    group by 1, 2, 3, 4
)

select
    pupils.authority_code,
    pupils.child_key,
    sessions.month,
    pupils.social_care_group,
    sessions.sessions_possible,
    sessions.sessions_missed,
    sessions.sex,
    sessions.birth_month
from sessions
inner join {{ ref('int_school_census__social_care_pupils') }} as pupils
    on
        sessions.authority_code = pupils.authority_code
        and sessions.upn_key = pupils.upn_key
        and sessions.march = pupils.month
where sessions.sessions_possible > 0 and sessions.age_at_year_start between 5 and 15
