-- Health is reported as it stands on the day of the extract, so each extract counts for its own month end and a
-- later one does not replace it.
with oc2 as (
    {{ staged_rows(source('ssda903', 'oc2')) | indent(4) }}
)

select
    oc2.authority_code,
    oc2.child_key,
    oc2.has_health_assessment,
    deliveries.as_at_date
from oc2
inner join {{ ref('stg_scrutiny__deliveries') }} as deliveries
    on oc2.delivery_id = deliveries.delivery_id
where deliveries.is_in_force_at_its_date
