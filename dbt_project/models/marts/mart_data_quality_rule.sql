-- The rules that rows broke in the deliveries standing for a load month, and which indicators that endangers: a
-- rejected delivery those that read the dataset, a row set aside or a wrong volume those that read the table, a
-- query those that read one of the rule's columns.
with results as (
    select
        standing.authority_code,
        standing.dataset,
        months.month,
        months.month_index,
        validation.table_name,
        validation.rule_code,
        validation.rule_columns,
        max(validation.kind) as kind,
        max(validation.message) as message,
        min(case validation.severity when 'reject' then 1 when 'error' then 2 else 3 end) as severity_rank,
        sum(validation.checked) as checked,
        sum(validation.failed) as failed
    from {{ ref('int_delivery__standing') }} as standing
    inner join {{ ref('stg_scrutiny__validation') }} as validation
        on standing.delivery_id = validation.delivery_id
    inner join {{ ref('int_calendar__months') }} as months
        on standing.load_month = months.month
    where validation.failed is not null
    group by 1, 2, 3, 4, 5, 6, 7
),

broken as (
    select
        results.*,
        earlier.failed as failed_before,
        earlier.checked as checked_before
    from results
    left join results as earlier
        on
            results.authority_code = earlier.authority_code
            and results.dataset = earlier.dataset
            and results.month_index = earlier.month_index + 1
            and results.table_name = earlier.table_name
            and results.rule_code = earlier.rule_code
            and results.rule_columns = earlier.rule_columns
    where results.failed > 0
),

endangering as (
    select distinct
        broken.authority_code,
        broken.dataset,
        broken.month,
        broken.table_name,
        broken.rule_code,
        broken.rule_columns,
        sources.indicator_id
    from broken
    inner join {{ ref('indicator_sources') }} as sources
        on broken.dataset = sources.dataset
    where
        broken.severity_rank = 1
        or (
            broken.table_name = sources.table_name
            and (
                broken.severity_rank = 2
                or broken.rule_columns = ''
                or position(
                    concat('; ', sources.column_name, '; ') in concat('; ', broken.rule_columns, '; ')
                ) > 0
            )
        )
),

endangered as (
    select
        authority_code,
        dataset,
        month,
        table_name,
        rule_code,
        rule_columns,
        {{ listed('indicator_id') }} as indicator_ids,
        count(*) as indicator_count
    from endangering
    group by 1, 2, 3, 4, 5, 6
)

select
    broken.authority_code,
    broken.dataset,
    broken.month as load_month,
    broken.table_name,
    broken.rule_code,
    broken.rule_columns,
    broken.kind,
    broken.message,
    endangered.indicator_ids,
    case broken.severity_rank when 1 then 'reject' when 2 then 'error' else 'query' end as severity,
    cast(broken.checked as bigint) as checked,
    cast(broken.failed as bigint) as failed,
    cast(broken.failed_before as bigint) as failed_before,
    case
        when broken.failed_before is null then 'not checked before'
        when broken.failed_before = 0 then 'new'
        when broken.failed * broken.checked_before > broken.failed_before * broken.checked then 'worse'
        when broken.failed * broken.checked_before < broken.failed_before * broken.checked then 'better'
        else 'no change'
    end as trend,
    cast(coalesce(endangered.indicator_count, 0) as bigint) as indicator_count
from broken
left join endangered
    on
        broken.authority_code = endangered.authority_code
        and broken.dataset = endangered.dataset
        and broken.month = endangered.month
        and broken.table_name = endangered.table_name
        and broken.rule_code = endangered.rule_code
        and broken.rule_columns = endangered.rule_columns
