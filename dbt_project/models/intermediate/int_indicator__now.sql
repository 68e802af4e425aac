-- The register as it holds in the load month. What looks along a series takes only figures of this version: a new
-- definition begins a new series.
with load as (
    select max(month) as month
    from {{ ref('dim_period') }}
)

select
    registered.indicator_id,
    registered.version,
    registered.title,
    registered.owner,
    registered.polarity,
    registered.unit,
    registered.decimals,
    registered.measure_kind,
    registered.statistic,
    registered.headline_basis,
    registered.lookback_months
from {{ ref('indicators') }} as registered
inner join {{ ref('int_indicator__versions') }} as versions
    on registered.indicator_id = versions.indicator_id and registered.version = versions.version
inner join load
    on versions.month = load.month
