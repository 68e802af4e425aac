-- Flows are summed over the months of the window; stocks and cohorts show the position at its last month. A rate
-- of the population over part of a year is brought to a year; a median is that of everybody counted in the window.
-- A window with a month missing is unavailable.
with periods as (
    select
        period.month,
        period.financial_year,
        period.financial_quarter,
        months.month_index,
        months.month_of_year,
        months.month_name,
        months.month_end_date = months.quarter_end_date as is_quarter_end
    from {{ ref('dim_period') }} as period
    inner join {{ ref('int_calendar__months') }} as months
        on period.month = months.month
),

windows as (
    {% for basis, length in [
        ('month', '1'), ('quarter', '3'), ('year_to_date', 'month_of_year'), ('rolling_12_months', '12')
    ] %}
    select
        *,
        '{{ basis }}' as basis,
        {{ length }} as length
    from periods
    {% if basis == 'quarter' %}
    where is_quarter_end
    {% endif %}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

parts as (
    select distinct
        authority_code,
        indicator_id,
        breakdown,
        breakdown_value
    from {{ ref('fct_measure_month') }}
    union
    select
        authorities.authority_code,
        indicators.indicator_id,
        'all' as breakdown,
        'all' as breakdown_value
    from {{ ref('authorities') }} as authorities
    cross join {{ ref('indicators') }} as indicators
),

spine as (
    select
        parts.authority_code,
        parts.breakdown,
        parts.breakdown_value,
        indicators.indicator_id,
        indicators.version,
        indicators.unit,
        indicators.decimals,
        indicators.source_datasets,
        indicators.statistic,
        indicators.unavailable_reason,
        indicators.lookback_months,
        indicators.needs_extract,
        windows.month,
        windows.month_index,
        windows.month_name,
        windows.financial_year,
        windows.financial_quarter,
        windows.basis,
        case indicators.measure_kind when 'flow' then windows.length else 1 end as length,
        indicators.measure_kind = 'flow' as is_flow
    from parts
    cross join windows
    inner join {{ ref('int_indicator__versions') }} as versions
        on parts.indicator_id = versions.indicator_id and windows.month = versions.month
    inner join {{ ref('indicators') }} as indicators
        on versions.indicator_id = indicators.indicator_id and versions.version = indicators.version
),

measures as (
    select
        measure_month.*,
        months.month_index
    from {{ ref('fct_measure_month') }} as measure_month
    inner join {{ ref('int_calendar__months') }} as months
        on measure_month.month = months.month
),

summed as (
    select
        spine.authority_code,
        spine.indicator_id,
        spine.basis,
        spine.month,
        spine.breakdown,
        spine.breakdown_value,
        cast(count(*) as integer) as months_available,
        sum(measures.numerator) as numerator,
        sum(measures.denominator) as summed_denominator,
        max(case when measures.month_index = spine.month_index then measures.denominator end) as last_denominator,
        sum(measures.not_known) as not_known
    from spine
    inner join measures
        on
            spine.authority_code = measures.authority_code
            and spine.indicator_id = measures.indicator_id
            and spine.breakdown = measures.breakdown
            and spine.breakdown_value = measures.breakdown_value
            and measures.month_index > spine.month_index - spine.length
            and measures.month_index <= spine.month_index
    group by 1, 2, 3, 4, 5, 6
),

medians as (
    select
        spine.authority_code,
        spine.indicator_id,
        spine.basis,
        spine.month,
        spine.breakdown,
        spine.breakdown_value,
        percentile_cont(0.5) within group (order by evidence.numerator_weight) as median
    from spine
    inner join {{ ref('int_calendar__months') }} as months
        on
            months.month_index > spine.month_index - spine.length
            and months.month_index <= spine.month_index
    inner join {{ ref('fct_measure_evidence') }} as evidence
        on
            spine.authority_code = evidence.authority_code
            and spine.indicator_id = evidence.indicator_id
            and months.month = evidence.month
            and spine.breakdown_value = case spine.breakdown
                when 'all' then 'all' when 'sex' then evidence.sex when 'age_band' then evidence.age_band
            end
    where spine.statistic = 'median' and evidence.is_numerator and not evidence.is_excluded
    group by 1, 2, 3, 4, 5, 6
),

joined as (
    select
        spine.*,
        coalesce(summed.months_available, 0) = spine.length as is_complete,
        first_months.month_name as first_month_name,
        summed.numerator,
        case when spine.statistic = 'median' then medians.median else summed.numerator end as shown_numerator,
        case when spine.statistic = 'rate' then summed.last_denominator else summed.summed_denominator end
            as denominator,
        summed.not_known,
        records.month is not null as is_covered,
        records.missing_tables,
        records.is_extract_month,
        feed_status.reason as feed_reason,
        spine.is_flow and spine.statistic = 'rate' and spine.length < 12 as is_annualised
    from spine
    inner join {{ ref('int_calendar__months') }} as first_months
        on spine.month_index - spine.length + 1 = first_months.month_index
    left join summed
        on
            spine.authority_code = summed.authority_code
            and spine.indicator_id = summed.indicator_id
            and spine.basis = summed.basis
            and spine.month = summed.month
            and spine.breakdown = summed.breakdown
            and spine.breakdown_value = summed.breakdown_value
    left join medians
        on
            spine.authority_code = medians.authority_code
            and spine.indicator_id = medians.indicator_id
            and spine.basis = medians.basis
            and spine.month = medians.month
            and spine.breakdown = medians.breakdown
            and spine.breakdown_value = medians.breakdown_value
    left join {{ ref('int_indicator__months') }} as records
        on
            spine.authority_code = records.authority_code
            and spine.indicator_id = records.indicator_id
            and spine.month = records.month
    left join {{ ref('stg_scrutiny__feed_status') }} as feed_status
        on
            spine.authority_code = feed_status.authority_code
            and spine.source_datasets = feed_status.dataset
            and spine.month = feed_status.load_month
)

select
    authority_code,
    indicator_id,
    version as indicator_version,
    basis,
    month,
    concat(
        case
            when not is_flow then concat('End of ', month_name)
            when length = 1 then month_name
            else concat(first_month_name, ' to ', month_name)
        end,
        case when is_annualised then ', as a yearly rate' else '' end
    ) as period_label,
    financial_year,
    financial_quarter,
    breakdown,
    breakdown_value,
    cast(case when is_complete then numerator end as decimal(18, 6)) as numerator,
    cast(case when is_complete then denominator end as decimal(18, 6)) as denominator,
    cast(case when is_complete then not_known end as decimal(18, 6)) as not_known,
    case
        when is_complete
            then {{ shown(
                unit_scale('unit') ~ ' * case when is_annualised then 12 else 1 end',
                'shown_numerator',
                "case when statistic in ('count', 'median') then 1 when is_annualised then denominator * length "
                ~ "else denominator end",
                'decimals',
            ) }}
    end as value,
    case
        when not is_complete or (denominator is null and statistic != 'count') then 'unavailable'
        when denominator = 0 then 'not_applicable'
        else 'available'
    end as status,
    case
        when unavailable_reason is not null then unavailable_reason
        when not is_complete and not is_covered
            then coalesce(feed_reason, concat('No records of ', month_name, ' have been received.'))
        when not is_complete and needs_extract and not is_extract_month
            then 'No extract was taken at the end of this month.'
        when not is_complete and missing_tables is not null
            then concat('The extract for ', month_name, ' came without its table ', missing_tables, '.')
        when not is_complete
            then concat(
                'The records do not reach back far enough: this figure needs ',
                cast(length + lookback_months as {{ text_type() }}), ' months without a gap up to ', month_name, '.'
            )
        when statistic = 'count' then null
        when denominator is null and breakdown != 'all' then 'No population by this breakdown.'
        when denominator is null then 'No population estimate for this year.'
        when denominator = 0 then 'Nobody to count in this period.'
    end as status_reason
from joined
