-- Annex A list 1: contacts of the six months before the day of the list.
select
    listed.authority_code,
    listed.child_key,
    listed.gender_code,
    listed.ethnicity_code,
    listed.birth_month,
    {{ age_at_month_end('listed.birth_month', month_index('lists.as_at_date')) }} as age,
    listed.contact_date,
    listed.contact_source_code
from {{ annex_a_rows('contacts') }}
where listed.contact_date >= lists.since_date
