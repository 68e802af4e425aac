-- Social workers by month: the authority, its services and its teams. A small team would show how one person works, so
-- teams too small to be shown (reporting_rules) are shown together; with them, where all of them are still too few,
-- the next larger one.
with teams as (
    select
        code as team_code,
        replace(attribute, 'service=', '') as service
    from {{ ref('code_sets') }}
    where code_set = 'establishment.Team'
),

-- one row for what each post, starter and leaver adds to a month
parts as (
    select
        posts.authority_code,
        posts.month,
        posts.team_code,
        posts.post_key,
        posts.in_post_fte,
        posts.vacancy_fte,
        posts.agency_fte,
        case when posts.post_status_code = 'Vacant' then posts.agency_fte else 0 end as agency_covering_fte,
        case when caseloads.worker_key is not null then posts.cases_held else 0 end as cases_held,
        case when caseloads.worker_key is not null then posts.in_post_fte + posts.agency_fte else 0 end
            as case_holding_fte,
        0 as started_fte,
        0 as left_fte
    from {{ ref('int_workforce__post_months') }} as posts
    left join {{ ref('int_workforce__caseload_months') }} as caseloads
        on
            posts.authority_code = caseloads.authority_code
            and posts.month = caseloads.month
            and posts.worker_key = caseloads.worker_key
            and posts.in_post_fte + posts.agency_fte > 0
    union all
    select
        authority_code,
        {{ month_text('start_date') }} as month,
        team_code,
        null as post_key,
        0 as in_post_fte,
        0 as vacancy_fte,
        0 as agency_fte,
        0 as agency_covering_fte,
        0 as cases_held,
        0 as case_holding_fte,
        started_fte,
        0 as left_fte
    from {{ ref('int_workforce__starters') }}
    union all
    select
        authority_code,
        month,
        left_team_code as team_code,
        null as post_key,
        0 as in_post_fte,
        0 as vacancy_fte,
        0 as agency_fte,
        0 as agency_covering_fte,
        0 as cases_held,
        0 as case_holding_fte,
        0 as started_fte,
        left_fte
    from {{ ref('int_workforce__turnover_months') }}
    where left_fte > 0
),

team_sizes as (
    select
        authority_code,
        month,
        coalesce(team_code, 'Not known') as team,
        count(distinct post_key) as posts
    from parts
    group by 1, 2, 3
),

ordered as (
    select
        *,
        row_number() over (partition by authority_code, month order by posts, team) as smallest_first,
        coalesce(
            sum(posts) over (
                partition by authority_code, month order by posts, team
                rows between unbounded preceding and 1 preceding
            ), 0
        ) as posts_of_smaller_teams
    from team_sizes
),

named as (
    select
        ordered.authority_code,
        ordered.month,
        ordered.team,
        case
            when
                ordered.posts < rules.number
                or (ordered.smallest_first > 1 and ordered.posts_of_smaller_teams < rules.number)
                then 'Smaller teams'
            else ordered.team
        end as shown_team
    from ordered
    inner join {{ ref('reporting_rules') }} as rules
        on rules.rule_id = 'smallest_team'
),

levelled as (
    select
        parts.*,
        coalesce(teams.service, 'Not known') as service,
        named.shown_team as team
    from parts
    inner join named
        on
            parts.authority_code = named.authority_code
            and parts.month = named.month
            and coalesce(parts.team_code, 'Not known') = named.team
    left join teams
        on parts.team_code = teams.team_code
),

summed as (
    {% for level, service, team in [
        ('authority', "'all'", "'all'"), ('service', 'service', "'all'"), ('team', "'all'", 'team')
    ] %}
    select
        authority_code,
        month,
        '{{ level }}' as level,
        {{ service }} as service,
        {{ team }} as team,
        count(distinct post_key) as posts,
        sum(in_post_fte) as in_post_fte,
        sum(vacancy_fte) as vacancy_fte,
        sum(agency_fte) as agency_fte,
        sum(agency_covering_fte) as agency_covering_fte,
        sum(started_fte) as started_fte,
        sum(left_fte) as left_fte,
        sum(cases_held) as cases_held,
        sum(case_holding_fte) as case_holding_fte
    from levelled
    group by 1, 2, 3, 4, 5
    {{ "union all" if not loop.last }}
    {% endfor %}
),

rated as (
    select
        *,
        {{ workforce_rates() }}
    from summed
    where posts > 0
)

select
    authority_code,
    month,
    level,
    service,
    team,
    cast(posts as integer) as posts,
    cast(in_post_fte as decimal(18, 6)) as in_post_fte,
    cast(vacancy_fte as decimal(18, 6)) as vacancy_fte,
    vacancy_rate,
    cast(agency_fte as decimal(18, 6)) as agency_fte,
    agency_rate,
    cast(agency_covering_fte as decimal(18, 6)) as agency_covering_fte,
    agency_cover_rate,
    vacancies_covered_rate,
    cast(started_fte as decimal(18, 6)) as started_fte,
    cast(left_fte as decimal(18, 6)) as left_fte_12_months,
    turnover_rate,
    cast(cases_held as integer) as cases_held,
    cast(case_holding_fte as decimal(18, 6)) as case_holding_fte,
    caseload
from rated
