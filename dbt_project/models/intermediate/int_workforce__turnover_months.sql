-- People in post at the end of each month, and beside them those who left in the 12 months to that day. Somebody
-- who started and left within the 12 months, or who is still in post, has not left.
with months as (
    select distinct
        authority_code,
        month,
        month_index,
        month_end_date,
        last_day({{ add_months('month_end_date', -12) }}) as day_before_year
    from {{ ref('int_workforce__post_months') }}
),

-- somebody may leave several part posts on one day, and be listed as a leaver in several months
left_in_month as (
    select
        authority_code,
        worker_key,
        leave_date,
        month,
        min(team_code) as team_code,
        min(start_date) as start_date,
        sum(left_fte) as left_fte
    from {{ ref('int_workforce__post_months') }}
    where left_fte > 0
    group by 1, 2, 3, 4
),

leavers as (
    select
        authority_code,
        worker_key,
        leave_date,
        min(team_code) as team_code,
        min(start_date) as start_date,
        max(left_fte) as left_fte
    from left_in_month
    group by 1, 2, 3
),

in_post as (
    select
        authority_code,
        month,
        worker_key,
        sum(in_post_fte) as in_post_fte
    from {{ ref('int_workforce__post_months') }}
    where in_post_fte > 0
    group by 1, 2, 3
)

select
    authority_code,
    month,
    worker_key,
    cast(null as {{ text_type() }}) as left_team_code,
    in_post_fte,
    cast(0 as decimal(18, 6)) as left_fte,
    cast(null as date) as birth_month,
    cast(null as {{ text_type() }}) as sex
from in_post
union all
select
    months.authority_code,
    months.month,
    leavers.worker_key,
    leavers.team_code as left_team_code,
    cast(0 as decimal(18, 6)) as in_post_fte,
    leavers.left_fte,
    cast(null as date) as birth_month,
    cast(null as {{ text_type() }}) as sex
from months
inner join leavers
    on
        months.authority_code = leavers.authority_code
        and leavers.leave_date > months.day_before_year
        and leavers.leave_date <= months.month_end_date
        and coalesce(leavers.start_date <= months.day_before_year, true)
left join in_post
    on
        months.authority_code = in_post.authority_code
        and months.month = in_post.month
        and leavers.worker_key = in_post.worker_key
where in_post.worker_key is null
