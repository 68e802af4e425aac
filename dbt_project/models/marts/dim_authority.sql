select
    authority_code,
    authority_name,
    ons_code,
    cassr_code
from {{ ref('authorities') }}
