-- The stages of children's journeys: when each was reached and when it ended (seeds/journey_stages.csv says what begins
-- and ends one). A stage reached twice on one day was reached once; it lasts until the last of them ends.
with events as (
    {% for stage, relation, began_on, ended_on, condition in [
        ('contact', 'int_annex_a__contacts', 'contact_date', 'null', 'true'),
        ('early_help', 'int_early_help__episodes', 'start_date', 'episode_end_date', 'true'),
        ('referral', 'int_cin__referrals', 'referral_date', 'episode_end_date', 'true'),
        ('assessment', 'int_cin__assessments', 'assessment_start_date', 'authorisation_date', 'true'),
        ('section_47', 'int_cin__section_47_enquiries', 'section_47_start_date', 'null', 'true'),
        ('conference', 'int_cin__initial_conferences', 'initial_conference_date', 'null', 'true'),
        ('plan', 'int_cin__child_protection_plans', 'plan_start_date', 'plan_end_date', 'true'),
        ('care', 'int_ssda903__care_periods', 'care_start_date', 'care_end_date', 'true'),
        (
            'leaving_care', 'int_ssda903__care_periods', 'care_end_date', 'null',
            'not is_followed_by_short_breaks and care_end_date >= ' ~ add_months('birth_month', 192),
        ),
    ] %}
    select
        authority_code,
        '{{ stage }}' as stage,
        child_key,
        {{ began_on }} as began_on,
        cast({{ ended_on }} as date) as ended_on
    from {{ ref(relation) }}
    where {{ condition }} and {{ began_on }} is not null and child_key is not null
    {{ "union all" if not loop.last }}
    {% endfor %}
),

once as (
    select
        authority_code,
        stage,
        child_key,
        began_on,
        case when count(*) = count(ended_on) then max(ended_on) end as ended_on
    from events
    group by 1, 2, 3, 4
),

-- somebody may enter a stage again before an earlier time ended; what comes back is what came before
ordered as (
    select
        *,
        lag(began_on) over (partition by authority_code, stage, child_key order by began_on) as previous_began_on,
        lag(ended_on) over (partition by authority_code, stage, child_key order by began_on) as previous_ended_on
    from once
)

select
    ordered.authority_code,
    ordered.stage,
    ordered.child_key,
    ordered.began_on,
    ordered.ended_on,
    {{ month_text('ordered.began_on') }} as began_month,
    {{ month_text('ordered.ended_on') }} as ended_month,
    coalesce(
        case stages.returns_after when 'its end' then ordered.previous_ended_on else ordered.previous_began_on end
        >= {{ add_months('ordered.began_on', -12) }},
        false
    ) as is_return
from ordered
inner join {{ ref('journey_stages') }} as stages
    on ordered.stage = stages.stage
