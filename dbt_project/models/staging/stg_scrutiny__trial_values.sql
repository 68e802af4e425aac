select
    authority_code,
    dataset,
    indicator_id,
    month,
    basis,
    numerator,
    denominator,
    value,
    status,
    is_new_counted
from {{ source('load', 'trial_values') }}
