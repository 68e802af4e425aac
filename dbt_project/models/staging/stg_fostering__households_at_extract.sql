-- Places and how many are filled are told as they stand on the day of the extract, so each extract counts for its own
-- month end and a later one does not replace it.
with households as (
    {{ staged_rows(source('fostering', 'foster_households')) | indent(4) }}
)

select
    households.authority_code,
    households.foster_household_key,
    households.household_type_code,
    households.approval_date,
    households.approved_places,
    households.filled_places,
    households.deregistration_date,
    deliveries.as_at_date
from households
inner join {{ ref('stg_scrutiny__deliveries') }} as deliveries
    on households.delivery_id = deliveries.delivery_id
where deliveries.is_in_force_at_its_date
