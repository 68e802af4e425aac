-- What came of the tables an indicator is counted from, for every month that has any of them. `missing_tables` did
-- not come for that month. A figure needs them all, and those of the months before that its definition looks back on
-- (tables of the day of an extract: of that day only). Any other month is unavailable, never zero.
with needed as (
    select distinct
        indicators.indicator_id,
        indicators.version,
        indicators.lookback_months,
        sources.dataset,
        sources.table_name
    from {{ ref('indicators') }} as indicators
    inner join {{ ref('indicator_sources') }} as sources
        on
            indicators.indicator_id = sources.indicator_id
            and position(
                concat('; ', sources.dataset, '; ') in concat('; ', indicators.source_datasets, '; ')
            ) > 0
),

months as (
    select
        needed.indicator_id,
        needed.version,
        covered.authority_code,
        covered.month,
        covered.month_index,
        covered.month_start_date,
        covered.month_end_date,
        max(case when covered.is_extract_month then 1 else 0 end) = 1 as is_extract_month
    from needed
    inner join {{ ref('int_delivery__covered_months') }} as covered
        on needed.dataset = covered.dataset and needed.table_name = covered.table_name
    inner join {{ ref('int_indicator__versions') }} as versions
        on
            needed.indicator_id = versions.indicator_id
            and needed.version = versions.version
            and covered.month = versions.month
    group by 1, 2, 3, 4, 5, 6, 7
),

tables as (
    select
        months.indicator_id,
        months.authority_code,
        months.month,
        months.month_index,
        months.month_start_date,
        months.month_end_date,
        months.is_extract_month,
        needed.table_name,
        needed.lookback_months,
        max(case when covered.month = months.month then 1 else 0 end) = 1 as has_come,
        coalesce(
            count(covered.month) = case
                when max(case when covered.is_as_on_its_day then 1 else 0 end) = 1 then 1
                else needed.lookback_months + 1
            end,
            false
        ) as has_come_for_all
    from months
    inner join needed
        on months.indicator_id = needed.indicator_id and months.version = needed.version
    left join {{ ref('int_delivery__covered_months') }} as covered
        on
            months.authority_code = covered.authority_code
            and needed.dataset = covered.dataset
            and needed.table_name = covered.table_name
            and (
                covered.month = months.month
                or (
                    not covered.is_as_on_its_day
                    and covered.month_index between months.month_index - needed.lookback_months and months.month_index
                )
            )
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9
)

select
    indicator_id,
    authority_code,
    month,
    month_index,
    month_start_date,
    month_end_date,
    is_extract_month,
    {{ listed("case when not has_come then table_name end") }} as missing_tables,
    min(case when has_come_for_all then 1 else 0 end) = 1 as is_available
from tables
group by 1, 2, 3, 4, 5, 6, 7
