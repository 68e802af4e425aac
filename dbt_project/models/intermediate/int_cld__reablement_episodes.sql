-- Short-term support to maximise independence: services no more than 7 days apart are one episode. What followed is
-- another service that began within 7 days of its end or, if none did, its outcome.
with services as (
    select
        *,
        max(coalesce(event_end_date, date '9999-12-30')) over (
            partition by authority_code, client_key order by event_start_date, event_end_date nulls last
            rows between unbounded preceding and 1 preceding
        ) as covered_until_date
    from {{ ref('int_cld__events') }}
    where
        event_type = 'Service'
        and client_type = 'Service user'
        and service_type = 'Short term support: ST-Max'
),

numbered as (
    select
        *,
        sum(case when {{ days_between('covered_until_date', 'event_start_date') }} <= 7 then 0 else 1 end) over (
            partition by authority_code, client_key order by event_start_date, event_end_date nulls last
            rows between unbounded preceding and current row
        ) as episode_number
    from services
),

ordered as (
    select
        *,
        row_number() over (
            partition by authority_code, client_key, episode_number
            order by event_end_date desc nulls first, event_start_date desc
        ) as last_first
    from numbered
),

episodes as (
    select
        authority_code,
        client_key,
        max(sex) as sex,
        max(birth_month) as birth_month,
        max(death_date) as death_date,
        min(event_start_date) as episode_start_date,
        case when max(case when event_end_date is null then 1 else 0 end) = 0 then max(event_end_date) end
            as episode_end_date,
        max(case when last_first = 1 then event_outcome end) as event_outcome
    from ordered
    group by authority_code, client_key, episode_number
),

other_services as (
    select
        authority_code,
        client_key,
        event_start_date as service_start_date,
        event_end_date as service_end_date,
        service_type like 'Long term support:%' as is_long_term,
        coalesce(service_component in ('Short term nursing care', 'Short term residential care'), false)
            as is_short_stay
    from {{ ref('int_cld__events') }}
    where
        event_type = 'Service'
        and client_type = 'Service user'
        and service_type != 'Short term support: ST-Max'
),

around as (
    select
        episodes.authority_code,
        episodes.client_key,
        episodes.episode_start_date,
        max(
            case
                when
                    services.is_long_term
                    and services.service_start_date < episodes.episode_start_date
                    and (
                        services.service_end_date is null
                        or {{ days_between('services.service_end_date', 'episodes.episode_start_date') }} <= 91
                    )
                    then 1
                else 0
            end
        ) = 1 as had_long_term_support,
        max(
            case
                when
                    services.service_start_date > episodes.episode_start_date
                    and {{ days_between('episodes.episode_end_date', 'services.service_start_date') }} <= 7
                    and (
                        services.service_end_date is null or services.service_end_date >= episodes.episode_end_date
                    )
                    then case when services.is_long_term or services.is_short_stay then 2 else 1 end
            end
        ) as following_service
    from episodes
    inner join other_services as services
        on episodes.authority_code = services.authority_code and episodes.client_key = services.client_key
    group by episodes.authority_code, episodes.client_key, episodes.episode_start_date
),

care_homes as (
    select distinct
        episodes.authority_code,
        episodes.client_key,
        episodes.episode_start_date
    from episodes
    inner join {{ ref('int_cld__long_term_services') }} as services
        on
            episodes.authority_code = services.authority_code
            and episodes.client_key = services.client_key
            and services.is_care_home
            and {{ days_between('episodes.episode_start_date', 'services.service_start_date') }} <= 91
            and (
                services.service_end_date is null
                or {{ days_between('episodes.episode_start_date', 'services.service_end_date') }} > 91
            )
),

discharges as (
    select distinct
        episodes.authority_code,
        episodes.client_key,
        episodes.episode_start_date
    from episodes
    inner join {{ ref('int_cld__events') }} as requests
        on
            episodes.authority_code = requests.authority_code
            and episodes.client_key = requests.client_key
            and requests.event_type = 'Request'
            and requests.route_of_access = 'Discharge from hospital'
            and {{ days_between('requests.event_end_date', 'episodes.episode_start_date') }} between -3 and 7
),

joined as (
    select
        episodes.*,
        {{ age_at_month_end('episodes.birth_month', month_index('episodes.episode_start_date')) }} as age,
        {{ days_between('episodes.episode_start_date', 'episodes.episode_end_date') }} as episode_days,
        coalesce(around.had_long_term_support, false) as had_long_term_support,
        around.following_service,
        discharges.client_key is not null as is_from_hospital,
        {{ add_days('episodes.episode_start_date', 91) }} as day_91_date,
        care_homes.client_key is not null as is_in_care_home_on_day_91
    from episodes
    left join around
        on
            episodes.authority_code = around.authority_code
            and episodes.client_key = around.client_key
            and episodes.episode_start_date = around.episode_start_date
    left join care_homes
        on
            episodes.authority_code = care_homes.authority_code
            and episodes.client_key = care_homes.client_key
            and episodes.episode_start_date = care_homes.episode_start_date
    left join discharges
        on
            episodes.authority_code = discharges.authority_code
            and episodes.client_key = discharges.client_key
            and episodes.episode_start_date = discharges.episode_start_date
)

select
    authority_code,
    client_key,
    sex,
    birth_month,
    age,
    episode_start_date,
    episode_end_date,
    episode_days,
    is_from_hospital,
    day_91_date,
    not is_in_care_home_on_day_91 and (death_date is null or death_date > day_91_date) as is_at_home_on_day_91,
    coalesce(following_service = 2, false) as is_followed_by_ongoing_support,
    case
        when age < 18 then 'Under 18'
        when had_long_term_support then 'Had long-term support in the 91 days before'
        when {{ days_between('episode_end_date', 'death_date') }} <= 7 or event_outcome = 'NFA: Deceased' then 'Died'
        when following_service is not null then null
        when event_outcome = 'Admitted to hospital' then 'Went into hospital'
        when event_outcome = 'NFA: Referral to NHS services or NHS funded social care' then 'Care funded by the NHS'
        when event_outcome = 'NFA: Support declined' then 'Declined support'
        when event_outcome = 'NFA: Self-funded client or under 12wk disregard' then 'Funds the care themselves'
        when
            event_outcome in (
                'NFA: Information and advice or signposting',
                'NFA: Support ended as planned',
                'NFA: Responsibility moved to another local authority',
                'NFA: Support ended for other reason',
                'NFA: No services offered for other reason',
                'NFA: Referral to other service within the local authority'
            )
            then null
        else 'What followed is not known'
    end as exclusion_reason
from joined
