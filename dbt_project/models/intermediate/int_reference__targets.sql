-- Targets of years, and of the quarters or months of those that have a profile: those that came as an extract, and
-- the ones of the seed that no extract repeats.
with delivered as (
    select *
    from {{ ref('stg_targets__targets') }}
)

select
    indicator_id,
    authority_code,
    valid_from,
    profile_period,
    cast(target as decimal(18, 4)) as target,
    cast(amber_tolerance as decimal(18, 4)) as amber_tolerance,
    mode,
    basis_of_target
from delivered
union all
select
    seed.indicator_id,
    seed.authority_code,
    seed.valid_from,
    seed.profile_period,
    seed.target,
    seed.amber_tolerance,
    seed.mode,
    seed.basis_of_target
from {{ ref('targets') }} as seed
left join delivered
    on
        seed.authority_code = delivered.authority_code
        and seed.indicator_id = delivered.indicator_id
        and seed.valid_from = delivered.valid_from
        and coalesce(seed.profile_period, '') = coalesce(delivered.profile_period, '')
where delivered.indicator_id is null
