-- From one stage of children's journeys to a next: of those who reached a stage in a month, how many went on within the
-- days that journey_steps allows, and after how long. Until these days have passed for all of them, in the records of
-- both stages, the share is not known.
{% set next_stages = [
    'early_help', 'referral', 'assessment', 'section_47', 'conference', 'plan', 'care', 'leaving_care',
] %}

with months as (
    select
        covered.authority_code,
        steps.stage,
        steps.next_stage,
        steps.follow_up_days,
        covered.month,
        records.last_date >= {{ add_days('covered.month_end_date', 'steps.follow_up_days') }}
        and next_records.last_date >= {{ add_days('covered.month_end_date', 'steps.follow_up_days') }}
            as is_followed_up
    from {{ ref('journey_steps') }} as steps
    inner join {{ ref('journey_stages') }} as stages
        on steps.stage = stages.stage
    inner join {{ ref('journey_stages') }} as next_stages
        on steps.next_stage = next_stages.stage
    inner join {{ ref('int_delivery__covered_months') }} as covered
        on stages.dataset = covered.dataset and stages.table_name = covered.table_name
    -- a month of which the records of the next stage tell nothing would count as nobody who went on
    inner join {{ ref('int_delivery__covered_months') }} as next_covered
        on
            next_stages.dataset = next_covered.dataset
            and next_stages.table_name = next_covered.table_name
            and covered.authority_code = next_covered.authority_code
            and covered.month = next_covered.month
    inner join {{ ref('int_delivery__last_days') }} as records
        on covered.authority_code = records.authority_code and stages.dataset = records.dataset
    inner join {{ ref('int_delivery__last_days') }} as next_records
        on covered.authority_code = next_records.authority_code and next_stages.dataset = next_records.dataset
),

-- the first day on or after that of each row on which the child reached each stage
ahead as (
    select
        authority_code,
        stage,
        began_month,
        {% for stage in next_stages %}
        min(case when stage = '{{ stage }}' then began_on end) over (
            partition by authority_code, child_key order by began_on
            range between current row and unbounded following
        ) as next_{{ stage }}_on,
        {% endfor %}
        began_on
    from {{ ref('int_journey__events') }}
),

followed as (
    select
        ahead.authority_code,
        steps.stage,
        steps.next_stage,
        steps.follow_up_days,
        ahead.began_month as month,
        ahead.began_on,
        case steps.next_stage
            {% for stage in next_stages %}
            when '{{ stage }}' then ahead.next_{{ stage }}_on
            {% endfor %}
        end as next_on
    from ahead
    inner join {{ ref('journey_steps') }} as steps
        on ahead.stage = steps.stage
),

timed as (
    select
        *,
        case
            when {{ days_between('began_on', 'next_on') }} <= follow_up_days
                then {{ days_between('began_on', 'next_on') }}
        end as days_to_next
    from followed
),

counted as (
    select
        authority_code,
        stage,
        next_stage,
        month,
        count(*) as entered,
        count(days_to_next) as went_on,
        percentile_cont(0.5) within group (order by days_to_next) as median_days_to_next
    from timed
    group by 1, 2, 3, 4
)

select
    months.authority_code,
    months.month,
    months.stage,
    months.next_stage,
    cast(coalesce(counted.entered, 0) as integer) as entered,
    cast(coalesce(counted.went_on, 0) as integer) as went_on,
    months.is_followed_up,
    case when months.is_followed_up then {{ shown('100', 'counted.went_on', 'counted.entered', '1') }} end
        as conversion_rate,
    cast(counted.median_days_to_next as decimal(18, 1)) as median_days_to_next,
    months.follow_up_days
from months
left join counted
    on
        months.authority_code = counted.authority_code
        and months.stage = counted.stage
        and months.next_stage = counted.next_stage
        and months.month = counted.month
