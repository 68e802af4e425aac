-- The joint picture of indicators that are read together, each quarter: which way they move, and whether together.
with members as (
    select
        figures.authority_code,
        figures.financial_quarter,
        reading.reading_group,
        reading.title,
        figures.indicator_id,
        figures.value,
        figures.rag,
        figures.direction_short
    from {{ ref('read_together') }} as reading
    inner join {{ ref('mart_scrutiny_quarter') }} as figures
        on reading.indicator_id = figures.indicator_id
),

counted as (
    select
        authority_code,
        financial_quarter,
        reading_group,
        title,
        cast(count(*) as integer) as indicators,
        cast(count(value) as integer) as with_figure,
        cast(sum(case rag when 'red' then 1 else 0 end) as integer) as red,
        cast(sum(case rag when 'amber' then 1 else 0 end) as integer) as amber,
        cast(sum(case rag when 'green' then 1 else 0 end) as integer) as green,
        cast(sum(case direction_short when 'better' then 1 else 0 end) as integer) as better,
        cast(sum(case direction_short when 'worse' then 1 else 0 end) as integer) as worse,
        {{ listed("case direction_short when 'better' then indicator_id end") }} as better_indicator_ids,
        {{ listed("case direction_short when 'worse' then indicator_id end") }} as worse_indicator_ids
    from members
    group by 1, 2, 3, 4
)

select
    authority_code,
    financial_quarter,
    reading_group,
    title,
    indicators,
    with_figure,
    red,
    amber,
    green,
    better,
    worse,
    better_indicator_ids,
    worse_indicator_ids,
    case
        when better > 0 and worse > 0 then 'Pulling apart'
        when worse > 1 then 'Getting worse together'
        when better > 1 then 'Getting better together'
        when worse = 1 then 'One is getting worse'
        when better = 1 then 'One is getting better'
        when with_figure = 0 then 'No figures'
        else 'No change'
    end as picture
from counted
