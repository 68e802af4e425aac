-- Targets of whole years: those that came as an extract, and the ones of the seed that no extract repeats.
with delivered as (
    select *
    from {{ ref('stg_targets__targets') }}
    where profile_period is null
)

select
    indicator_id,
    authority_code,
    valid_from,
    cast(target as decimal(18, 4)) as target,
    cast(amber_tolerance as decimal(18, 4)) as amber_tolerance,
    mode
from delivered
union all
select
    seed.indicator_id,
    seed.authority_code,
    seed.valid_from,
    seed.target,
    seed.amber_tolerance,
    seed.mode
from {{ ref('targets') }} as seed
left join delivered
    on
        seed.authority_code = delivered.authority_code
        and seed.indicator_id = delivered.indicator_id
        and seed.valid_from = delivered.valid_from
where delivered.indicator_id is null
