-- The cases behind the figures of the last months, for officers who look into one: who is counted, as what and why.
with load as (
    select max(months.month_index) as month_index
    from {{ ref('dim_period') }} as period
    inner join {{ ref('int_calendar__months') }} as months
        on period.month = months.month
),

recent as (
    select months.month
    from {{ ref('int_calendar__months') }} as months
    inner join {{ ref('reporting_rules') }} as rules
        on rules.rule_id = 'drill_through_months'
    inner join load
        on months.month_index > load.month_index - rules.number and months.month_index <= load.month_index
)

select
    evidence.authority_code,
    evidence.month,
    evidence.indicator_id,
    indicators.service,
    teams.team_code as team,
    teams.worker_key,
    evidence.subject_key as case_key,
    case
        when evidence.is_excluded then 'left out'
        when evidence.is_numerator then 'numerator'
        when evidence.is_not_known then 'not known'
        else 'denominator only'
    end as counts_as,
    case
        when evidence.is_excluded then evidence.exclusion_reason
        when evidence.is_numerator then indicators.numerator_definition
        when evidence.is_not_known then concat('Not known whether: ', indicators.numerator_definition)
        else concat(indicators.denominator_definition, '; and not: ', indicators.numerator_definition)
    end as reason,
    evidence.numerator_weight,
    evidence.denominator_weight,
    evidence.is_numerator,
    evidence.is_denominator,
    evidence.is_not_known,
    evidence.sex,
    evidence.age_band
from {{ ref('fct_measure_evidence') }} as evidence
inner join recent
    on evidence.month = recent.month
inner join {{ ref('int_indicator__versions') }} as versions
    on evidence.indicator_id = versions.indicator_id and evidence.month = versions.month
inner join {{ ref('indicators') }} as indicators
    on versions.indicator_id = indicators.indicator_id and versions.version = indicators.version
left join {{ ref('int_case__teams') }} as teams
    on evidence.authority_code = teams.authority_code and evidence.subject_key = teams.case_key
