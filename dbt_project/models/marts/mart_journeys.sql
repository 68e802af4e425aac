-- Each stage of children's journeys by month: how many reached it, how many of them came back to it within 12 months,
-- how many left it and how long it had lasted. Months that no extract covers have no row; without a year of records
-- before it a month cannot say who came back.
with months as (
    select
        covered.authority_code,
        stages.stage,
        stages.position,
        stages.title,
        stages.ends is not null as has_end,
        covered.month,
        count(*) over (
            partition by covered.authority_code, stages.stage
            order by covered.month_index range between 12 preceding and 1 preceding
        ) = 12 as has_year_before
    from {{ ref('journey_stages') }} as stages
    inner join {{ ref('int_delivery__covered_months') }} as covered
        on stages.dataset = covered.dataset and stages.table_name = covered.table_name
),

begun as (
    select
        authority_code,
        stage,
        began_month as month,
        count(*) as entered,
        count(distinct child_key) as children,
        sum(case when is_return then 1 else 0 end) as came_back
    from {{ ref('int_journey__events') }}
    group by 1, 2, 3
),

ended as (
    select
        authority_code,
        stage,
        ended_month as month,
        count(*) as ended,
        percentile_cont(0.5) within group (order by {{ days_between('began_on', 'ended_on') }}) as median_days
    from {{ ref('int_journey__events') }}
    where ended_month is not null
    group by 1, 2, 3
)

select
    months.authority_code,
    months.month,
    months.position,
    months.stage,
    months.title,
    cast(coalesce(begun.entered, 0) as integer) as entered,
    cast(coalesce(begun.children, 0) as integer) as children,
    cast(case when months.has_year_before then coalesce(begun.came_back, 0) end as integer) as came_back,
    case when months.has_year_before then {{ shown('100', 'begun.came_back', 'begun.entered', '1') }} end
        as return_rate,
    cast(case when months.has_end then coalesce(ended.ended, 0) end as integer) as ended,
    cast(ended.median_days as decimal(18, 1)) as median_days
from months
left join begun
    on
        months.authority_code = begun.authority_code
        and months.stage = begun.stage
        and months.month = begun.month
left join ended
    on
        months.authority_code = ended.authority_code
        and months.stage = ended.stage
        and months.month = ended.month
