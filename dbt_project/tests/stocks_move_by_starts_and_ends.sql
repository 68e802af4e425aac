-- Open at the end of a month is open at the end of the month before, and those who started, less those who ended: of
-- child protection plans and of children looked after, between months that both have their figures. Children are left
-- out whose records say that they were in care twice at the same time: they count once, and start and end twice.
with periods as (
    select
        *,
        max(coalesce(care_end_date, cast('9999-12-31' as date))) over (
            partition by authority_code, child_key
            order by care_start_date
            rows between unbounded preceding and 1 preceding
        ) as latest_end_before
    from {{ ref('int_ssda903__care_periods') }}
),

twice_in_care as (
    select distinct
        authority_code,
        child_key
    from periods
    where care_start_date < latest_end_before
),

moves as (
    {% for indicator_id, relation, started_on, ended_on, condition in [
        ('CP06', 'int_cin__child_protection_plans', 'plan_start_date', 'plan_end_date', 'exclusion_reason is null'),
        ('CL02', 'int_ssda903__care_periods', 'care_start_date', 'care_end_date',
         'child_key not in (select child_key from twice_in_care)'),
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

left_out as (
    select
        evidence.authority_code,
        evidence.indicator_id,
        evidence.month,
        count(*) as children
    from {{ ref('fct_measure_evidence') }} as evidence
    inner join twice_in_care
        on evidence.authority_code = twice_in_care.authority_code and evidence.subject_key = twice_in_care.child_key
    where evidence.indicator_id = 'CL02' and evidence.is_numerator
    group by 1, 2, 3
),

open_cases as (
    select
        figures.authority_code,
        figures.indicator_id,
        figures.month,
        months.month_index,
        figures.numerator - coalesce(left_out.children, 0) as numerator
    from {{ ref('fct_measure_month') }} as figures
    inner join {{ ref('int_calendar__months') }} as months
        on figures.month = months.month
    left join left_out
        on
            figures.authority_code = left_out.authority_code
            and figures.indicator_id = left_out.indicator_id
            and figures.month = left_out.month
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
