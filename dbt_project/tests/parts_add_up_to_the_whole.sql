-- The parts of a breakdown by sex or age sum to the whole of the same month.
with sums as (
    select
        authority_code,
        indicator_id,
        month,
        breakdown,
        sum(numerator) as numerator,
        sum(not_known) as not_known
    from {{ ref('fct_measure_month') }}
    group by 1, 2, 3, 4
)

select parts.*
from sums as parts
inner join sums as whole
    on
        parts.authority_code = whole.authority_code
        and parts.indicator_id = whole.indicator_id
        and parts.month = whole.month
        and whole.breakdown = 'all'
where
    parts.breakdown != 'all'
    and (parts.numerator != whole.numerator or parts.not_known != whole.not_known)
    -- posts have no sex
    and parts.indicator_id not like 'WF%'
