-- Which team and worker hold a case: of a child those of the newest Annex A list that names it, of a social worker and
-- a post those of the newest establishment list. The extracts of adults' services name no team.
with listed as (
    {% for list, closeness in [
        ('children_in_care', 1), ('child_protection_plans', 2), ('care_leavers', 3), ('children_in_need', 4),
        ('section_47_enquiries', 5), ('assessments', 6), ('referrals', 7),
    ] %}
    select
        authority_code,
        child_key as case_key,
        team_code,
        worker_key,
        delivery_period_end_date as listed_on,
        {{ closeness }} as closeness
    from {{ ref('stg_annex_a__' ~ list) }}
    where team_code is not null
    union all
    {% endfor %}
    {% for key in ['worker_key', 'post_key'] %}
    select
        authority_code,
        {{ key }} as case_key,
        team_code,
        worker_key,
        month_end_date as listed_on,
        8 as closeness
    from {{ ref('int_workforce__post_months') }}
    where team_code is not null and {{ key }} is not null
    {{ "union all" if not loop.last }}
    {% endfor %}
),

newest as (
    select
        *,
        row_number() over (
            partition by authority_code, case_key
            order by
                listed_on desc nulls last, closeness asc, team_code asc, worker_key asc nulls last
        ) as newest_first
    from listed
)

select
    authority_code,
    case_key,
    team_code,
    worker_key
from newest
where newest_first = 1
