"""Supervision and sickness of the simulated workers, and audits of the simulated cases."""

from __future__ import annotations

import csv

import numpy as np

from scrutiny.settings import settings
from scrutiny.synthetic.adults import SERVICE_USER, Adults
from scrutiny.synthetic.child_services import CANARY_DAY, late, since_history
from scrutiny.synthetic.children import Children
from scrutiny.synthetic.draws import (
    NEVER,
    Array,
    Rng,
    Table,
    between,
    choose,
    either,
    pick,
    spread,
    stack,
    stream,
    working_day,
)
from scrutiny.synthetic.people import CANARY, references
from scrutiny.synthetic.scenario import scenario, simulated_time
from scrutiny.synthetic.workforce import FROM, Workforce

MANAGERS = (1, 2, 3)
"""The roles of the workforce census that supervise: heads of service, service and team managers."""
GRADES = np.array(["Inadequate", "Requires improvement", "Good", "Outstanding"], dtype=object)
DOMAINS = (
    "Assessment and analysis",
    "Planning and review",
    "Voice of the person",
    "Management oversight",
    "Recording",
)
TEAMS = {
    "Assessment": ("Assessment North", "Assessment South"),
    "Children in need and protection": ("Safeguarding East", "Safeguarding West"),
    "Children looked after": ("Children in Care",),
    "Adults' assessment": ("Adult Assessment",),
    "Adults' reviews": ("Adult Reviews",),
}


def extracts(
    seed: int, children: Children, adults: Adults, workforce: Workforce, cutoff: np.datetime64
) -> dict[str, dict[str, Table]]:
    """The tables of every extract of this module, by dataset, as known at the end of ``cutoff``."""
    return {
        "supervision": {"supervision_sessions": _supervision(stream(seed, 41), workforce, cutoff)},
        "sickness": {"sickness_absences": _sickness(stream(seed, 42), workforce, cutoff)},
        "case_audits": {"case_audits": _audits(stream(seed, 43), children, adults, cutoff)},
    }


def _supervision(rng: Rng, workforce: Workforce, cutoff: np.datetime64) -> Table:
    """Sessions every four weeks of whoever holds cases; some are missed."""
    rates, last = scenario()["supervision"], simulated_time()[1]
    held, workers = workforce.holdings, workforce.workers
    oldest = since_history()
    canary = workers["id"] == CANARY["worker_id"]
    supervised = np.flatnonzero(~np.isin(workers["role"][held["worker"]], MANAGERS) | canary[held["worker"]])
    start = np.maximum(held["start"][supervised], oldest)
    end = np.fmin(either(np.isnat(held["leave"][supervised]), last, held["leave"][supervised]), last)
    every = rates["days_between"]
    count = np.maximum((end - start).astype(int) // every, 0)
    holding = np.repeat(np.arange(len(supervised)), count)
    turn = np.arange(len(holding)) - np.repeat(np.cumsum(count) - count, count)
    slip = between(rng, -6, 6, len(holding)) + supervised[holding] % every
    date = working_day(start[holding] + turn * every + slip)
    kept = (rng.random(len(holding)) > rates["missed"]) & (date <= end[holding])
    worker, date = held["worker"][supervised][holding][kept], date[kept]
    order = np.lexsort((worker, date))
    worker, date = worker[order], date[order]
    n = len(worker)
    kind = pick(rng, rates["kind"], n)
    reflective = rng.random(n) < np.array([rates["reflective"][name] for name in kind.tolist()], dtype=float)
    known = either(canary[worker], date, late(rng, date))
    manager = _managers(workforce, worker, date)
    table: Table = {
        "Worker ID": workers["id"][worker],
        "Kind": kind,
        "Session Date": date,
        "Reflective": either(reflective, "Yes", "No").astype(object),
        "Manager ID": either(manager < 0, None, workers["id"][np.maximum(manager, 0)]),
    }
    return choose(table, (date <= cutoff) & (known <= cutoff))


def _managers(workforce: Workforce, worker: Array, date: Array) -> Array:
    """A manager in post for each worker and day, never the worker; -1 where there is none."""
    held = workforce.holdings
    leads = np.isin(workforce.workers["role"][held["worker"]], MANAGERS)
    months = date.astype("datetime64[M]")
    manager = np.full(len(date), -1)
    for month in np.unique(months):
        rows = np.flatnonzero(months == month)
        first = month.astype("datetime64[D]")
        pool = held["worker"][leads & (held["start"] <= first) & ~(held["leave"] < first + 31)]
        if len(pool) < 2:
            continue
        place = worker[rows] % len(pool)
        place = either(pool[place] == worker[rows], place + 1, place) % len(pool)
        manager[rows] = pool[place]
    return manager


def _sickness(rng: Rng, workforce: Workforce, cutoff: np.datetime64) -> Table:
    """Spells that add up to the working days the yearly census says each employee lost."""
    rates, holidays = scenario()["sickness"], _bank_holidays()
    held, workers = workforce.holdings, workforce.workers
    last = simulated_time()[1]
    tables = []
    for year_start in np.arange(FROM, last.astype("datetime64[M]"), 12):
        first_day = year_start.astype("datetime64[D]")
        last_day = (year_start + 12).astype("datetime64[D]") - 1
        here = np.flatnonzero(~held["agency"] & (held["start"] <= last_day) & ~(held["leave"] < first_day))
        start = np.maximum(held["start"][here], first_day)
        end = either(held["leave"][here] <= last_day, held["leave"][here], last_day)
        days = (end - start).astype(int) + 1
        lost = np.round(workers["days_lost"][held["worker"][here]] * days / 365 * 2) / 2
        spells = np.where(lost > 0, 1 + np.floor(lost / rates["days_a_spell"]).astype(int), 0)
        holding = np.repeat(np.arange(len(here)), spells)
        turn = np.arange(len(holding)) - np.repeat(np.cumsum(spells) - spells, spells)
        each = np.floor(lost[holding] / spells[holding] * 2) / 2
        each = either(turn == 0, lost[holding] - each * (spells[holding] - 1), each)
        # one spell in each equal part of the year, so that none overlaps another
        part = days[holding] / spells[holding]
        span = np.ceil(each) * 1.4 + 5
        room = np.maximum(part - span, 0)
        wait = np.floor(turn * part + rng.random(len(holding)) * room).astype(int)
        begin = np.busday_offset(start[holding] + wait, 0, roll="forward", holidays=holidays)
        tables.append({"worker": held["worker"][here][holding], "start": begin, "lost": each})
    rows = stack(tables)
    rows = choose(rows, rows["lost"] > 0)
    end = np.busday_offset(rows["start"], np.ceil(rows["lost"]).astype(int) - 1, holidays=holidays)
    n = len(end)
    over = end <= cutoff
    so_far = np.busday_count(rows["start"], np.fmin(cutoff, end) + 1, holidays=holidays)
    canary = workers["id"][rows["worker"]] == CANARY["worker_id"]
    reason = pick(rng, rates["reason"], n)
    table: Table = {
        "Worker ID": workers["id"][rows["worker"]],
        "Start Date": rows["start"],
        "End Date": either(over, end, NEVER),
        "Days Lost": np.char.mod("%.1f", either(over, rows["lost"], so_far)).astype(object),
        "Reason": reason,
    }
    known = either(canary, rows["start"], late(rng, rows["start"]))
    shown = (rows["start"] <= cutoff) & (known <= cutoff) & (end >= since_history())
    return choose(choose(table, shown), np.lexsort((table["Worker ID"][shown], rows["start"][shown])))


def _bank_holidays() -> Array:
    with (settings().seeds / "bank_holidays.csv").open(newline="", encoding="utf-8") as lines:
        return np.array([row["holiday_date"] for row in csv.DictReader(lines)], dtype="datetime64[D]")


def _audits(rng: Rng, children: Children, adults: Adults, cutoff: np.datetime64) -> Table:
    """Each month a few open cases of each service, graded by domain; some grades are moderated."""
    rates = scenario()["case_audits"]
    care, events = children.care.stays, adults.events
    user = adults.persons["client"][events["person"]] == SERVICE_USER

    def of(kind: str) -> tuple[Array, Array, Array]:
        rows = user & (events["type"] == kind)
        return adults.persons["id"][events["person"][rows]], events["start"][rows], events["end"][rows]

    ids = children.children["id"]
    cases = {
        "Assessment": (
            ids[children.assessments["child"]],
            children.assessments["start"],
            children.assessments["end"],
        ),
        "Children in need and protection": (
            ids[children.protection["child"]],
            children.protection["start"],
            children.protection["end"],
        ),
        "Children looked after": (ids[care["child"]], care["entry"], care["end"]),
        "Adults' assessment": of("Assessment"),
        "Adults' reviews": of("Review"),
    }
    months = np.arange(
        since_history().astype("datetime64[M]"), simulated_time()[1].astype("datetime64[M]") + 1
    )
    canary_month = CANARY_DAY.astype("datetime64[M]")
    tables: list[Table] = []
    for service, (person, start, end) in cases.items():
        for month in months:
            first = month.astype("datetime64[D]")
            open_now = np.flatnonzero((start <= first + 27) & (end >= first))
            drawn = rng.permutation(open_now)[: rates["a_month"][service]]
            who = person[drawn]
            if service == "Children looked after" and month == canary_month:
                who = np.append(who[who != CANARY["child_id"]], CANARY["child_id"])
            tables.append(
                {
                    "person": who,
                    "service": np.full(len(who), service, dtype=object),
                    "month": np.full(len(who), month),
                }
            )
    audits = stack(tables)
    audits = choose(audits, np.argsort(audits["month"], kind="stable"))
    n = len(audits["person"])
    overall = pick(rng, {str(level): share for level, share in enumerate(rates["overall"].values())}, n)
    overall = overall.astype(int)
    teams = np.array(
        [TEAMS[service][row % len(TEAMS[service])] for row, service in enumerate(audits["service"].tolist())],
        dtype=object,
    )
    child = ~np.char.startswith(audits["service"].astype(str), "Adults")
    planted = (audits["person"] == CANARY["child_id"]) & (
        audits["month"] == CANARY_DAY.astype("datetime64[M]")
    )
    row = np.repeat(np.arange(n), len(DOMAINS) + 1)
    domain = np.tile(np.array(["Overall", *DOMAINS], dtype=object), n)
    step = pick(rng, {"-1": 22, "0": 62, "1": 16}, len(row)).astype(int)
    # no overall grade is better than that of every domain
    level = overall[row] + either(np.isin(domain, ["Overall", DOMAINS[0]]), 0, step)
    level = np.clip(level, 0, len(GRADES) - 1)
    moderated = (spread(rng, n) < rates["moderated"])[row]
    lowered = np.maximum(level - (rng.random(len(row)) < rates["lowered"]), 0)
    month = np.datetime_as_string(audits["month"]).astype(object)
    table: Table = {
        "Audit ID": references("AU", n, 6, planted, "audit_reference")[row],
        "Audit Month": month[row],
        "Service": audits["service"][row],
        "Team": teams[row],
        "Child ID": either(child[row], audits["person"][row], None),
        "Adult ID": either(child[row], None, audits["person"][row]),
        "Domain": domain,
        "Grade": GRADES[level],
        "Moderated": either(moderated, "Yes", "No").astype(object),
        "Moderated Grade": either(moderated, GRADES[lowered], None),
    }
    return choose(table, (audits["month"] <= cutoff.astype("datetime64[M]"))[row])
