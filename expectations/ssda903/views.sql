-- What several SSDA903 rules ask. The tables are those of the delivery; last_year_* are empty if there is none.

-- The episodes of this return and those of last year's that this one does not repeat.
create view known_episodes as
select "CHILD", "DECOM", "DEC", "RNE", "REC", "LS", "PLACE" from episodes where "DECOM" is not null
union all
select "CHILD", "DECOM", "DEC", "RNE", "REC", "LS", "PLACE" from last_year_episodes
anti join episodes using ("CHILD", "DECOM")
where "DECOM" is not null;

-- Unbroken runs of known episodes. Where the first known one is no start of care (S), care began before it.
create view periods_of_care as
with marked as (
    select
        *,
        coalesce("RNE" = 'S' or "DECOM" > lag("DEC") over history or lag("DECOM") over history is null, false)
            as is_start
    from known_episodes
    window history as (partition by "CHILD" order by "DECOM", "DEC" nulls last)
),
numbered as (
    select *, count(*) filter (where is_start) over (partition by "CHILD" order by "DECOM", "DEC" nulls last) as run
    from marked
)
select
    "CHILD",
    min("DECOM") as care_start,
    first("RNE" order by "DECOM", "DEC" nulls last) = 'S' as is_start_known,
    last("DEC" order by "DECOM", "DEC" nulls last) as care_end,
    last("REC" order by "DECOM", "DEC" nulls last) as care_end_reason,
    bool_or("LS" in ('V3', 'V4')) as is_short_break
from numbered
group by "CHILD", run;

create view latest_period_of_care as
select * from periods_of_care qualify row_number() over (partition by "CHILD" order by care_start desc) = 1;

-- Children looked after, other than on short breaks, on the day the delivery stands for.
create view in_care as
select latest_period_of_care.* from latest_period_of_care, delivery
where (care_end is null or care_end > as_at_date) and is_short_break is not true;

-- Whether a child was looked after for all of the twelve months to that day, without short breaks: the group the
-- yearly health and offending items are for. Null if the return does not tell when care began.
create view looked_after_12_months as
select
    "CHILD",
    case
        when bool_or(is_short_break and (care_end is null or care_end > first_day)) then false
        when bool_or(care_start <= first_day and (care_end is null or care_end > as_at_date)) then true
        when bool_or(not is_start_known and (care_end is null or care_end > as_at_date)) then null
        else false
    end as is_looked_after
from periods_of_care, (select as_at_date, (as_at_date - interval 1 year + interval 1 day)::date as first_day from delivery)
group by "CHILD";

-- Runs of episodes under one legal status without a break; each row of a run has its first and last day.
create view legal_status_runs as
with marked as (
    select
        row_id, "CHILD", "LS", "DECOM", "DEC",
        coalesce("DECOM" = lag("DEC") over history and "LS" = lag("LS") over history, false) as continues
    from episodes
    where "DECOM" is not null
    window history as (partition by "CHILD" order by "DECOM", row_id)
),
numbered as (
    select *, count(*) filter (where not continues) over (partition by "CHILD" order by "DECOM", row_id) as run
    from marked
)
select
    row_id,
    min("DECOM") over (partition by "CHILD", run) as first_day,
    case when bool_or("DEC" is null) over (partition by "CHILD", run) then null
         else max("DEC") over (partition by "CHILD", run) end as last_day
from numbered;

-- The first episode of a child in this return beside the one that was open at the end of last year's.
create view carried_over as
with first_now as (
    select * from episodes where "DECOM" is not null
    qualify row_number() over (partition by "CHILD" order by "DECOM", row_id) = 1
),
last_before as (
    select * from last_year_episodes where "DECOM" is not null
    qualify row_number() over (partition by "CHILD" order by "DECOM" desc, row_id desc) = 1
)
select
    first_now.row_id, first_now."CHILD",
    before."DECOM" as last_year_decom, before."RNE" as last_year_rne, before."LS" as last_year_ls,
    before."CIN" as last_year_cin, before."PLACE" as last_year_place,
    before."PLACE_PROVIDER" as last_year_place_provider, before."URN" as last_year_urn,
    before."PL_LA" as last_year_pl_la, before."PL_LOCATION" as last_year_pl_location,
    before."PL_DISTANCE" as last_year_pl_distance
from first_now join last_before as before using ("CHILD")
where before."DEC (as sent)" is null;
