-- The yearly workforce census and the authority's own list of posts tell the same story of 30 September: in post,
-- agency and vacant, within 2 percent of the full-time equivalents in post. If they do not, find out which is wrong.
{{ config(severity='warn') }}

with census as (
    select
        workers.delivery_id,
        workers.authority_code,
        concat(substr(workers.collection_year, 1, 4), '-09') as month,
        sum(case when not workers.is_agency then workers.fte_30_september else 0 end) as in_post_fte,
        sum(case when workers.is_agency then workers.fte_30_september else 0 end) as agency_fte
    from {{ ref('stg_csww__workers') }} as workers
    where workers.role_end_date is null
    group by 1, 2, 3
),

posts as (
    select
        authority_code,
        month,
        sum(in_post_fte) as in_post_fte,
        sum(agency_fte) as agency_fte,
        sum(vacancy_fte) as vacancy_fte
    from {{ ref('int_workforce__post_months') }}
    group by 1, 2
)

select
    census.authority_code,
    census.month,
    census.in_post_fte as census_in_post_fte,
    posts.in_post_fte,
    census.agency_fte as census_agency_fte,
    posts.agency_fte,
    vacancies.vacancy_fte as census_vacancy_fte,
    posts.vacancy_fte
from census
inner join {{ ref('stg_csww__vacancies') }} as vacancies
    on census.delivery_id = vacancies.delivery_id
inner join posts
    on census.authority_code = posts.authority_code and census.month = posts.month
where
    abs(census.in_post_fte - posts.in_post_fte) > 0.02 * posts.in_post_fte
    or abs(census.agency_fte - posts.agency_fte) > 0.02 * posts.in_post_fte
    or abs(vacancies.vacancy_fte - posts.vacancy_fte) > 0.02 * posts.in_post_fte
