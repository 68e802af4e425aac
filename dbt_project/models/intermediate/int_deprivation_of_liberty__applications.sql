-- Applications to deprive somebody of their liberty. One that is open in an older extract and not listed since is over
-- with that extract, and was not completed.
select
    authority_code,
    application_key,
    received_date,
    outcome_date as completed_date,
    {{ days_between('received_date', 'outcome_date') }} as days_to_complete,
    {{ recorded_or_last_listed_end('outcome_date') }} as closed_date,
    cast(null as date) as birth_month,
    cast(null as {{ text_type() }}) as sex
from {{ ref('stg_deprivation_of_liberty__applications') }}
