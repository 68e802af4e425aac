-- The yearly workforce census and the authority's own list of posts tell the same story of 30 September, within
-- 2 percent of the full-time equivalents in post. If they do not, find out which is wrong before publishing.
{{ config(severity='warn') }}

with census as (
    select
        workers.authority_code,
        concat(substr(workers.collection_year, 1, 4), '-09') as month,
        sum(
            case when not workers.is_agency and workers.role_end_date is null then workers.fte_30_september else 0 end
        ) as in_post_fte
    from {{ ref('stg_csww__workers') }} as workers
    group by 1, 2
),

posts as (
    select
        authority_code,
        month,
        sum(in_post_fte) as in_post_fte
    from {{ ref('int_workforce__post_months') }}
    group by 1, 2
)

select
    census.authority_code,
    census.month,
    census.in_post_fte as census_fte,
    posts.in_post_fte as posts_fte
from census
inner join posts
    on census.authority_code = posts.authority_code and census.month = posts.month
where abs(census.in_post_fte - posts.in_post_fte) > 0.02 * posts.in_post_fte
