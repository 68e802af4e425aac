-- The order in which DHSC prefers outcomes where one event is sent with several (Release 2 wording).
select
    cast(outcomes.outcome_rank as integer) as outcome_rank,
    outcomes.event_outcome
from (
    values
    (1, 'Progress to reablement/ST-Max'),
    (2, 'Progress to assessment, review or reassessment'),
    (3, 'Progress to support planning or services'),
    (4, 'Continuation of support or services'),
    (5, 'Admitted to hospital'),
    (6, 'NFA: Responsibility moved to another local authority'),
    (7, 'NFA: Referral to NHS services or NHS funded social care'),
    (8, 'NFA: Self-funded client or under 12wk disregard'),
    (9, 'NFA: Information and advice or signposting'),
    (10, 'NFA: Referral to other service within the local authority'),
    (11, 'NFA: Support declined'),
    (12, 'NFA: Deceased'),
    (13, 'NFA: Support ended as planned'),
    (14, 'NFA: Support ended for other reason'),
    (15, 'NFA: No services offered for other reason'),
    (16, 'NFA: Other')
) as outcomes (outcome_rank, event_outcome)
