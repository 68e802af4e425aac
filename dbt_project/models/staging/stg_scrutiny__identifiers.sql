{{ config(materialized='table') }}

-- A table, since every staged row with a key is looked up in it; scrutiny/warehouse/systems.py works it out.
select
    authority_code,
    key,
    canonical_key
from {{ source('load', 'identifiers') }}
