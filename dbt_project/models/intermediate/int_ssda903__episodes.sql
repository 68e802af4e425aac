-- Episodes of children looked after, short breaks (V3, V4) left out, each with the placement, the carer and the
-- period of care it belongs to, named by the date that one began.
--
-- A period of care begins with a start (S), with the first episode known, or after a gap.
-- A placement begins with a change of placement (P, T, B, U), except adoption by the present foster carer.
-- A carer begins with a change of carer (P, B), except a move into an adoptive placement.
-- Temporary placements (T0 to T4) begin nothing, nor does the return from one to the same placement: the same type,
-- provider and address, for the number of a foster placement is its agency's.
with episodes as (
    select
        *,
        {{ recorded_or_last_listed_end('episode_end_date') }} as ended_on,
        placement_type_code like 'T%' as is_temporary,
        concat(
            placement_type_code, '/', coalesce(placement_provider_code, ''), '/', coalesce(provider_urn, ''), '/',
            coalesce(placement_postcode_key, '')
        ) as placement
    from {{ ref('stg_ssda903__episodes') }}
    where legal_status_code not in ('V3', 'V4')
),

with_previous as (
    select
        *,
        lag(ended_on) over (
            partition by authority_code, child_key order by episode_start_date
        ) as previous_end_date,
        lag(episode_start_date) over (
            partition by authority_code, child_key order by episode_start_date
        ) as previous_start_date,
        coalesce(
            lag(is_temporary) over (partition by authority_code, child_key order by episode_start_date), false
        ) as is_after_temporary
    from episodes
),

with_care_period as (
    select
        *,
        max(
            case
                when
                    reason_new_episode_code = 'S'
                    or previous_start_date is null
                    or previous_end_date < episode_start_date
                    then episode_start_date
            end
        ) over (
            partition by authority_code, child_key order by episode_start_date
            rows between unbounded preceding and current row
        ) as care_start_date
    from with_previous
),

-- The placement before, temporary ones skipped: episodes that are not temporary are compared with each other.
with_previous_placement as (
    select
        *,
        lag(placement) over (
            partition by authority_code, child_key, care_start_date, is_temporary order by episode_start_date
        ) as previous_placement,
        lag(placement_type_code) over (
            partition by authority_code, child_key, care_start_date, is_temporary order by episode_start_date
        ) as previous_placement_type_code
    from with_care_period
),

with_changes as (
    select
        *,
        case
            when is_temporary then false
            when previous_placement is null then true
            when is_after_temporary then placement != previous_placement
            when placement_type_code in ('A3', 'A5') and previous_placement_type_code like 'U%' then false
            else reason_new_episode_code in ('P', 'T', 'B', 'U')
        end as is_new_placement,
        case
            when is_temporary then false
            when previous_placement is null then true
            when is_after_temporary and placement = previous_placement then false
            when placement_type_code like 'A%' and previous_placement_type_code not like 'A%' then false
            else is_after_temporary or reason_new_episode_code in ('P', 'B')
        end as is_new_carer
    from with_previous_placement
)

select
    authority_code,
    child_key,
    episode_start_date,
    ended_on as episode_end_date,
    reason_new_episode_code,
    legal_status_code,
    placement_type_code,
    placement_provider_code,
    is_placed_in_authority,
    placement_distance_miles,
    reason_episode_ceased_code,
    reason_place_change_code,
    is_temporary,
    care_start_date,
    max(case when is_new_placement then episode_start_date end) over (
        partition by authority_code, child_key, care_start_date order by episode_start_date
        rows between unbounded preceding and current row
    ) as placement_start_date,
    max(case when is_new_carer then episode_start_date end) over (
        partition by authority_code, child_key, care_start_date order by episode_start_date
        rows between unbounded preceding and current row
    ) as carer_start_date
from with_changes
