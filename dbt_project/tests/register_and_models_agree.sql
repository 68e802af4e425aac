-- Every registered indicator is written once in a measure model, as the kind of measure the register says, and
-- every indicator written is registered. One registered with the reason why it cannot be had is not written. It
-- reads the models' SQL, so it does not depend on what data came.
{% set written = [] %}
{% for node in graph.nodes.values() if node.resource_type == 'model' and node.name.startswith('int_measure__') %}
    {% for kind, indicator_id in modules.re.findall("(flow|stock|cohort)_evidence\(\s*'([A-Z]+[0-9]+[A-Z]?)'", node.raw_code) %}
        {% do written.append((indicator_id, 'flow' if kind == 'flow' else 'position')) %}
    {% endfor %}
{% endfor %}

with written as (
    select
        cast(null as varchar) as indicator_id,
        cast(null as varchar) as kind
    where false
    {% for indicator_id, kind in written %}
    union all
    select
        '{{ indicator_id }}' as indicator_id,
        '{{ kind }}' as kind
    {% endfor %}
),

registered as (
    select distinct
        indicator_id,
        case measure_kind when 'flow' then 'flow' else 'position' end as kind
    from {{ ref('indicators') }}
    where unavailable_reason is null
)

select
    coalesce(registered.indicator_id, written.indicator_id) as indicator_id,
    registered.kind as registered_as,
    written.kind as written_as,
    count(*) as times
from registered
full outer join written
    on registered.indicator_id = written.indicator_id
group by 1, 2, 3
having registered.kind is null or written.kind is null or registered.kind != written.kind or count(*) > 1
