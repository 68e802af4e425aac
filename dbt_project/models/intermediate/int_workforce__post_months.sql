-- Social work posts and agency workers at the end of each month, in full-time equivalents.
-- A vacant post is a vacancy whether or not an agency worker covers it, and one vacancy however many rows it has.
with posts as (
    select
        posts.*,
        covered.month_end_date,
        covered.month_index,
        row_number() over (
            partition by posts.authority_code, posts.month, posts.post_key, posts.post_status_code
            order by posts.worker_key asc nulls last, posts.start_date asc nulls last
        ) as row_of_post
    from {{ ref('stg_establishment__posts') }} as posts
    inner join {{ ref('int_delivery__covered_months') }} as covered
        on
            posts.authority_code = covered.authority_code
            and posts.month = covered.month
            and covered.dataset = 'establishment'
)

select
    authority_code,
    month,
    month_index,
    month_end_date,
    post_key,
    worker_key,
    case when post_status_code = 'Vacant' and row_of_post = 1 then post_fte else 0 end as vacancy_fte,
    case when is_agency and worker_key is not null then coalesce(holder_fte, 0) else 0 end as agency_fte,
    case
        when
            not is_agency
            and worker_key is not null
            and coalesce(start_date <= month_end_date, true)
            and (leave_date is null or leave_date > month_end_date)
            then coalesce(holder_fte, 0)
        else 0
    end as in_post_fte,
    case when not is_agency and leave_date <= month_end_date then coalesce(holder_fte, 0) else 0 end as left_fte,
    post_status_code,
    team_code,
    role_code,
    cases_held,
    start_date,
    leave_date,
    cast(null as date) as birth_month,
    cast(null as {{ text_type() }}) as sex
from posts
