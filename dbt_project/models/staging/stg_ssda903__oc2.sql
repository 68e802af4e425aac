-- Health is reported as it stands on the day of the extract, so each extract counts for its own month end and a
-- later one does not replace it.
with oc2 as (
    {{ staged_rows(source('ssda903', 'oc2')) | indent(4) }}
),

as_each_extract_says as (
    select
        oc2.*,
        deliveries.as_at_date,
        row_number() over (
            partition by oc2.authority_code, oc2.child_key, deliveries.as_at_date
            order by deliveries.sequence desc nulls last, oc2.row_number desc nulls last
        ) as newest_first
    from oc2
    inner join {{ ref('stg_scrutiny__deliveries') }} as deliveries
        on oc2.delivery_id = deliveries.delivery_id
    where deliveries.is_in_force_at_its_date
)

select
    authority_code,
    child_key,
    sdq_score,
    has_health_assessment,
    has_dental_check,
    is_immunised,
    has_development_check,
    has_substance_misuse,
    is_convicted,
    as_at_date
from as_each_extract_says
where newest_first = 1
