-- Open at the end of a month is open at the end of the month before, and those who started, less those who ended: of
-- child protection plans and of children looked after, between months that both have their figures.
with moves as (
    {% for indicator_id, relation, started_on, ended_on, condition in [
        ('CP06', 'int_cin__child_protection_plans', 'plan_start_date', 'plan_end_date', 'exclusion_reason is null'),
        ('CL02', 'int_ssda903__care_periods', 'care_start_date', 'care_end_date', 'true'),
    ] %}
    {% for happened_on, change in [(started_on, '1'), (ended_on, '-1')] %}
    select
        authority_code,
        '{{ indicator_id }}' as indicator_id,
        {{ month_index(happened_on) }} as month_index,
        {{ change }} as change
    from {{ ref(relation) }}
    where {{ condition }} and {{ happened_on }} is not null
    {{ "union all" if not loop.last }}
    {% endfor %}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

changes as (
    select
        authority_code,
        indicator_id,
        month_index,
        sum(change) as change
    from moves
    group by 1, 2, 3
),

open_cases as (
    select
        figures.authority_code,
        figures.indicator_id,
        figures.month,
        months.month_index,
        figures.numerator
    from {{ ref('fct_measure_month') }} as figures
    inner join {{ ref('int_calendar__months') }} as months
        on figures.month = months.month
    where figures.breakdown = 'all' and figures.indicator_id in ('CP06', 'CL02')
)

select
    now.authority_code,
    now.indicator_id,
    now.month,
    before.numerator as open_before,
    changes.change,
    now.numerator as open_now
from open_cases as now
inner join open_cases as before
    on
        now.authority_code = before.authority_code
        and now.indicator_id = before.indicator_id
        and now.month_index = before.month_index + 1
left join changes
    on
        now.authority_code = changes.authority_code
        and now.indicator_id = changes.indicator_id
        and now.month_index = changes.month_index
where now.numerator != before.numerator + coalesce(changes.change, 0)
