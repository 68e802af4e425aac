-- Annex A list 11: adopters in touch with the agency, or who left the process in the year before.
select
    listed.authority_code,
    listed.adopter_key,
    listed.family_key,
    listed.gender_code,
    listed.ethnicity_code,
    listed.disability_code,
    listed.is_fostering_for_adoption,
    listed.enquiry_date,
    listed.stage_1_start_date,
    listed.stage_1_end_date,
    listed.stage_2_start_date,
    listed.stage_2_end_date,
    listed.application_date,
    listed.approval_date,
    listed.matching_date,
    listed.placed_date,
    listed.children_placed,
    listed.adoption_order_date,
    listed.leaving_date,
    listed.leaving_reason_code
from {{ annex_a_rows('adopters') }}
where listed.leaving_date is null or listed.leaving_date >= lists.since_date
