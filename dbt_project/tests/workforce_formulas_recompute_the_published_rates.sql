-- The formulas give the rates that the Department for Education publishes, from the counts it publishes beside them: of
-- England, the South East and three authorities, 2019 to 2025, within half of the last decimal and the rounding of the
-- counts. Three of England's years do not recompute from their own counts (seeds/published_workforce.csv).
{% set rates = [
    'vacancy_rate', 'agency_rate', 'agency_cover_rate', 'vacancies_covered_rate', 'turnover_rate', 'caseload',
    'absence_rate',
] %}

with recomputed as (
    select
        *,
        {{ workforce_rates('_recomputed') }},
        {{ shown('100', 'days_lost', working_days_of_year('in_post_fte'), '1') }} as absence_rate_recomputed
    from {{ ref('published_workforce') }}
    where not does_not_recompute
)

{% for rate in rates %}
select
    area_name,
    census_year,
    '{{ rate }}' as rate,
    {{ rate }} as published,
    {{ rate }}_recomputed as recomputed
from recomputed
where {{ rate }}_recomputed is null or abs({{ rate }}_recomputed - {{ rate }}) > 0.1
{{ "union all" if not loop.last }}
{% endfor %}
