-- What each indicator that reads a dataset of two systems is by either: one figure is that of this load, the other of
-- the same models with the other system in its place.
select
    trial.authority_code,
    trial.dataset,
    trial.indicator_id,
    counted.indicator_version,
    trial.month,
    trial.basis,
    case when trial.is_new_counted then trial.numerator else counted.numerator end as numerator_old,
    case when trial.is_new_counted then counted.numerator else trial.numerator end as numerator_new,
    case when trial.is_new_counted then trial.denominator else counted.denominator end as denominator_old,
    case when trial.is_new_counted then counted.denominator else trial.denominator end as denominator_new,
    case when trial.is_new_counted then trial.value else counted.value end as value_old,
    case when trial.is_new_counted then counted.value else trial.value end as value_new,
    case when trial.is_new_counted then trial.status else counted.status end as status_old,
    case when trial.is_new_counted then counted.status else trial.status end as status_new,
    trial.is_new_counted
from {{ ref('stg_scrutiny__trial_values') }} as trial
inner join {{ ref('fct_indicator_value') }} as counted
    on
        trial.authority_code = counted.authority_code
        and trial.indicator_id = counted.indicator_id
        and trial.month = counted.month
        and trial.basis = counted.basis
where counted.breakdown = 'all'
