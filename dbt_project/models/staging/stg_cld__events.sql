{{ config(materialized='table') }}

-- The wording of Release 1 is brought to that of Release 2 (cld_r1_to_r2); a value without a pair stays as sent.
with in_force as (
    {{ rows_in_force(source('cld', 'events')) | indent(4) }}
)

select
    in_force.authority_code,
    in_force.delivery_id,
    in_force.row_number,
    in_force.delivery_period_end_date,
    in_force.is_latest_period,
    in_force.reporting_period_start_date,
    in_force.nhs_key,
    in_force.person_key,
    in_force.gender,
    in_force.birth_month,
    in_force.death_date,
    in_force.event_type,
    in_force.event_start_date,
    in_force.event_end_date,
    in_force.is_conversation,
    in_force.method_of_assessment,
    in_force.linked_person_1_key,
    in_force.linked_person_2_key,
    in_force.linked_person_3_key,
    in_force.method_of_review,
    in_force.primary_support_reason,
    in_force.accommodation_status,
    in_force.employment_status,
    in_force.provider_cqc_location_id,
    in_force.unit_cost,
    in_force.cost_frequency,
    in_force.planned_units_per_week,
    coalesce(route_of_access_map.r2_value, in_force.route_of_access) as route_of_access,
    coalesce(assessment_type_map.r2_value, in_force.assessment_type) as assessment_type,
    coalesce(review_reason_map.r2_value, in_force.review_reason) as review_reason,
    coalesce(client_type_map.r2_value, in_force.client_type) as client_type,
    coalesce(event_outcome_map.r2_value, in_force.event_outcome) as event_outcome,
    coalesce(service_type_map.r2_value, in_force.service_type) as service_type,
    coalesce(service_component_map.r2_value, in_force.service_component) as service_component,
    coalesce(delivery_mechanism_map.r2_value, in_force.delivery_mechanism) as delivery_mechanism
from in_force
left join {{ ref('cld_r1_to_r2') }} as client_type_map
    on
        client_type_map.list = 'client_type'
        and in_force.client_type = client_type_map.r1_value
left join {{ ref('cld_r1_to_r2') }} as event_outcome_map
    on
        event_outcome_map.list = 'event_outcome'
        and in_force.event_outcome = event_outcome_map.r1_value
left join {{ ref('cld_r1_to_r2') }} as service_type_map
    on
        service_type_map.list = 'service_type'
        and in_force.service_type = service_type_map.r1_value
left join {{ ref('cld_r1_to_r2') }} as service_component_map
    on
        service_component_map.list = 'service_component'
        and in_force.service_component = service_component_map.r1_value
left join {{ ref('cld_r1_to_r2') }} as delivery_mechanism_map
    on
        delivery_mechanism_map.list = 'delivery_mechanism'
        and in_force.delivery_mechanism = delivery_mechanism_map.r1_value
left join {{ ref('cld_r1_to_r2') }} as route_of_access_map
    on
        route_of_access_map.list = 'route_of_access'
        and in_force.route_of_access = route_of_access_map.r1_value
left join {{ ref('cld_r1_to_r2') }} as assessment_type_map
    on
        assessment_type_map.list = 'assessment_type'
        and in_force.assessment_type = assessment_type_map.r1_value
left join {{ ref('cld_r1_to_r2') }} as review_reason_map
    on
        review_reason_map.list = 'review_reason'
        and in_force.review_reason = review_reason_map.r1_value
