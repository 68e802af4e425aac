-- Adults with a concern in the 12 months to the end of each month, each once, and whether one of these concerns came
-- within 12 months of an earlier one. Only months for which the extracts reach back the 24 months this needs.
with reach as (
    select
        authority_code,
        min(concern_date) as first_concern_date
    from {{ ref('int_safeguarding__concerns') }}
    group by authority_code
)

select
    covered.month,
    concerns.authority_code,
    concerns.person_key,
    max(case when concerns.is_repeat then 1 else 0 end) = 1 as has_repeat,
    cast(null as date) as birth_month,
    cast(null as {{ text_type() }}) as sex
from {{ ref('int_delivery__covered_months') }} as covered
inner join reach
    on
        covered.authority_code = reach.authority_code
        and reach.first_concern_date < {{ add_months('covered.month_start_date', -22) }}
inner join {{ ref('int_safeguarding__concerns') }} as concerns
    on
        covered.authority_code = concerns.authority_code
        and concerns.concern_date between {{ add_months('covered.month_start_date', -11) }} and covered.month_end_date
where covered.dataset = 'safeguarding'
group by covered.month, concerns.authority_code, concerns.person_key
