-- The figures of the last months by the team that holds the cases now; together they are the council's.
select
    authority_code,
    month,
    indicator_id,
    service,
    coalesce(team, 'No team known') as team,
    cast(
        sum(case when is_numerator and counts_as != 'left out' then numerator_weight else 0 end) as decimal(18, 6)
    ) as numerator,
    cast(
        sum(case when is_denominator and counts_as != 'left out' then denominator_weight else 0 end) as decimal(18, 6)
    ) as denominator,
    cast(sum(case when is_not_known and counts_as != 'left out' then 1 else 0 end) as integer) as not_known,
    cast(sum(case when counts_as = 'left out' then 1 else 0 end) as integer) as left_out
from {{ ref('mart_case') }}
group by 1, 2, 3, 4, 5
