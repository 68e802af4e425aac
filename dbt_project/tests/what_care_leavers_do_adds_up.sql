-- Care leavers of 19 to 21 are in education, employment or training, are not, or it is not known: nobody is in two of
-- these and nobody in none.
select
    doing.authority_code,
    doing.month,
    doing.numerator as doing,
    not_doing.numerator as not_doing,
    doing.not_known,
    doing.denominator
from {{ ref('fct_measure_month') }} as doing
inner join {{ ref('fct_measure_month') }} as not_doing
    on
        doing.authority_code = not_doing.authority_code
        and doing.month = not_doing.month
        and doing.breakdown = not_doing.breakdown
        and doing.breakdown_value = not_doing.breakdown_value
where
    doing.indicator_id = 'LV02'
    and not_doing.indicator_id = 'LV03'
    and doing.numerator + not_doing.numerator + doing.not_known != doing.denominator
