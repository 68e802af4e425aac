-- Mid-year estimates: those that came as an extract, and the ones of the seed that no extract repeats.
select
    authority_code,
    age_group,
    mid_year,
    population
from {{ ref('stg_populations__populations') }}
union all
select
    seed.authority_code,
    seed.age_group,
    seed.mid_year,
    seed.population
from {{ ref('populations') }} as seed
left join {{ ref('stg_populations__populations') }} as delivered
    on
        seed.authority_code = delivered.authority_code
        and seed.age_group = delivered.age_group
        and seed.mid_year = delivered.mid_year
where delivered.authority_code is null
