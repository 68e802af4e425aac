-- The figures of authorities that work together, as if they were one. Numerators and denominators are added and the
-- figure is made of the sums; if one of the authorities has no figure, the partnership has none. A median cannot be
-- made of sums.
with members as (
    select
        partnership_code,
        partnership_name,
        authority_code,
        count(*) over (partition by partnership_code) as member_count
    from {{ ref('partnerships') }}
),

summed as (
    select
        members.partnership_code,
        members.partnership_name,
        figures.indicator_id,
        figures.indicator_version,
        figures.basis,
        figures.month,
        figures.financial_quarter,
        figures.breakdown,
        figures.breakdown_value,
        max(figures.period_label) as period_label,
        max(months.month_of_year) as month_of_year,
        sum(figures.numerator) as numerator,
        sum(figures.denominator) as denominator,
        sum(figures.not_known) as not_known,
        sum(case when figures.status = 'unavailable' then 0 else 1 end) = max(members.member_count) as is_complete
    from {{ ref('fct_indicator_value') }} as figures
    inner join members
        on figures.authority_code = members.authority_code
    inner join {{ ref('int_calendar__months') }} as months
        on figures.month = months.month and months.month_end_date = months.quarter_end_date
    where figures.breakdown = 'all'
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9
),

indicators as (
    select
        *,
        measure_kind = 'flow' and statistic = 'rate' as is_yearly_rate
    from {{ ref('indicators') }}
)

select
    summed.partnership_code,
    summed.partnership_name,
    summed.financial_quarter,
    summed.indicator_id,
    indicators.title,
    indicators.unit,
    indicators.decimals,
    summed.basis,
    summed.period_label as basis_label,
    cast(case when summed.is_complete then summed.numerator end as decimal(18, 6)) as numerator,
    cast(case when summed.is_complete then summed.denominator end as decimal(18, 6)) as denominator,
    cast(case when summed.is_complete then summed.not_known end as decimal(18, 6)) as not_known,
    case
        when summed.is_complete and indicators.statistic != 'median'
            then {{ shown(
                unit_scale('indicators.unit') ~ ' * case when indicators.is_yearly_rate then 12 else 1 end',
                'summed.numerator',
                "case indicators.statistic when 'count' then 1 else summed.denominator end * "
                ~ "case when indicators.is_yearly_rate then case summed.basis when 'quarter' then 3 "
                ~ "when 'year_to_date' then summed.month_of_year else 12 end else 1 end",
                'indicators.decimals',
            ) }}
    end as value,
    case
        when not summed.is_complete then 'unavailable'
        when summed.denominator = 0 or indicators.statistic = 'median' then 'not_applicable'
        else 'available'
    end as status
from summed
inner join indicators
    on
        summed.indicator_id = indicators.indicator_id
        and summed.indicator_version = indicators.version
        and summed.basis = indicators.headline_basis
