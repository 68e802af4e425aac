-- How many times a year a cost is charged; null where it is charged by the unit, of which so many are planned a week
-- (DHSC's processing, ASC-CLD-LA-Dashboard, MIT licence). A cost charged once is not listed.
select
    frequencies.cost_frequency,
    cast(frequencies.times_a_year as integer) as times_a_year
from (
    values
    ('Per session', null),
    ('Hourly', null),
    ('Daily', null),
    ('Weekly', 52),
    ('Fortnightly', 26),
    ('4-weekly', 13),
    ('Monthly', 12),
    ('Quarterly', 4),
    ('Annually', 1)
) as frequencies (cost_frequency, times_a_year)
