-- A figure for a month needs its dataset for that month and for the months before it that its definition looks
-- back on; some need an extract taken at the month's end. Any other month is unavailable, never zero.
select
    indicators.indicator_id,
    covered.authority_code,
    covered.month,
    covered.month_index,
    covered.month_start_date,
    covered.month_end_date
from {{ ref('indicators') }} as indicators
inner join {{ ref('int_delivery__covered_months') }} as covered
    on indicators.source_datasets = covered.dataset
inner join {{ ref('int_delivery__covered_months') }} as earlier
    on
        covered.authority_code = earlier.authority_code
        and covered.dataset = earlier.dataset
        and earlier.month_index between covered.month_index - indicators.lookback_months and covered.month_index
where covered.is_extract_month or not indicators.needs_extract
group by
    indicators.indicator_id,
    indicators.lookback_months,
    covered.authority_code,
    covered.month,
    covered.month_index,
    covered.month_start_date,
    covered.month_end_date
having count(*) = indicators.lookback_months + 1
