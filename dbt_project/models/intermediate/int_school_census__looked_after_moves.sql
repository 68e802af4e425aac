-- Children looked after on 31 March whom a census of the year lists, and whether they changed school in the middle of
-- it: joined one school after another between 1 April and 31 March, but not in August or September, when everybody
-- moves up, and after they first came into care.
with schools as (
    select distinct
        authority_code,
        upn_key,
        school_id,
        entry_date
    from {{ ref('int_school_census__enrolments') }}
),

ordered as (
    select
        *,
        lag(school_id) over (
            partition by authority_code, upn_key order by entry_date, school_id
        ) as previous_school_id
    from schools
),

moves as (
    select
        authority_code,
        upn_key,
        entry_date
    from ordered
    where school_id != previous_school_id and extract(month from entry_date) not in (8, 9)
),

first_care as (
    select
        authority_code,
        child_key,
        min(care_start_date) as first_care_start_date
    from {{ ref('int_ssda903__care_periods') }}
    group by 1, 2
),

looked_after as (
    select
        looked_after.authority_code,
        looked_after.child_key,
        header.upn_key,
        looked_after.month,
        {{ add_months('years.month_start_date', -11) }} as year_start_date,
        years.month_end_date,
        first_care.first_care_start_date,
        looked_after.sex,
        looked_after.birth_month
    from {{ ref('int_ssda903__looked_after_months') }} as looked_after
    inner join {{ ref('int_calendar__months') }} as years
        on looked_after.month = years.month
    inner join {{ ref('stg_ssda903__header') }} as header
        on looked_after.authority_code = header.authority_code and looked_after.child_key = header.child_key
    inner join first_care
        on looked_after.authority_code = first_care.authority_code and looked_after.child_key = first_care.child_key
    where years.month_of_year = 12
),

listed as (
    select distinct
        looked_after.authority_code,
        looked_after.upn_key,
        looked_after.month
    from looked_after
    inner join {{ ref('int_school_census__enrolments') }} as enrolments
        on
            looked_after.authority_code = enrolments.authority_code
            and looked_after.upn_key = enrolments.upn_key
            and enrolments.census_term_end_date between looked_after.year_start_date and looked_after.month_end_date
),

moved as (
    select distinct
        looked_after.authority_code,
        looked_after.child_key,
        looked_after.month
    from looked_after
    inner join moves
        on
            looked_after.authority_code = moves.authority_code
            and looked_after.upn_key = moves.upn_key
            and moves.entry_date between looked_after.year_start_date and looked_after.month_end_date
            and moves.entry_date > looked_after.first_care_start_date
)

select
    looked_after.authority_code,
    looked_after.child_key,
    looked_after.month,
    moved.child_key is not null as is_moved_mid_year,
    looked_after.sex,
    looked_after.birth_month
from looked_after
inner join listed
    on
        looked_after.authority_code = listed.authority_code
        and looked_after.upn_key = listed.upn_key
        and looked_after.month = listed.month
left join moved
    on
        looked_after.authority_code = moved.authority_code
        and looked_after.child_key = moved.child_key
        and looked_after.month = moved.month
