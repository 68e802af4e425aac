-- Workers of the yearly census, whose day is 30 September. Days are also lost by those who left in the year to it.
select
    workers.authority_code,
    workers.worker_key,
    months.month,
    case
        when not workers.is_agency and workers.role_end_date is null then coalesce(workers.fte_30_september, 0)
        else 0
    end as in_post_fte,
    case when not workers.is_agency then coalesce(workers.working_days_lost, 0) else 0 end as days_lost,
    workers.cfkss_status_code,
    cast(null as date) as birth_month,
    cast(null as {{ text_type() }}) as sex
from {{ ref('stg_csww__workers') }} as workers
inner join {{ ref('int_delivery__covered_months') }} as months
    on
        workers.authority_code = months.authority_code
        and workers.as_at_date = months.month_end_date
        and workers.delivery_period_end_date = months.month_end_date
        and months.dataset = 'csww'
        and months.table_name = 'workers'
