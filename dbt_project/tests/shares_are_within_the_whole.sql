-- A share is never above 100 percent. What compares two groups, as turnover, days lost and agency cover of vacancies
-- do, or two amounts can be.
select
    figures.authority_code,
    figures.indicator_id,
    figures.month
from {{ ref('fct_measure_month') }} as figures
inner join {{ ref('int_indicator__versions') }} as versions
    on figures.indicator_id = versions.indicator_id and figures.month = versions.month
inner join {{ ref('indicators') }} as indicators
    on versions.indicator_id = indicators.indicator_id and versions.version = indicators.version
where
    indicators.unit = 'percent'
    and indicators.statistic = 'share'
    and figures.indicator_id not in ('WF02', 'WF05', 'WF07')
    and (figures.numerator > figures.denominator or figures.not_known > figures.denominator)
