-- Times people were added to a list. Somebody who waits in an older extract and is not listed since stopped with it.
-- An allocation is due 7 days after; who left the list by then without one was not due.
select
    authority_code,
    entry_key,
    person_key,
    list_code,
    added_date,
    {{ recorded_or_last_listed_end('removed_date') }} as removed_date,
    {{ add_days('added_date', 7) }} as allocation_due_date,
    coalesce({{ days_between('added_date', 'allocated_date') }} <= 7, false) as is_allocated_in_time,
    case
        when
            {{ days_between('added_date', recorded_or_last_listed_end('removed_date')) }} <= 7
            and not coalesce({{ days_between('added_date', 'allocated_date') }} <= 7, false)
            then 'Left the list before it was due'
    end as allocation_exclusion_reason,
    cast(null as date) as birth_month,
    cast(null as {{ text_type() }}) as sex
from {{ ref('stg_waiting_lists__waiting_list_entries') }}
where removal_reason_code is null or removal_reason_code != 'Entered in error'
