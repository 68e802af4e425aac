-- Evidence counted by month. A month that has its records and no evidence is a true zero. Rates of the population
-- have the population as their denominator: the mid-year estimate of the year in which the financial year
-- starts (for the year to 31 March, the year before), or the last one published before it.
with counted as (
    {% for breakdown, value in [('all', "'all'"), ('sex', 'sex'), ('age_band', 'age_band')] %}
    select
        authority_code,
        indicator_id,
        month,
        '{{ breakdown }}' as breakdown,
        {{ value }} as breakdown_value,
        sum(case when is_numerator and not is_excluded then numerator_weight else 0 end) as numerator,
        sum(case when is_denominator and not is_excluded then denominator_weight else 0 end) as denominator,
        sum(case when is_not_known and not is_excluded then 1 else 0 end) as not_known,
        sum(case when is_excluded then 1 else 0 end) as excluded
    from {{ ref('fct_measure_evidence') }}
    {% if breakdown != 'all' %}where {{ value }} is not null{% endif %}
    group by 1, 2, 3, 4, 5
    {{ "union all" if not loop.last }}
    {% endfor %}
),

-- every available month has a row for the whole, and for each part that occurs in the indicator's history
parts as (
    select distinct
        authority_code,
        indicator_id,
        breakdown,
        breakdown_value
    from counted
    union
    select distinct
        authority_code,
        indicator_id,
        'all' as breakdown,
        'all' as breakdown_value
    from {{ ref('int_indicator__available_months') }}
),

spine as (
    select
        months.*,
        parts.breakdown,
        parts.breakdown_value
    from {{ ref('int_indicator__available_months') }} as months
    inner join parts
        on months.authority_code = parts.authority_code and months.indicator_id = parts.indicator_id
),

population_ranges as (
    select
        *,
        lead(mid_year) over (partition by authority_code, age_group order by mid_year) as next_mid_year
    from {{ ref('int_reference__populations') }}
)

select
    spine.authority_code,
    spine.indicator_id,
    spine.month,
    spine.breakdown,
    spine.breakdown_value,
    cast(coalesce(counted.numerator, 0) as decimal(18, 6)) as numerator,
    cast(
        case
            when indicators.statistic = 'count' then null
            when indicators.population_age_group is null then coalesce(counted.denominator, 0)
            when spine.breakdown = 'all' then populations.population
        end as decimal(18, 6)
    ) as denominator,
    cast(coalesce(counted.not_known, 0) as decimal(18, 6)) as not_known,
    cast(coalesce(counted.excluded, 0) as decimal(18, 6)) as excluded
from spine
inner join {{ ref('int_indicator__versions') }} as versions
    on spine.indicator_id = versions.indicator_id and spine.month = versions.month
inner join {{ ref('indicators') }} as indicators
    on versions.indicator_id = indicators.indicator_id and versions.version = indicators.version
inner join {{ ref('int_calendar__months') }} as months
    on spine.month = months.month
left join counted
    on
        spine.authority_code = counted.authority_code
        and spine.indicator_id = counted.indicator_id
        and spine.month = counted.month
        and spine.breakdown = counted.breakdown
        and spine.breakdown_value = counted.breakdown_value
left join population_ranges as populations
    on
        spine.authority_code = populations.authority_code
        and indicators.population_age_group = populations.age_group
        and populations.mid_year <= months.start_year
        and (populations.next_mid_year is null or populations.next_mid_year > months.start_year)
