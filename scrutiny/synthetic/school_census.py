"""The school census of a term: the simulated children of school age among other pupils of the authority.

It counts the sessions of the term before, and lists the exclusions of the term before that. Children known to
social care miss more school and are suspended more often, as published; the tables are those of regional
school census extracts, under their headers.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np

from scrutiny.periods import SchoolTerm
from scrutiny.synthetic.children import Children
from scrutiny.synthetic.draws import (
    NEVER,
    Array,
    Rng,
    Table,
    age,
    between,
    choose,
    either,
    last_of_group,
    pick,
    stack,
    stream,
)
from scrutiny.synthetic.people import CANARY, FIRST_NAMES, LAST_NAMES, names, numbered, upns
from scrutiny.synthetic.scenario import scenario

_PRESENT = {"/": 52, "\\": 48}
_ABSENT = {"I": 44, "M": 8, "C": 7, "E": 2, "O": 26, "U": 8, "G": 4, "N": 1}
_REASONS = {"DB": 50, "PA": 12, "PP": 14, "VA": 16, "DM": 4, "OW": 2, "TH": 2}
_NEEDS = {"SEMH": 24, "SLCN": 20, "ASD": 20, "MLD": 16, "SPLD": 12, "PD": 4, "HI": 2, "VI": 2}
_ON, _OFF = "pupilonrolltableid", "pupilnolongeronrolltableid"


def census(lives: Children, seed: int, young: int, term: SchoolTerm) -> dict[str, Table]:
    """The tables of a term by name, columns in order; dates are dates still.

    ``young`` (people aged 0 to 17) sizes the schools and the number of pupils nobody has referred.
    """
    rng = stream(seed, 12, zlib.crc32(str(term).encode()))
    pupils = _pupils(lives, seed, young, term)
    n = len(pupils["id"])
    start = np.datetime64(term.start)
    moved = rng.random(n) < scenario()["school_census"]["moves_a_term"]
    left = either(moved, start + between(rng, 10, 60, n), NEVER)
    possible = np.full(n, scenario()["school_census"]["sessions"][term.name])
    share = either(moved, (left - start).astype(float) / 90, 0.0)
    before = np.floor(possible * share).astype(int)
    gone, stays = np.flatnonzero(moved), np.arange(n)
    pupils["provision"] = _provision(pupils)

    on_roll = _identity(pupils, stays, _ON, pupils["school"] + moved) | {
        "entrydate": either(moved, left + 3, pupils["entry"]),
        "enrolstatus": np.full(n, "C", dtype=object),
        "ncyearactual": _year_group(pupils["birth"], term),
        "senprovision": pupils["provision"],
        "parttime": np.full(n, "False", dtype=object),
        "termlysessionspossible": _decimal(possible - before),
    }
    off_roll = _identity(pupils, gone, _OFF, pupils["school"]) | {
        "entrydate": pupils["entry"][gone],
        "leavingdate": left[gone],
        "termlysessionspossible": _decimal(before[gone]),
    }
    tables = {
        "pupils_on_roll": on_roll,
        "pupils_no_longer_on_roll": off_roll,
        "session_details": _sessions(rng, pupils, on_roll, stays, possible - before, _ON, "termly"),
        "session_details_off_roll": _sessions(rng, pupils, off_roll, gone, before[gone], _OFF, "termly"),
        "exclusions": _exclusions(rng, pupils, on_roll, stays, _two_before(term), _ON),
        "exclusions_off_roll": _exclusions(rng, pupils, off_roll, gone, _two_before(term), _OFF),
    }
    if term.name == "autumn":
        half = np.full(n, scenario()["school_census"]["sessions"]["autumn"])
        on_roll["summerhalfterm2sessionspossible"] = _decimal(half)
        off_roll["summerhalfterm2sessionspossible"] = _decimal(half[gone] * 0)
        tables["summer_session_details"] = _sessions(
            rng, pupils, on_roll, stays, half, _ON, "summerhalfterm2"
        )
    if term.name == "spring":
        tables["sen_needs"] = _needs(rng, pupils, on_roll)
    return tables


def file_names(tables: Mapping[str, Table], term: SchoolTerm) -> dict[str, str]:
    """What the file of each table is called, without ``.csv``."""
    usual = {
        "pupils_on_roll": "pupilonroll",
        "pupils_no_longer_on_roll": "pupilnolongeronroll",
        "session_details": "termlysessiondetailsonroll",
        "session_details_off_roll": "termlysessiondetailsoffroll",
        "summer_session_details": "summerhalfterm2sessiondetailsonroll",
        "exclusions": "termlyexclusionsonroll",
        "exclusions_off_roll": "termlyexclusionsoffroll",
        "sen_needs": "senneeds",
    }
    return {name: f"{term.year}_{term.name}_{usual[name]}" for name in tables}


def as_sent(table: Table) -> Table:
    """A table with its dates as school census extracts write them: ``2025-Feb-16 00:00:00``."""
    return {name: _written(values) for name, values in table.items()}


def _written(values: Array) -> Array:
    if values.dtype.kind != "M":
        return values
    months = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    texts = [
        None if text == "NaT" else f"{text[:4]}-{months[int(text[5:7])]}-{text[8:]} 00:00:00"
        for text in np.datetime_as_string(values).tolist()
    ]
    return np.array(texts, dtype=object)


def _decimal(values: Array) -> Array:
    return np.char.mod("%.1f", values).astype(object)


def _pupils(lives: Children, seed: int, young: int, term: SchoolTerm) -> Table:
    """Everybody of school age: children known to social care, and others whom nobody has referred."""
    who, start = lives.children, np.datetime64(term.start)
    rng = stream(seed, 12)
    others = round(young * scenario()["school_census"]["other_pupils"])
    number = len(who["id"])
    born = np.datetime64("2004-09-01") + between(rng, 0, 16 * 365, others)
    sex = either(rng.random(others) < 0.51, "M", "F").astype(object)
    known = {
        "child": np.arange(number),
        "birth": who["birth"],
        "sex": who["sex"],
        "upn": who["upn"],
        "disabled": who["disability"] != "NONE",
        "has_upn": ~who["no_upn"] & ~who["unaccompanied"],
    }
    strangers = {
        "child": np.full(others, -1),
        "birth": born,
        "sex": sex,
        "upn": upns(np.arange(others) + 700_000_000),
        "disabled": rng.random(others) < 0.03,
        "has_upn": np.ones(others, dtype=bool),
    }
    pupils = stack([known, strangers])
    n = len(pupils["child"])
    schools = 8 + young // 800
    pupils |= {
        "id": numbered("P", np.arange(1, n + 1) * 7_919 % 1_000_000_007, 10),
        "school": rng.integers(0, schools, n),
        "entry": pupils["birth"] + round(4.4 * 365.25),
        "surname": names(rng, LAST_NAMES, n),
        "forename": names(rng, FIRST_NAMES, n),
        "frailty": rng.gamma(0.5, 1 / 0.5, n),
        "supported": rng.random(n),
    }
    canary = np.flatnonzero(pupils["upn"] == CANARY["upn"])
    pupils["surname"][canary], pupils["forename"][canary] = CANARY["last_name"], CANARY["first_name"]
    pupils["id"][canary] = CANARY["pupil_record"]
    years = age(pupils["birth"], start)
    pupils = choose(pupils, (years >= 5) & (years <= 15) & pupils["has_upn"])
    return pupils | {"group": _groups(lives, pupils["child"], term)}


def _groups(lives: Children, child: Array, term: SchoolTerm) -> Array:
    """What each pupil is to social care in the term: in care, protected, in need, or nothing."""
    end = np.datetime64(term.end)

    def running(start: Array, finish: Array, child: Array) -> Array:
        return np.unique(child[(start <= end) & ~(finish <= end)])

    stays, plans, episodes = lives.care.stays, lives.protection, lives.episodes
    in_care = np.isin(child, running(stays["entry"], stays["end"], stays["child"]))
    protected = np.isin(child, running(plans["start"], plans["end"], plans["child"]))
    in_need = np.isin(child, running(episodes["referral"], episodes["closed"], episodes["child"]))
    return np.select([in_care, protected, in_need], ["in_care", "protected", "in_need"], "other").astype(
        object
    )


def _provision(pupils: Table) -> Array:
    """Who has a plan, SEN support or neither: more of the disabled and of those known to social care."""
    rates = scenario()["school_census"]["sen"]
    plan = np.array([rates[group][0] for group in pupils["group"].tolist()]) + 0.4 * pupils["disabled"]
    support = plan + np.array([rates[group][1] for group in pupils["group"].tolist()])
    return np.select([pupils["supported"] < plan, pupils["supported"] < support], ["E", "K"], "N").astype(
        object
    )


def _identity(pupils: Table, rows: Array, key: str, school: Array) -> Table:
    upn = pupils["upn"][rows]
    return {
        key: pupils["id"][rows],
        "NativeId": np.char.add("SCH", school[rows].astype("U5")).astype(object),
        "dob": pupils["birth"][rows],
        "surname": pupils["surname"][rows],
        "forename": pupils["forename"][rows],
        "upn": upn,
        "formerupn": np.full(len(upn), None, dtype=object),
        "sex": pupils["sex"][rows],
    }


def _year_group(birth: Array, term: SchoolTerm) -> Array:
    began = np.datetime64(f"{term.year - (term.name != 'autumn')}-09-01")
    years = age(birth, began) - 4
    return either(years <= 0, "R", years.astype("U2")).astype(object)


def _sessions(
    rng: Rng, pupils: Table, table: Table, rows: Array, possible: Array, key: str, prefix: str
) -> Table:
    """Sessions by reason, one row a pupil and reason that occurs."""
    rates = scenario()["school_census"]["absence"]
    rate = np.array([rates[group] for group in pupils["group"][rows].tolist()]) * pupils["frailty"][rows]
    absent = rng.binomial(possible, np.clip(rate, 0, 0.95))
    parts = [
        rng.multinomial(count, np.array(list(weights.values())) / sum(weights.values()))
        for count, weights in ((possible - absent, _PRESENT), (absent, _ABSENT))
    ]
    counts = np.concatenate(parts, axis=1)
    row, reason = np.nonzero(counts)
    roll = "onroll" if key == _ON else "offroll"
    return {
        key: table[key][row],
        "NativeId": table["NativeId"][row],
        f"{prefix}sessiondetails{roll}tableid": numbered("S", np.arange(1, len(row) + 1), 8),
        "sessions": _decimal(counts[row, reason]),
        "attendancereason": np.array([*_PRESENT, *_ABSENT], dtype=object)[reason],
    }


def _two_before(term: SchoolTerm) -> SchoolTerm:
    """The term whose exclusions a census lists."""
    before = {"autumn": "spring", "spring": "summer", "summer": "autumn"}
    return SchoolTerm(term.year - (term.name != "autumn"), before[term.name])


def _exclusions(
    rng: Rng, pupils: Table, table: Table, rows: Array, excluded_in: SchoolTerm, key: str
) -> Table:
    """Exclusions of a term, at the school the pupil was at then."""
    first, last = np.datetime64(excluded_in.start), np.datetime64(excluded_in.end)
    rates = scenario()["school_census"]["suspensions_a_term"]
    rate = np.array([rates[group] for group in pupils["group"][rows].tolist()])
    rate = either(table["entrydate"] <= last, rate, 0.0)
    row = np.repeat(np.arange(len(rows)), rng.poisson(rate))
    n = len(row)
    permanent = (rng.random(n) < 0.008) & last_of_group(row)
    category = either(permanent, "PERM", "SUSP").astype(object)
    date = np.maximum(first + between(rng, 0, int((last - first).astype(int)), n), table["entrydate"][row])
    roll = "onroll" if key == _ON else "offroll"
    return {
        key: table[key][row],
        "NativeId": table["NativeId"][row],
        f"termlyexclusions{roll}tableid": numbered("E", np.arange(1, n + 1), 8),
        "startdate": np.minimum(date, last),
        "sessions": either(permanent, None, _decimal(between(rng, 1, 10, n))),
        "category": category,
        "reason1": pick(rng, _REASONS, n),
        "reason2": np.full(n, None, dtype=object),
        "reason3": np.full(n, None, dtype=object),
    }


def _needs(rng: Rng, pupils: Table, on_roll: Table) -> Table:
    row = np.flatnonzero(pupils["provision"] != "N")
    first, second = pick(rng, _NEEDS, len(row)), pick(rng, _NEEDS, len(row))
    again = np.flatnonzero((rng.random(len(row)) < 0.3) & (first != second))
    row = np.concatenate([row, row[again]])
    need = np.concatenate([first, second[again]])
    rank = np.concatenate([np.full(len(first), "1.0"), np.full(len(again), "2.0")]).astype(object)
    order = np.lexsort((rank.astype("U3"), row))
    row, need, rank = row[order], need[order], rank[order]
    return {
        _ON: on_roll[_ON][row],
        "NativeId": on_roll["NativeId"][row],
        "senneedstableid": numbered("N", np.arange(1, len(row) + 1), 8),
        "sentyperank": rank,
        "sentype": need,
    }
