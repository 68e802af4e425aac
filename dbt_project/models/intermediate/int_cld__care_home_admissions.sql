-- New long-term residential or nursing support, once a person: nobody with such support in the 365 days before, and
-- one row where two services start together. Support that people fund themselves, or in the 12-week disregard, is
-- neither an admission nor earlier support.
with care_homes as (
    select
        *,
        max(coalesce(service_end_date, date '9999-12-30')) over (
            partition by authority_code, client_key order by service_start_date, service_end_date nulls last
            rows between unbounded preceding and 1 preceding
        ) as supported_until_date
    from {{ ref('int_cld__long_term_services') }}
    where
        is_care_home
        and is_care_home_component
        and coalesce(event_outcome, '') != 'NFA: Self-funded client or under 12wk disregard'
)

select
    authority_code,
    client_key,
    service_start_date as admission_date,
    {{ age_at_month_end('birth_month', month_index('service_start_date')) }} as age_at_admission,
    sex,
    birth_month
from care_homes
where
    supported_until_date is null
    or {{ days_between('supported_until_date', 'service_start_date') }} > 365
