-- Two rulesets for the same series in the same year: it could not be told which made a chart.
select
    one.ruleset_id,
    other.ruleset_id as other_ruleset_id
from {{ ref('spc_rulesets') }} as one
inner join {{ ref('spc_rulesets') }} as other
    on
        one.ruleset_id < other.ruleset_id
        and one.measure_kind = other.measure_kind
        and one.statistic = other.statistic
        and one.valid_from <= coalesce(other.valid_to, one.valid_from)
        and other.valid_from <= coalesce(one.valid_to, other.valid_from)
where
    (
        one.smaller_than_mean_denominator is null
        or coalesce(other.smallest_mean_denominator, 0) < one.smaller_than_mean_denominator
    )
    and (
        other.smaller_than_mean_denominator is null
        or coalesce(one.smallest_mean_denominator, 0) < other.smaller_than_mean_denominator
    )
