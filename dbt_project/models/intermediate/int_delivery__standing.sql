-- The deliveries that stand for a feed's load month: of each period the last accepted or, if none was, the last
-- rejected. One that could not be read has no period: it stands only if the feed brought nothing to use that month.
with ranked as (
    select
        *,
        row_number() over (
            partition by authority_code, dataset, feed, load_month, period_start, period_end
            order by case outcome when 'accepted' then 1 else 2 end, sequence desc
        ) as best_first,
        sum(case outcome when 'accepted' then 1 else 0 end) over (
            partition by authority_code, dataset, feed, load_month
        ) as accepted_in_month
    from {{ ref('stg_scrutiny__deliveries') }}
    where is_counted and outcome in ('accepted', 'rejected')
)

select
    delivery_id,
    authority_code,
    dataset,
    load_month,
    outcome,
    rows_received,
    rows_staged,
    rows_set_aside,
    rows_queried
from ranked
where best_first = 1 and (period_end is not null or accepted_in_month = 0)
