-- People waiting at the end of each month, each once a list, since the day they were first added.
select
    covered.month,
    entries.authority_code,
    entries.person_key,
    entries.list_code,
    {{ days_between('min(entries.added_date)', 'covered.month_end_date') }} as days_waiting,
    min(entries.added_date) < {{ add_months('covered.month_end_date', -6) }} as is_over_six_months,
    cast(null as date) as birth_month,
    cast(null as {{ text_type() }}) as sex
from {{ ref('int_delivery__covered_months') }} as covered
inner join {{ ref('int_waiting_lists__entries') }} as entries
    on
        covered.authority_code = entries.authority_code
        and entries.added_date <= covered.month_end_date
        and (entries.removed_date is null or entries.removed_date > covered.month_end_date)
where covered.dataset = 'waiting_lists'
group by covered.month, covered.month_end_date, entries.authority_code, entries.person_key, entries.list_code
