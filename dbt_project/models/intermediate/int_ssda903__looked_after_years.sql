-- Children looked after at any time in the 12 months to the end of each month, and whether they were missing, or away
-- from their placement without authorisation, in that time.
with looked_after as (
    select distinct
        periods.authority_code,
        periods.child_key,
        periods.sex,
        periods.birth_month,
        covered.month,
        covered.month_end_date,
        {{ add_months('covered.month_start_date', -11) }} as year_start_date
    from {{ ref('int_delivery__covered_months') }} as covered
    inner join {{ ref('int_ssda903__care_periods') }} as periods
        on
            covered.authority_code = periods.authority_code
            and periods.care_start_date <= covered.month_end_date
            and (
                periods.care_end_date is null
                or periods.care_end_date > {{ add_months('covered.month_start_date', -11) }}
            )
    where covered.dataset = 'ssda903' and covered.table_name = 'episodes'
),

absences as (
    select
        authority_code,
        child_key,
        missing_code,
        missing_start_date,
        {{ recorded_or_last_listed_end('missing_end_date') }} as ended_on
    from {{ ref('stg_ssda903__missing') }}
)

select
    looked_after.authority_code,
    looked_after.child_key,
    looked_after.month,
    max(case when absences.missing_code = 'M' then 1 else 0 end) = 1 as is_missing_in_year,
    max(case when absences.missing_code = 'A' then 1 else 0 end) = 1 as is_away_in_year,
    looked_after.sex,
    looked_after.birth_month
from looked_after
left join absences
    on
        looked_after.authority_code = absences.authority_code
        and looked_after.child_key = absences.child_key
        and absences.missing_start_date <= looked_after.month_end_date
        and (absences.ended_on is null or absences.ended_on >= looked_after.year_start_date)
group by
    looked_after.authority_code,
    looked_after.child_key,
    looked_after.month,
    looked_after.sex,
    looked_after.birth_month
