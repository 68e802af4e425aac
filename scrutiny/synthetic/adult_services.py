"""What adults' services record beside Client Level Data: safeguarding, deprivation of liberty, waiting.

All of it is about the simulated adults: applications to deprive of liberty are made for those in care homes,
and whoever waits for an assessment is assessed in the client level data. Each extract is all that is known
at a month's end, back to the first year of the history. Ratings of providers and surveys are of no person.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scrutiny.synthetic.adults import (
    CARE_HOMES,
    NURSING,
    RESIDENTIAL,
    SERVICE_USER,
    Adults,
    care_home_location,
)
from scrutiny.synthetic.child_services import CANARY_DAY, happened, late, since_history
from scrutiny.synthetic.draws import (
    NEVER,
    Array,
    Rng,
    Table,
    between,
    choose,
    days,
    either,
    pick,
    spread,
    stack,
    stream,
    working_day,
)
from scrutiny.synthetic.people import CANARY, numbered, references
from scrutiny.synthetic.scenario import scenario, simulated_time

HOSPITAL = "1-199000001"
"""The location of the hospital whose wards apply for authorisations."""


def extracts(seed: int, lives: Adults, adults: int, cutoff: np.datetime64) -> dict[str, dict[str, Table]]:
    """The tables of every monthly extract of this module, by dataset, as known at the end of ``cutoff``.

    ``adults`` is how many people aged 18 and over the authority has.
    """
    return {
        "safeguarding": _safeguarding(stream(seed, 31), lives, adults, cutoff),
        "deprivation_of_liberty": {"applications": _applications(stream(seed, 32), lives, adults, cutoff)},
        "waiting_lists": {"waiting_list_entries": _waiting(stream(seed, 33), lives, cutoff)},
        "provider_ratings": {"provider_locations": _locations(stream(seed, 34), lives, cutoff)},
    }


def _canary(lives: Adults) -> int:
    return int(np.flatnonzero(lives.persons["id"] == CANARY["adult_id"])[0])


def _users_of(rng: Rng, lives: Adults, services: Array, date: Array) -> Array:
    """A person whose service, one of those masked, is open on each date; -1 where none was drawn."""
    rows = np.flatnonzero(services)
    start, end = lives.events["start"][rows], lives.events["end"][rows]
    who = np.full(len(date), -1)
    for _ in range(100):
        wanted = np.flatnonzero(who < 0)
        drawn = rng.integers(0, len(rows), len(wanted))
        fits = (start[drawn] <= date[wanted]) & ~(end[drawn] < date[wanted])
        who[wanted[fits]] = lives.events["person"][rows[drawn[fits]]]
    return who


def _people_at(rng: Rng, lives: Adults, date: Array) -> Array:
    """A person with a service for each date; the canary, who always has one, where none was drawn."""
    user = lives.persons["client"][lives.events["person"]] == SERVICE_USER
    who = _users_of(rng, lives, (lives.events["type"] == "Service") & user, date)
    return either(who < 0, _canary(lives), who).astype(int)


def _safeguarding(rng: Rng, lives: Adults, adults: int, cutoff: np.datetime64) -> dict[str, Table]:
    rates = scenario()["safeguarding"]
    first, last, years = simulated_time()
    date = days(rng, first, last, rng.poisson(adults * rates["concerns"] / 100_000 * years))
    n = len(date)
    who = _people_at(rng, lives, date)
    # some people are the subject of several concerns within the year
    again = np.flatnonzero(rng.random(n) < rates["again"])
    again = again[again > 0]
    earlier = np.maximum(again - between(rng, 1, max(1, n // 8), len(again)), 0)
    death = lives.persons["death"][who[earlier]]
    alive = ~(death < date[again])
    who[again[alive]] = who[earlier[alive]]
    planted = int(np.searchsorted(date, CANARY_DAY))
    who[planted] = _canary(lives)
    prompt = spread(rng, n) < rates["decided_within_two_working_days"]
    decided = working_day(date, either(prompt, between(rng, 0, 2, n), between(rng, 3, 12, n)))
    draw = spread(rng, n)
    to_enquiry, to_other = rates["section_42"], rates["section_42"] + rates["other_enquiry"]
    decision = np.select(
        [draw < to_enquiry, draw < to_other], ["Section 42 enquiry", "Other enquiry"], "No enquiry"
    ).astype(object)
    known = late(rng, date)
    decision[planted], known[planted] = "Section 42 enquiry", date[planted]
    decided_known = np.fmax(known, decided)
    concern = references("SGC", n, 7, np.arange(n) == planted, "concern_reference")
    shown = (date >= since_history()) & (date <= cutoff) & (known <= cutoff)
    decision_day = happened(decided, decided_known, cutoff)
    concerns: Table = {
        "Concern ID": concern,
        "Adult ID": lives.persons["id"][who],
        "Concern Date": date,
        "Concern Source": pick(rng, rates["source"], n),
        "Decision": either(np.isnat(decision_day), None, decision),
        "Decision Date": decision_day,
    }
    led_on = np.flatnonzero(decision != "No enquiry")
    of: Table = {
        "concern": concern,
        "who": who,
        "decided": decided,
        "known": decided_known,
        "is_other": decision == "Other enquiry",
        "planted": np.arange(n) == planted,
        "shown": shown,
    }
    return {"concerns": choose(concerns, shown), **_enquiries(rng, lives, choose(of, led_on), cutoff)}


def _enquiries(rng: Rng, lives: Adults, of: Table, cutoff: np.datetime64) -> dict[str, Table]:
    """The enquiries that the concerns ``of`` led to, and their types of risk."""
    rates = scenario()["safeguarding"]
    n = len(of["who"])
    start = of["decided"]
    prompt = spread(rng, n) < rates["concluded_within_28_days"]
    length = either(prompt, between(rng, 4, 28, n), 29 + np.floor(rng.exponential(45, n)).astype(int))
    end = happened(start + length, np.fmax(late(rng, start + length), of["known"]), cutoff)
    over = ~np.isnat(end)
    outcome = pick(rng, rates["assessment_outcome"], n)
    identified = np.char.startswith(outcome.astype(str), "Risk identified")
    personal = pick(rng, rates["making_safeguarding_personal"], n)
    expressed = personal == "Asked and outcomes expressed"
    capacity = pick(rng, rates["mental_capacity"], n)
    lacks = capacity == "Lacks capacity"
    advocate = either(rng.random(n) < rates["advocate_if_lacking_capacity"], "Yes", "No")
    number = references("SGE", n, 7, of["planted"], "safeguarding_enquiry_reference")
    table: Table = {
        "Enquiry ID": number,
        "Concern ID": of["concern"],
        "Adult ID": lives.persons["id"][of["who"]],
        "Enquiry Type": either(of["is_other"], "Other", "Section 42").astype(object),
        "Start Date": start,
        "End Date": end,
        "Risk Assessment Outcome": either(over, outcome, None),
        "Risk Outcome": either(over & identified, pick(rng, rates["risk_outcome"], n), None),
        "Mental Capacity": capacity,
        "Advocate": either(lacks, advocate, None),
        "Making Safeguarding Personal": either(over, personal, None),
        "Outcomes Achieved": either(over & expressed, pick(rng, rates["outcomes_achieved"], n), None),
    }
    begun = of["shown"] & (start <= cutoff) & (of["known"] <= cutoff)
    types = np.repeat(np.arange(n), 1 + (rng.random(n) < rates["second_risk"]))
    m = len(types)
    kind = pick(rng, rates["risk"], m)
    source = pick(rng, rates["risk_source"], m)
    source = either(
        (kind == "Self-neglect") & (source == "Service provider"), "Other - known to individual", source
    )
    location = pick(rng, rates["risk_location"], m)
    risks: Table = {
        "Enquiry ID": number[types],
        "Risk Type": kind,
        "Risk Source": source,
        "Risk Location": location,
    }
    same = np.concatenate([[False], (types[1:] == types[:-1]) & (kind[1:] == kind[:-1])]) if m else types > 0
    return {
        "enquiries": choose(table, begun),
        "enquiry_risks": choose(risks, begun[types] & ~same),
    }


def _applications(rng: Rng, lives: Adults, adults: int, cutoff: np.datetime64) -> Table:
    """Applications for people in care homes, and for some in hospital; a backlog waits."""
    rates = scenario()["deprivation_of_liberty"]
    first, last, years = simulated_time()
    received = days(rng, first, last, rng.poisson(adults * rates["applications"] / 100_000 * years))
    n = len(received)
    in_home = np.isin(lives.events["service"].astype(str), [NURSING, RESIDENTIAL])
    resident = _users_of(rng, lives, in_home, received)
    at_home = (rng.random(n) < rates["in_care_homes"]) & (resident >= 0)
    who = either(at_home, resident, _people_at(rng, lives, received)).astype(int)
    planted = int(np.searchsorted(received, CANARY_DAY))
    who[planted], at_home[planted] = _canary(lives), False
    wait = either(
        spread(rng, n) < rates["within_21_days"],
        between(rng, 2, 21, n),
        22 + np.floor(rng.exponential(rates["days"], n)).astype(int),
    )
    outcome = pick(rng, rates["outcome"], n)
    known = late(rng, received)
    known[planted] = received[planted]
    place = either(at_home, care_home_location(who), HOSPITAL)
    finished = received + wait
    done = happened(finished, np.fmax(known, finished), cutoff)
    granted = ~np.isnat(done) & (outcome == "Granted")
    until = finished + between(rng, 80, 360, n)
    # no authorisation ends on a day that is planted to be searched for
    until = either(until == np.datetime64(CANARY["expected_birth"]), until - 1, until)
    # while one application waits nobody makes another for the same person and place
    order = np.lexsort((received, place.astype(str), who))
    same = np.concatenate(
        [[False], (who[order][1:] == who[order][:-1]) & (place[order][1:] == place[order][:-1])]
    )
    renewal, waits = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    renewal[order] = same
    waits[order] = same & (received[order] <= np.concatenate([[NEVER], finished[order][:-1]]))
    table: Table = {
        "Application ID": references("DOL", n, 7, np.arange(n) == planted, "liberty_reference"),
        "Adult ID": lives.persons["id"][who],
        "Received Date": received,
        "Setting": either(at_home, "Care home", "Hospital").astype(object),
        "Provider CQC Location ID": place,
        "Urgent": either(rng.random(n) < rates["urgent"], "Yes", "No").astype(object),
        "Renewal": either(renewal, "Yes", "No").astype(object),
        "Outcome": either(np.isnat(done), None, outcome),
        "Outcome Date": done,
        "Authorised From": either(granted, done, NEVER),
        "Authorised To": either(granted, until, NEVER),
    }
    return choose(table, ~waits & (received <= cutoff) & (known <= cutoff) & ~(done < since_history()))


def _waiting(rng: Rng, lives: Adults, cutoff: np.datetime64) -> Table:
    """Waiting ends where the assessment, review or service of the client level data begins."""
    rates = scenario()["waiting_lists"]
    events = lives.events
    first, last, _ = simulated_time()
    user = lives.persons["client"][events["person"]] == SERVICE_USER
    long_term = np.char.startswith(events["service"].astype(str), "Long term")
    awaited = {
        "Assessment": events["type"] == "Assessment",
        "Review": (events["type"] == "Review") & (events["why"] == "Planned"),
        "Care start": (events["type"] == "Service") & long_term,
    }
    tables = []
    for name, wanted in awaited.items():
        row = np.flatnonzero(wanted & user & (events["start"] >= first) & ~np.isnat(events["start"]))
        row = row[rng.random(len(row)) < rates["waited"][name]]
        wait = 1 + np.floor(rng.exponential(rates["days"][name], len(row))).astype(int)
        start = events["start"][row]
        tables.append(_entries(name, events["person"][row], start - wait, start, "Started"))
    asked = len(tables[0]["who"])

    def others(share: float, lists: dict[str, float], wait: float, reasons: dict[str, float]) -> Table:
        count = round(asked * share)
        removed = days(rng, first, last, count)
        waited = 1 + np.floor(rng.exponential(wait, count)).astype(int)
        who, why = _people_at(rng, lives, removed), pick(rng, reasons, count)
        return _entries(pick(rng, lists, count), who, removed - waited, removed, why)

    # occupational therapy is no event of the client level data; some leave without what they waited for
    therapy = "Occupational therapy"
    tables.append(others(rates["occupational_therapy"], {therapy: 1}, rates["days"][therapy], {"Started": 1}))
    tables.append(others(rates["left_otherwise"], rates["left_from"], 60, rates["left_because"]))
    planted_end = np.array([np.datetime64("2026-03-15")])
    tables.append(
        _entries(therapy, np.array([_canary(lives)]), np.array([CANARY_DAY]), planted_end, "Started")
    )
    rows = stack(tables)
    order = np.lexsort((rows["added"], rows["list"].astype(str), rows["who"]))
    rows = choose(rows, order)
    previous = np.concatenate([[NEVER], rows["removed"][:-1]])
    same = np.concatenate(
        [[False], (rows["who"][1:] == rows["who"][:-1]) & (rows["list"][1:] == rows["list"][:-1])]
    )
    rows = choose(rows, ~same | (rows["added"] > previous))
    rows = choose(rows, np.argsort(rows["added"], kind="stable"))
    n = len(rows["who"])
    planted = (rows["who"] == _canary(lives)) & (rows["added"] == CANARY_DAY)
    wait = (rows["removed"] - rows["added"]).astype(int)
    allocated = rows["added"] + np.minimum(
        wait, np.floor(rng.exponential(rates["days_to_allocation"], n)).astype(int)
    )
    has_allocation = (rows["why"] == "Started") & (rows["list"] != "Care start")
    known = either(planted, rows["added"], late(rng, rows["added"]))
    removed = happened(rows["removed"], np.fmax(late(rng, rows["removed"]), known), cutoff)
    rating = pick(rng, rates["risk"], n)
    # those at high risk do not wait long
    rating = either((rating == "High") & (wait > 28), "Medium", rating)
    rating = either((rating == "Not rated") & (wait > 45), "Low", rating)
    table: Table = {
        "Entry ID": references("WL", n, 7, planted, "waiting_reference"),
        "Adult ID": lives.persons["id"][rows["who"]],
        "List": rows["list"],
        "Date Added": rows["added"],
        "Allocated Date": happened(
            either(has_allocation, allocated, NEVER), np.fmax(allocated, known), cutoff
        ),
        "Date Removed": removed,
        "Removal Reason": either(np.isnat(removed), None, rows["why"]),
        "Risk Rating": rating,
    }
    return choose(table, (rows["added"] <= cutoff) & (known <= cutoff) & ~(removed < since_history()))


def _entries(name: Array | str, who: Array, added: Array, removed: Array, why: Array | str) -> Table:
    n = len(who)
    return {
        "list": np.full(n, name, dtype=object) if isinstance(name, str) else name,
        "who": who,
        "added": added,
        "removed": removed,
        "why": np.full(n, why, dtype=object) if isinstance(why, str) else why,
    }


def _locations(rng: Rng, lives: Adults, cutoff: np.datetime64) -> Table:
    """The care homes in use with the people placed in them, and agencies for care at home."""
    rates = scenario()["provider_ratings"]
    agencies = rates["other_locations"]
    n = CARE_HOMES + agencies
    events = lives.events
    at_home = np.isin(events["service"].astype(str), [NURSING, RESIDENTIAL])
    still = at_home & (events["start"] <= cutoff) & (events["known"] <= cutoff)
    still &= ~((events["end"] <= cutoff) & (events["end_known"] <= cutoff))
    placed = np.bincount(events["person"][still] % CARE_HOMES, minlength=CARE_HOMES)
    care_home = np.arange(n) < CARE_HOMES
    kind = either(
        care_home,
        pick(rng, {"Care home with nursing": 38, "Care home without nursing": 62}, n),
        pick(rng, {"Home care": 70, "Supported living": 18, "Extra care housing": 9, "Shared Lives": 3}, n),
    )
    beds = np.maximum(between(rng, 8, 70, CARE_HOMES), (placed * 1.3).astype(int) + 2)
    # each location is inspected now and then: the ratings shown are those of the last time before the cut-off
    scale = np.array(list(rates["overall"]), dtype=object)
    weights = {str(level): weight for level, weight in enumerate(rates["overall"].values())}
    once, again = (pick(rng, weights, n).astype(int) for _ in range(2))
    first_time = np.datetime64("2020-06-01") + between(rng, 0, 1100, n)
    second_time = first_time + between(rng, 500, 1500, n)
    overall = either(second_time <= cutoff, again, once)
    unrated = rng.random(n) < rates["unrated"]
    better, worse = rng.random(n) < 0.12, rng.random(n) < 0.25
    levels = dict.fromkeys(("Safe", "Effective", "Caring", "Responsive", "Well-led"), overall)
    levels["Caring"] = np.minimum(overall + better, len(scale) - 1)
    levels["Safe"] = np.maximum(overall - worse, np.minimum(overall, 1))
    return {
        "Provider CQC Location ID": np.concatenate(
            [care_home_location(np.arange(CARE_HOMES)), numbered("1-", 300_000_000 + np.arange(agencies), 9)]
        ),
        "Service Type": kind,
        "In Area": either(rng.random(n) < 0.86, "Yes", "No").astype(object),
        "Beds": np.concatenate([beds.astype("U3").astype(object), np.full(agencies, None, dtype=object)]),
        "Places Commissioned": np.concatenate([placed, between(rng, 5, 60, agencies)])
        .astype("U3")
        .astype(object),
        "Overall Rating": either(unrated, "Not rated", scale[overall]),
        **{f"{name} Rating": either(unrated, None, scale[level]) for name, level in levels.items()},
        "Rating Date": either(unrated, NEVER, either(second_time <= cutoff, second_time, first_time)),
    }


def survey_results() -> list[dict[str, Any]]:
    """The results of both surveys for the years of the scenario; a year without the survey says so."""
    plan, rows = scenario()["surveys"], []
    for year, values in plan["results"].items():
        for survey, measures in plan["measures"].items():
            for measure in measures:
                held = measure in values
                rows.append(
                    {
                        "Survey": survey,
                        "Financial Year": year,
                        "Measure": measure,
                        "Status": "Collected" if held else "Not collected",
                        "Value": values.get(measure),
                        "Respondents": plan["answered"][survey] if held else None,
                        "Base": plan["asked"][survey] if held else None,
                    }
                )
    return rows
