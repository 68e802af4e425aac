-- Whether pupils known to social care on 31 March were suspended in the academic year, from 1 September to 31 August.
-- A census lists the suspensions of the term two before it, so the last of the year come with the next spring census:
-- the figure belongs to the March after.
with years as (
    select
        march.month as march,
        figure.month,
        {{ add_months('march.month_start_date', -6) }} as year_start_date,
        {{ add_months('figure.month_start_date', -6) }} as next_year_start_date
    from {{ ref('int_calendar__months') }} as march
    inner join {{ ref('int_calendar__months') }} as figure
        on march.month_index + 12 = figure.month_index
    where march.month_of_year = 12
),

exclusions as (
    select
        delivery_id,
        pupil_record_key,
        school_id,
        true as is_on_roll,
        category_code,
        start_date
    from {{ ref('stg_school_census__exclusions') }}
    union all
    select
        delivery_id,
        pupil_record_key,
        school_id,
        false as is_on_roll,
        category_code,
        start_date
    from {{ ref('stg_school_census__exclusions_off_roll') }}
),

suspended as (
    select distinct
        enrolments.authority_code,
        enrolments.upn_key,
        years.march
    from exclusions
    inner join {{ ref('int_school_census__enrolments') }} as enrolments
        on
            exclusions.delivery_id = enrolments.delivery_id
            and exclusions.pupil_record_key = enrolments.pupil_record_key
            and exclusions.school_id = enrolments.school_id
            and exclusions.is_on_roll = enrolments.is_on_roll
    inner join years
        on exclusions.start_date >= years.year_start_date and exclusions.start_date < years.next_year_start_date
    where exclusions.category_code in ('SUSP', 'FIXD', 'LNCH')
)

select
    pupils.authority_code,
    pupils.child_key,
    years.month,
    pupils.social_care_group,
    suspended.upn_key is not null as is_suspended,
    pupils.sex,
    pupils.birth_month
from {{ ref('int_school_census__social_care_pupils') }} as pupils
inner join years
    on pupils.month = years.march
left join suspended
    on
        pupils.authority_code = suspended.authority_code
        and pupils.upn_key = suspended.upn_key
        and pupils.month = suspended.march
where pupils.is_in_census
