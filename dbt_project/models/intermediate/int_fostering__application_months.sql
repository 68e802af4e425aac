-- Applications to foster any child received in the 12 months to the end of each month, and whether they were approved
-- by then.
select
    applications.authority_code,
    applications.fostering_enquiry_key,
    covered.month,
    coalesce(
        applications.enquiry_outcome_code = 'Approved' and applications.outcome_date <= covered.month_end_date, false
    ) as is_approved,
    cast(null as date) as birth_month,
    cast(null as {{ text_type() }}) as sex
from {{ ref('int_delivery__covered_months') }} as covered
inner join {{ ref('stg_fostering__fostering_enquiries') }} as applications
    on
        covered.authority_code = applications.authority_code
        and applications.application_date >= {{ add_months('covered.month_start_date', -11) }}
        and applications.application_date <= covered.month_end_date
where
    covered.dataset = 'fostering'
    and covered.table_name = 'fostering_enquiries'
    and applications.household_type_code in ('Mainstream', 'Short breaks')
