"""The lives of children: referral, assessment, section 47, conference, plan, care; and back again.

Every referral takes one path. A child whose case has closed may be referred again: generation after
generation, until nobody comes back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from scrutiny.synthetic.care import CareRecords, care_stay, live_in_care
from scrutiny.synthetic.draws import (
    DAYS_A_YEAR,
    NEVER,
    Array,
    Rng,
    Table,
    age,
    between,
    birthday,
    choose,
    days,
    either,
    pick,
    recorded,
    spread,
    stack,
    stream,
    working_day,
)
from scrutiny.synthetic.people import CANARY, ethnicity_weights, numbered, upns
from scrutiny.synthetic.scenario import scenario, simulated_time

DISABILITIES = {
    "AUT": 30,
    "LD": 22,
    "BEH": 12,
    "COMM": 9,
    "MOB": 6,
    "DDA": 8,
    "PC": 4,
    "HEAR": 3,
    "VIS": 2,
    "HAND": 1,
    "INC": 2,
    "CON": 1,
}


@dataclass(frozen=True)
class Children:
    """Everything that happens to children, up to the end of the simulated time, with when it was recorded.

    ``children`` has one row a child (number = position); the other tables point to it with ``child`` and,
    for what belongs to a referral, to ``episodes`` with ``episode``.
    """

    children: Table
    episodes: Table
    assessments: Table
    factors: Table
    section_47: Table
    protection: Table
    protection_reviews: Table
    plans: Table
    care: CareRecords


def _refer(rng: Rng, refer: Array, birth: Array, previous: Array, known_from: Array, path: Array) -> Table:
    """What becomes of each referral: one row each, ``NaT`` where a step does not happen."""
    rates = scenario()["front_door"]
    share, lag = scenario()["calendar"]["late_recording"].values()
    n = len(refer)

    def late(dates: Array) -> Array:
        return recorded(rng, dates, share, lag)

    eighteen = birthday(birth, 18)
    young = refer < eighteen - 500
    path = either(np.isin(path, ["protection", "care"]) & ~young, "plan", path)
    no_action, protection, care = path == "no_action", path == "protection", path == "care"
    plan = path == "plan"

    in_time = spread(rng, n) < rates["assessed_within_45_days"]
    length = either(in_time, np.floor(rng.triangular(8, 40, 45, n)).astype(int), between(rng, 48, 80, n))
    start = working_day(refer + between(rng, 0, 1, n))
    authorised = working_day(start, length)

    other = (plan | (path == "assessment")) & (spread(rng, n) < rates["section_47_otherwise"])
    has_47 = protection | (care & (rng.random(n) < 0.5)) | other
    start_47 = working_day(refer + between(rng, 0, 12, n))
    in_time = spread(rng, n) < rates["conference_within_15_days"]
    wait = either(in_time, between(rng, 7, 15, n), between(rng, 17, 32, n))
    has_conference = protection | (plan & (rng.random(n) < rates["conference_without_plan"]))
    has_47 |= has_conference
    conference = working_day(start_47, wait)
    decided = either(has_conference, conference, start_47 + 14)

    shape, mean = scenario()["protection"]["plan_days"].values()
    protected_until = conference + 30 + np.floor(rng.gamma(shape, (mean - 30) / shape, n)).astype(int)
    protected_until = np.minimum(protected_until, np.maximum(eighteen - 1, conference + 20))

    stepped_down = protection & (rng.random(n) < 0.6)
    plan_start = either(
        protection, protected_until + 1, np.maximum(authorised, decided) + between(rng, 1, 9, n)
    )
    plan_days = either(
        protection, between(rng, 30, 150, n), 20 + np.floor(rng.gamma(1.6, 115, n)).astype(int)
    )
    plan_end = plan_start + plan_days
    has_plan = plan | stepped_down

    entry = np.maximum(refer + between(rng, 3, 60, n), birth + 1)
    stay = care_stay(rng, entry, birth)

    closed = np.select(
        [no_action, protection & ~stepped_down, has_plan, care],
        [
            refer + between(rng, 0, 1, n),
            protected_until + 3,
            plan_end + between(rng, 0, 6, n),
            np.maximum(stay["end"], authorised) + between(rng, 3, 50, n),
        ],
        np.maximum(authorised, either(has_47, decided, authorised)) + between(rng, 0, 4, n),
    )
    closed = np.maximum(closed, either(no_action, closed, np.maximum(authorised, decided)))
    assessed_only = (path == "assessment") & ~has_47
    reason = either(
        assessed_only, pick(rng, {"RC8": 6, "RC9": 4}, n), pick(rng, {"RC7": 94, "RC5": 5, "RC3": 1}, n)
    )
    reason = either(no_action, "RC7", either(care, stay["closure_reason"], reason))

    none = np.full(n, NEVER)
    known = np.maximum(late(refer), known_from)
    table: Table = {
        "path": path,
        "referral": refer,
        "referral_known": known,
        "no_action": no_action,
        "source": pick(rng, rates["source"], n),
        "need": either(no_action, None, pick(rng, rates["need"], n)),
        "assessment": either(no_action, NEVER, start),
        "authorised": either(no_action, NEVER, authorised),
        "section_47": either(has_47, start_47, none),
        "conference": either(has_conference, conference, none),
        "decided": either(has_47, decided, none),
        "protected": either(protection, conference, none),
        "protected_until": either(protection, protected_until, none),
        "previous_plans": previous,
        "category": pick(rng, rates["abuse"], n),
        "plan": either(has_plan, plan_start, none),
        "plan_end": either(has_plan, plan_end, none),
        "entry": either(care, entry, none),
        "care_end": either(care, stay["end"], none),
        "exit": either(care, stay["exit"], None),
        "adopted": care & stay["adopted"],
        "closed": closed,
        "reason": reason,
    }
    for event in (
        "assessment",
        "authorised",
        "section_47",
        "decided",
        "protected",
        "protected_until",
        "plan",
        "plan_end",
    ):
        table[f"{event}_known"] = np.fmax(late(table[event]), known)
    ends = [table[f"{event}_known"] for event in ("authorised", "decided", "protected_until", "plan_end")]
    closed_known = np.fmax(late(closed), known)
    for end in ends:
        closed_known = np.fmax(closed_known, end)
    table["closed_known"] = closed_known
    return table


def _birth(rng: Rng, refer: Array) -> Array:
    """Birth dates for children first referred on a date: under ones to 17, and a few unborn."""
    rates = scenario()["front_door"]
    n = len(refer)
    band = pick(rng, {"0": 9, "1": 22, "5": 29, "10": 34, "16": 6}, n).astype(int)
    width = np.select([band == 0, band == 1, band == 5, band == 10], [1, 4, 5, 6], 1.6)
    born = refer - np.floor((band + rng.random(n) * width) * DAYS_A_YEAR).astype(int)
    return either(rng.random(n) < rates["unborn"], refer + between(rng, 20, 120, n), born)


def live(seed: int, young: int) -> Children:
    """Simulate the children of an authority with ``young`` people aged 0 to 17."""
    rng = stream(seed, 1)
    rates = scenario()["front_door"]
    first, last, years = simulated_time()
    fresh = rates["referrals"] * (1 - 0.29 - rates["again_later"] * 0.6) / 10_000
    births: list[Array] = []
    generations: list[Table] = []

    refer = days(rng, first, last, rng.poisson(young * fresh * years))
    birth = _birth(rng, refer)
    births.append(birth)
    child = np.arange(len(refer))
    previous = either(spread(rng, len(refer)) < rates["previous_plan"], between(rng, 1, 2, len(refer)), 0)
    known_from = refer
    while len(refer):
        table = _refer(rng, refer, birth, previous, known_from, pick(rng, rates["path"], len(refer)))
        table["child"] = child
        generations.append(table)
        closed, n = table["closed"], len(refer)
        room = (refer + 362 - closed).astype(int)
        soon = (room > 15) & (rng.random(n) < rates["again_within_year"])
        later = ~soon & (rng.random(n) < rates["again_later"])
        gap = either(
            soon,
            5 + np.floor(rng.random(n) * np.maximum(room - 5, 1)).astype(int),
            between(rng, 370, 1000, n),
        )
        again = closed + gap
        back = (soon | later) & (again <= last) & (again < birthday(birth, 18) - 30) & (table["exit"] == None)  # noqa: E711
        order = np.argsort(again[back], kind="stable")
        child, birth, refer = child[back][order], birth[back][order], again[back][order]
        previous = (previous + (table["path"] == "protection"))[back][order]
        known_from = np.maximum(table["closed_known"][back][order], refer)

    care_rates = scenario()["care"]
    early = days(rng, first - 365 * 18, first - 70, rng.poisson(young * care_rates["started"] / 10_000 * 18))
    early_birth = _care_birth(rng, early)
    # three canaries: two children in care until they are 18, and below one unborn child and one who died
    early = np.concatenate([np.array(["2020-06-01", "2020-06-02"], dtype="datetime64[D]"), early])
    early_birth = np.concatenate(
        [np.array([CANARY["child_birth"], CANARY["mother_birth"]], dtype="datetime64[D]"), early_birth]
    )
    table = _refer(
        rng,
        early,
        early_birth,
        np.zeros(len(early), dtype=int),
        early,
        np.full(len(early), "care", dtype=object),
    )
    for column, value in {
        "care_end": birthday(early_birth[:2], 18),
        "exit": "E17",
        "adopted": False,
        "reason": "RC7",
    }.items():
        table[column][:2] = value
    table["closed"][:2] = table["closed_known"][:2] = birthday(early_birth[:2], 18) + 10
    remembered = np.datetime64("2023-04-01")
    keep = (table["care_end"] >= remembered) | (
        (age(early_birth, table["care_end"]) >= 16) & (age(early_birth, remembered) < 22)
    )
    births.append(early_birth[keep])
    table["child"] = np.full(len(early), -1)
    table = choose(table, keep)
    table["child"] = np.arange(keep.sum()) + sum(map(len, births[:-1]))
    generations.append(table)

    fixed = np.array(["2025-06-10", "2025-05-06"], dtype="datetime64[D]")
    born = np.array([CANARY["expected_birth"], "2015-03-04"], dtype="datetime64[D]")
    table = _refer(
        rng, fixed, born, np.zeros(2, dtype=int), fixed, np.array(["plan", "assessment"], dtype=object)
    )
    table["child"] = np.arange(2) + sum(map(len, births))
    death = np.datetime64(CANARY["death"])
    for values in table.values():
        if values.dtype.kind == "M":
            values[1] = min(values[1], death) if not np.isnat(values[1]) else values[1]
    table["closed"][1], table["reason"][1] = death, "RC2"
    births.append(born)
    generations.append(table)

    episodes = stack(generations)
    birth = np.concatenate(births)
    episodes = choose(episodes, np.lexsort((episodes["referral"], episodes["child"])))
    children = _who(rng, birth)
    _plant_canaries(children, len(birth) - 2, len(birth) - len(births[-2]) - 2)
    care = live_in_care(stream(seed, 2), episodes, children, young)
    return _split(stream(seed, 3), children, episodes, care)


def _care_birth(rng: Rng, entry: Array) -> Array:
    """Birth dates of children entering care: more babies and more teenagers than among referrals."""
    n = len(entry)
    band = pick(rng, {"0": 19, "1": 17, "5": 18, "10": 29, "16": 17}, n).astype(int)
    width = np.select([band == 0, band == 1, band == 5, band == 10], [1, 4, 5, 6], 1.6)
    born: Array = entry - np.floor((band + rng.random(n) * width) * DAYS_A_YEAR).astype(int)
    return born


def _who(rng: Rng, birth: Array) -> Table:
    n = len(birth)
    number = np.arange(n)
    disabled = rng.random(n) < scenario()["front_door"]["disabled"]
    second = disabled & (rng.random(n) < 0.3)
    one, two = pick(rng, DISABILITIES, n), pick(rng, DISABILITIES, n)
    return {
        "id": numbered("FC", number + 1, 7),
        "birth": birth,
        "sex": either(rng.random(n) < 0.52, "M", "F").astype(object),
        "ethnicity": pick(rng, ethnicity_weights(), n),
        "upn": upns(number + 100_000),
        "former_upn": either(rng.random(n) < 0.02, upns(number + 500_000_000), None),
        "no_upn": rng.random(n) < 0.01,
        "disability": either(disabled, one, "NONE"),
        "disability_2": either(second & (one != two), two, None),
        "death": np.full(n, NEVER),
        "mothers_child": np.full(n, NEVER),
        "canary": np.zeros(n, dtype=bool),
        "unaccompanied": np.zeros(n, dtype=bool),
    }


def _plant_canaries(children: Table, unborn: int, in_care: int) -> None:
    """Give the fixed personal values to the children made for them."""
    named = {
        in_care: "child_id",
        in_care + 1: "mother_id",
        unborn: "unborn_id",
        unborn + 1: "deceased_id",
    }
    for row, name in named.items():
        children["id"][row] = CANARY[name]
        children["no_upn"][row] = False
    children["upn"][in_care], children["former_upn"][in_care] = CANARY["upn"], CANARY["former_upn"]
    children["sex"][in_care + 1] = "F"
    children["mothers_child"][in_care + 1] = np.datetime64(CANARY["mothers_child_birth"])
    children["death"][unborn + 1] = np.datetime64(CANARY["death"])
    children["canary"][[in_care, in_care + 1]] = True


def _split(rng: Rng, children: Table, episodes: Table, care: CareRecords) -> Children:
    """The steps of every referral as tables of their own, as the census wants them."""
    number = np.arange(len(episodes["child"]))
    episodes["episode"] = number

    def rows(event: str, names: dict[str, str]) -> Table:
        happened = ~np.isnat(episodes[event])
        table = {name: episodes[source][happened] for name, source in names.items()}
        return {"episode": number[happened], "child": episodes["child"][happened], **table}

    assessments = rows(
        "assessment",
        {
            "start": "assessment",
            "start_known": "assessment_known",
            "end": "authorised",
            "end_known": "authorised_known",
        },
    )
    section_47 = rows(
        "section_47",
        {
            "start": "section_47",
            "start_known": "section_47_known",
            "conference": "conference",
            "end": "decided",
            "end_known": "decided_known",
        },
    )
    protection = rows(
        "protected",
        {
            "start": "protected",
            "start_known": "protected_known",
            "end": "protected_until",
            "end_known": "protected_until_known",
            "category": "category",
            "previous": "previous_plans",
        },
    )
    # the conference and the plan it makes are recorded together
    both = episodes["decided_known"][protection["episode"]]
    protection["start_known"] = both
    protection["end_known"] = np.maximum(protection["end_known"], both)
    protection["latest"] = either(rng.random(len(both)) < 0.1, "EMO", protection["category"])
    plans = rows(
        "plan",
        {"start": "plan", "start_known": "plan_known", "end": "plan_end", "end_known": "plan_end_known"},
    )

    n = len(assessments["start"])
    count = rng.choice([1, 2, 3, 4], n, p=[0.3, 0.35, 0.22, 0.13])
    row = np.repeat(np.arange(n), count)
    factors: dict[str, Any] = scenario()["front_door"]["factors"]
    code = pick(rng, factors, len(row))
    closed_after = np.isin(episodes["reason"][assessments["episode"]], ["RC8", "RC9"])
    none_found = closed_after & (rng.random(n) < 0.06)
    code = either(none_found[row], "21", code)
    _, unique = np.unique(row * 1000 + np.unique(code, return_inverse=True)[1], return_index=True)
    return Children(
        children=children,
        episodes=episodes,
        assessments=assessments,
        factors={"assessment": row[unique], "code": code[unique]},
        section_47=section_47,
        protection=protection,
        protection_reviews=_protection_reviews(rng, protection),
        plans=plans,
        care=care,
    )


def _protection_reviews(rng: Rng, protection: Table) -> Table:
    """The first review within three months of the plan, then within six months: nine in ten on time."""
    share, lag = scenario()["calendar"]["late_recording"].values()
    tables = []
    at, row = protection["start"], np.arange(len(protection["start"]))
    limit = 91
    while len(row):
        slip = either(
            spread(rng, len(row)) < 0.95, between(rng, -25, 0, len(row)), between(rng, 3, 30, len(row))
        )
        at = working_day(at + limit - 2 + slip)
        held = at <= protection["end"][row]
        at, row = at[held], row[held]
        tables.append({"plan": row, "date": at})
        limit = 182
    reviews = stack(tables) if tables else {"plan": row, "date": at}
    reviews["known"] = np.fmax(
        recorded(rng, reviews["date"], share, lag), protection["start_known"][reviews["plan"]]
    )
    return choose(reviews, np.lexsort((reviews["date"], reviews["plan"])))
