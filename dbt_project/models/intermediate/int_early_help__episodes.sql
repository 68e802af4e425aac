-- Episodes of early help. The extract says neither the sex nor the age of the child.
select
    authority_code,
    early_help_episode_key,
    child_key,
    start_date,
    assessment_completed_date,
    end_date,
    {{ recorded_or_last_listed_end('end_date') }} as episode_end_date,
    end_reason_code,
    cast(null as {{ text_type() }}) as sex,
    cast(null as date) as birth_month
from {{ ref('stg_early_help__early_help_episodes') }}
