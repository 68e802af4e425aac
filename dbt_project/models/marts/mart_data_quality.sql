-- What each dataset of an authority brought in a load month, and how good it was. Rows and checks are those of the
-- deliveries that stand for the month; of several feeds of a dataset the worst status counts.
with arrived as (
    select
        authority_code,
        dataset,
        load_month,
        count(*) as deliveries,
        sum(case outcome when 'rejected' then 1 else 0 end) as deliveries_rejected
    from {{ ref('stg_scrutiny__deliveries') }}
    where is_counted
    group by 1, 2, 3
),

used as (
    select
        authority_code,
        dataset,
        load_month,
        sum(rows_received) as rows_received,
        sum(rows_staged) as rows_staged,
        sum(rows_set_aside) as rows_set_aside,
        sum(rows_queried) as rows_queried
    from {{ ref('int_delivery__standing') }}
    group by 1, 2, 3
),

checked as (
    select
        standing.authority_code,
        standing.dataset,
        standing.load_month,
        sum(case when validation.kind = 'missing' then validation.checked else 0 end) as cells_required,
        sum(case when validation.kind = 'missing' then validation.failed else 0 end) as cells_missing,
        sum(case when validation.kind != 'missing' then validation.checked else 0 end) as checks_made,
        sum(case when validation.kind != 'missing' then validation.failed else 0 end) as checks_failed
    from {{ ref('int_delivery__standing') }} as standing
    inner join {{ ref('stg_scrutiny__validation') }} as validation
        on standing.delivery_id = validation.delivery_id
    where validation.checked > 0 and validation.failed is not null
    group by 1, 2, 3
),

statuses as (
    select
        *,
        row_number() over (
            partition by authority_code, dataset, load_month
            order by
                case status
                    when 'late' then 1
                    when 'not_arrived' then 2
                    when 'rejected' then 3
                    when 'received' then 4
                    when 'duplicate' then 5
                    else 6
                end asc,
                working_days_late desc nulls last,
                feed asc
        ) as worst_first
    from {{ ref('stg_scrutiny__feed_status') }}
)

select
    statuses.authority_code,
    statuses.dataset,
    statuses.load_month,
    statuses.status,
    statuses.reason,
    cast(coalesce(arrived.deliveries, 0) as bigint) as deliveries,
    cast(coalesce(arrived.deliveries_rejected, 0) as bigint) as deliveries_rejected,
    cast(coalesce(used.rows_received, 0) as bigint) as rows_received,
    cast(coalesce(used.rows_staged, 0) as bigint) as rows_staged,
    cast(coalesce(used.rows_set_aside, 0) as bigint) as rows_set_aside,
    cast(coalesce(used.rows_queried, 0) as bigint) as rows_queried,
    cast(coalesce(checked.cells_required, 0) as bigint) as cells_required,
    cast(coalesce(checked.cells_missing, 0) as bigint) as cells_missing,
    {{ share_of('checked.cells_required - checked.cells_missing', 'checked.cells_required') }} as completeness,
    cast(coalesce(checked.checks_made, 0) as bigint) as checks_made,
    cast(coalesce(checked.checks_failed, 0) as bigint) as checks_failed,
    {{ share_of('checked.checks_made - checked.checks_failed', 'checked.checks_made') }} as validity,
    statuses.due_date,
    statuses.sent_date,
    statuses.working_days_late
from statuses
left join arrived
    on
        statuses.authority_code = arrived.authority_code
        and statuses.dataset = arrived.dataset
        and statuses.load_month = arrived.load_month
left join used
    on
        statuses.authority_code = used.authority_code
        and statuses.dataset = used.dataset
        and statuses.load_month = used.load_month
left join checked
    on
        statuses.authority_code = checked.authority_code
        and statuses.dataset = checked.dataset
        and statuses.load_month = checked.load_month
where statuses.worst_first = 1
