"""A new case management system sends the children in need census: its numbers, its mistakes, its map.

While both systems run, what the new one sends differs as ``[replacement]`` of the scenario says. From the
month it counts from it says the same as the old one would.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from scrutiny.declarations import Feed, feeds
from scrutiny.periods import Month
from scrutiny.synthetic.children import Children
from scrutiny.synthetic.draws import Array, Rng, Table, choose, either, stack
from scrutiny.synthetic.people import CANARY, numbered
from scrutiny.synthetic.scenario import scenario

_BELOW = {
    "cin_details": ("child", "children"),
    "assessments": ("episode", "cin_details"),
    "assessment_factors": ("assessment", "assessments"),
    "cin_plans": ("episode", "cin_details"),
    "section_47": ("episode", "cin_details"),
    "child_protection_plans": ("episode", "cin_details"),
    "child_protection_reviews": ("plan", "child_protection_plans"),
}
"""Which column of a table of the census points to which other table; a table follows the one it points to."""


@cache
def new_feed() -> Feed:
    """The feed of the story's authority that replaces another."""
    code = scenario()["authority"]["code"]
    (feed,) = (feed for feed in feeds() if feed.authority_code == code and feed.replaces)
    return feed


def is_parallel(month: Month) -> bool:
    """Whether both systems send the census of a month."""
    return scenario()["replacement"]["parallel_from"] <= str(month) and not new_feed().counts(month)


def new_ids(lives: Children) -> Array:
    """The number of each child in the new system, by position in ``lives.children``."""
    ids = numbered("7", np.arange(len(lives.children["id"])), 7)
    return either(lives.children["id"] == CANARY["child_id"], CANARY["new_child_id"], ids)


def new_census(rng: Rng, tables: dict[str, Table], lives: Children, month: Month) -> dict[str, Table]:
    """The tables of the census as the new system has them, from those of the old one."""
    order = np.argsort(lives.children["id"])
    at = order[np.searchsorted(lives.children["id"][order], tables["children"]["LAchildID"])]
    tables = {**tables, "children": {**tables["children"], "LAchildID": new_ids(lives)[at]}}
    return _with_mistakes(rng, tables, month) if is_parallel(month) else tables


def identifier_map(rng: Rng, lives: Children, month: Month, cutoff: np.datetime64) -> Table:
    """The pairs of numbers of every child referred before the new system was the only one.

    While both systems run, some pairs are still missing.
    """
    last = np.datetime64(Month.parse(new_feed().counts_from or "").start) - 1
    known = (lives.episodes["referral"] <= min(cutoff, last)) & (lives.episodes["referral_known"] <= cutoff)
    child = np.unique(lives.episodes["child"][known])
    if is_parallel(month):
        able = child[lives.children["id"][child] != CANARY["child_id"]]
        child = np.setdiff1d(child, rng.permutation(able)[: scenario()["replacement"]["not_in_the_map"]])
    return {
        "Kind": np.full(len(child), "child", dtype=object),
        "Old ID": lives.children["id"][child],
        "New ID": new_ids(lives)[child],
    }


def _with_mistakes(rng: Rng, tables: dict[str, Table], month: Month) -> dict[str, Table]:
    plan = scenario()["replacement"]
    start, end = np.datetime64(month.start), np.datetime64(month.end)
    tables = {name: dict(table) for name, table in tables.items()}
    details, assessments = tables["cin_details"], tables["assessments"]

    coded = _some(rng, details["PrimaryNeedCode"] != None, plan["other_need"])  # noqa: E711
    need = details["PrimaryNeedCode"].copy()
    need[coded] = np.where(need[coded] == "N9", "N8", "N9")
    details["PrimaryNeedCode"] = need
    done = assessments["AssessmentAuthorisationDate"]
    late = _some(rng, (done >= start) & (done < end), plan["later_authorisation"])
    moved = done.copy()
    moved[late] = end
    assessments["AssessmentAuthorisationDate"] = moved

    recent = (details["CINreferralDate"] >= start) & (details["CINreferralDate"] <= end)
    referred = np.zeros(len(tables["children"]["LAchildID"]), dtype=bool)
    referred[details["child"][recent]] = True
    referred &= tables["children"]["LAchildID"] != CANARY["new_child_id"]
    gone = _some(rng, referred, plan["not_migrated"])
    referred[gone] = False
    twice = _some(rng, referred, plan["entered_twice"])
    return _without(_entered_twice(tables, twice, recent), gone)


def _some(rng: Rng, able: Array, count: int) -> Array:
    return np.sort(rng.permutation(np.flatnonzero(able))[:count])


def _entered_twice(tables: dict[str, Table], twice: Array, recent: Array) -> dict[str, Table]:
    """The children once more, under another number, with the referral of the month alone."""
    children, details = tables["children"], tables["cin_details"]
    again = choose(children, twice)
    again["LAchildID"] = np.array([f"8{number[1:]}" for number in again["LAchildID"]], dtype=object)
    for name in ("UPN", "FormerUPN"):
        again[name] = np.full(len(twice), None, dtype=object)
    again["UPNunknown"] = np.full(len(twice), "UN2", dtype=object)
    rows = np.flatnonzero(recent & np.isin(details["child"], twice))
    referrals = choose(details, rows)
    referrals["child"] = len(children["LAchildID"]) + np.searchsorted(twice, referrals["child"])
    return tables | {"children": stack([children, again]), "cin_details": stack([details, referrals])}


def _without(tables: dict[str, Table], gone: Array) -> dict[str, Table]:
    """The tables without these children and all that is below them."""
    rows = {"children": np.setdiff1d(np.arange(len(tables["children"]["LAchildID"])), gone)}
    result = {"children": choose(tables["children"], rows["children"])}
    for name, (pointer, above) in _BELOW.items():
        place = np.full(len(next(iter(tables[above].values()))), -1)
        place[rows[above]] = np.arange(len(rows[above]))
        rows[name] = np.flatnonzero(place[tables[name][pointer]] >= 0)
        result[name] = choose(tables[name], rows[name])
        result[name][pointer] = place[result[name][pointer]]
    return result
