-- Vacancies, agency work, turnover, cover and caseloads of the whole authority are those of the indicators, and
-- services and teams add up to them.
with said as (
    {% for indicator_id, above, below in [
        ('WF01', 'vacancy_fte', 'vacancy_fte + in_post_fte'),
        ('WF02', 'left_fte_12_months', 'in_post_fte'),
        ('WF03', 'agency_fte', 'agency_fte + in_post_fte'),
        ('WF04', 'agency_covering_fte', 'agency_fte'),
        ('WF05', 'agency_covering_fte', 'vacancy_fte'),
        ('WF06', 'cases_held', 'case_holding_fte'),
        ('WF08', 'started_fte', 'null'),
    ] %}
    select
        authority_code,
        month,
        level,
        '{{ indicator_id }}' as indicator_id,
        sum({{ above }}) as numerator,
        sum({{ below }}) as denominator
    from {{ ref('mart_workforce') }}
    group by 1, 2, 3, 4
    {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    said.*,
    figures.numerator as indicator_numerator,
    figures.denominator as indicator_denominator
from said
inner join {{ ref('fct_measure_month') }} as figures
    on
        said.authority_code = figures.authority_code
        and said.indicator_id = figures.indicator_id
        and said.month = figures.month
        and figures.breakdown = 'all'
where said.numerator != figures.numerator or said.denominator != figures.denominator
