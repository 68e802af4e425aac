"""The lives of adults with care and support needs, and of their carers.

Client Level Data is a list of events: requests, assessments, services and reviews of a person. Long-term
users arrive, are supported in the community or a care home, are reviewed, and leave; many more people ask
once and are helped for a short time or told where else to turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from scrutiny.synthetic.draws import (
    DAYS_A_YEAR,
    NEVER,
    Array,
    Rng,
    Table,
    between,
    choose,
    days,
    either,
    pick,
    recorded,
    spread,
    stack,
    stream,
)
from scrutiny.synthetic.people import CANARY, FIRST_NAMES, LAST_NAMES, names, nhs_numbers, numbered, postcodes
from scrutiny.synthetic.scenario import scenario, simulated_time

SERVICE_USER, CARER, BY_ASSOCIATION = "Service user", "Unpaid carer", "Unpaid carer known by association"
NURSING, RESIDENTIAL = "Long term support: Nursing care", "Long term support: Residential care"
COMMUNITY, ST_MAX = "Long term support: Community", "Short term support: ST-Max"
LOW_LEVEL, TO_CARER = "Short term support: Ongoing low level", "Unpaid carer support: Direct to unpaid carer"
TO_SERVICES, CONTINUES = "Progress to support planning or services", "Continuation of support or services"
TO_ASSESSMENT = "Progress to assessment, review or reassessment"
ADVICE, ENDED = "NFA: Information and advice or signposting", "NFA: Support ended as planned"
DECEASED = "NFA: Deceased"
CARE_HOMES = 90
TEXT = (
    "type",
    "outcome",
    "route",
    "assessment",
    "method",
    "service",
    "component",
    "mechanism",
    "why",
    "achieved",
    "description",
    "frequency",
)
ETHNICITIES = {
    "White: English, Welsh, Scottish, Northern Irish or British": 84,
    "White: Irish": 1,
    "White: Roma": 0.2,
    "White: Any other White background": 3,
    "Mixed or multiple ethnic groups: White and Black Caribbean": 0.7,
    "Asian or Asian British: Indian": 2,
    "Asian or Asian British: Pakistani": 1.5,
    "Asian or Asian British: Chinese": 0.4,
    "Black, Black British, Caribbean or African: African": 1.3,
    "Black, Black British, Caribbean or African: Caribbean": 1.2,
    "Other ethnic group: Any other ethnic group": 1,
    "No data: Refused": 0.7,
    "No data: Undeclared or not known": 3,
}


@dataclass(frozen=True)
class Adults:
    """``persons`` (one row each) and their ``events`` in order of person; open services end at ``NaT``."""

    persons: Table
    events: Table


def care_home_location(person: Array) -> Array:
    """The Care Quality Commission's number of the care home in use that a person would live in."""
    return numbered("1-", 100_000_000 + person % CARE_HOMES, 9)


def _events(person: Array, start: Array, end: Array, **columns: Any) -> Table:
    n = len(person)
    table: Table = {"person": person, "start": start, "end": end}
    for name in TEXT:
        value = columns.get(name)
        table[name] = np.full(n, value, dtype=object) if value is None or isinstance(value, str) else value
    for name in ("cost", "units"):
        table[name] = np.asarray(columns.get(name, np.full(n, np.nan)), dtype=float)
    return table


def _review_dates(
    rng: Rng, start: Array, end: Array, a_year: float, factors: dict[str, float]
) -> tuple[Array, Array]:
    """Reviews at a yearly rate between two dates of each person, more or fewer in the months of the story."""
    calendar = scenario()["calendar"]
    months = np.arange(
        np.datetime64(calendar["lives_from"], "M"), np.datetime64(calendar["lives_to"], "M") + 1
    )
    activity = np.array([factors.get(str(month), 1.0) for month in months])
    first_days = months.astype("datetime64[D]").astype(int)
    bounds = np.append(first_days, (months[-1] + 1).astype("datetime64[D]").astype(int))
    worked = np.append(0.0, np.cumsum(activity * np.diff(bounds)))
    low, high = (
        np.interp(np.clip(at.astype(int), bounds[0], bounds[-1]), bounds, worked) for at in (start, end)
    )
    count = rng.poisson(np.maximum(high - low, 0) * a_year / DAYS_A_YEAR)
    row = np.repeat(np.arange(len(start)), count)
    at = low[row] + rng.random(len(row)) * (high - low)[row]
    date = np.floor(np.interp(at, worked, bounds)).astype(int).astype("datetime64[D]")
    order = np.lexsort((date, row))
    row, date = row[order], date[order]
    inside = (date >= start[row]) & (date <= end[row])
    return row[inside], date[inside]


def live(seed: int, working_age: int, older: int) -> Adults:
    """Simulate the adults of an authority with so many people aged 18 to 64 and 65 and over."""
    rng = stream(seed, 5)
    rates, calendar = scenario()["adults"], scenario()["calendar"]
    first, last, years = simulated_time()
    persons: list[Table] = []
    events: list[Table] = []
    number = canary = 0

    def add(group: Table, lists: list[Table]) -> None:
        nonlocal number
        for table in lists:
            table["person"] = table["person"] + number
        persons.append(group)
        events.extend(lists)
        number += len(group["birth"])

    for band, people in (("age_18_64", working_age), ("age_65_plus", older)):
        stock = round(people * rates["long_term_at_a_time"][band])
        length = rates["long_term_years"][band]
        arrivals = rng.poisson(stock / length * years)
        start = np.concatenate([np.full(stock, first), days(rng, first, last, arrivals)])
        # people met at the start have been supported for some time already: their stays are exponential too
        past = np.concatenate(
            [np.floor(rng.exponential(length * DAYS_A_YEAR, stock)), np.zeros(arrivals)]
        ).astype(int)
        stay = np.ceil(rng.exponential(length * DAYS_A_YEAR, stock + arrivals)).astype(int) + 20
        if band == "age_18_64":
            past = np.minimum(past, 15_000)
        else:
            stay[0] = (last - first).astype(int) + 900  # the canary stays throughout
            canary = number
        add(*_long_term(rng, band, start - past, start + stay))
    for band, people in (("age_18_64", working_age), ("age_65_plus", older)):
        weight = 0.6 if band == "age_18_64" else 2.03
        add(
            *_one_off(
                rng, band, days(rng, first, last, rng.poisson(people * rates["requests"] * weight * years))
            )
        )
    canary_carer, users = number, len(persons[0]["birth"]) + len(persons[1]["birth"])
    add(*_carers(rng, working_age + older, users, canary))

    everyone, happened = stack(persons), stack(events)
    n = len(everyone["birth"])
    identity = np.arange(n)
    everyone |= {
        "id": numbered("A", identity + 1, 8),
        "nhs_number": either(rng.random(n) < 0.02, None, nhs_numbers(n)),
        "first_name": names(rng, FIRST_NAMES, n),
        "last_name": names(rng, LAST_NAMES, n),
        "gender": either(rng.random(n) < 0.58, "Female", "Male").astype(object),
        "ethnicity": pick(rng, ETHNICITIES, n),
        "postcode": postcodes(rng, n),
        "practice": between(rng, 1, 40, n),
        "autism": either(rng.random(n) < 0.05, "Yes", "No").astype(object),
        "has_carer": pick(rng, {"Yes": 38, "No": 52, "Unknown": 10}, n),
        "funding": pick(
            rng, {"Joint client and social care funded": 62, "Fully social care funded": 34, "Unknown": 4}, n
        ),
        "employment": pick(
            rng,
            {
                "Not in paid employment: Not actively seeking work or retired": 80,
                "Not in paid employment: Seeking work": 8,
                "Paid: Less than 16 hours a week": 5,
                "Paid: 16 or more hours a week": 3,
                "Unknown": 4,
            },
            n,
        ),
    }
    for row, name in ((canary, "adult_id"), (canary_carer, "carer_id")):
        everyone["id"][row] = CANARY[name]
    for column, value in {
        "nhs_number": "nhs_number",
        "first_name": "first_name",
        "last_name": "last_name",
        "postcode": "adult_postcode",
    }.items():
        everyone[column][canary] = CANARY[value]
    everyone["birth"][canary] = np.datetime64(CANARY["adult_birth"])
    order = np.lexsort((happened["start"], happened["person"]))
    happened = choose(happened, order)
    share, lag = calendar["late_recording"].values()
    final = either(np.isnat(happened["end"]), happened["start"], happened["end"])
    # a service is on the system when it starts; when it ended may be recorded late
    service = happened["type"] == "Service"
    happened["known"] = recorded(rng, either(service, happened["start"], final), share, lag)
    happened["end_known"] = np.fmax(recorded(rng, happened["end"], share, lag), happened["known"])
    return Adults(everyone, happened)


def _people(rng: Rng, band: str, at: Array, client: str) -> Table:
    """Persons of an age band on a date, with the reason they need support."""
    n = len(at)
    if band == "age_18_64":
        years = 18.2 + 46.5 * rng.beta(1.5, 1.3, n)
        reason = pick(
            rng,
            {
                "Learning disability support": 45,
                "Mental health support": 19,
                "Physical support: Personal care support": 24,
                "Physical support: Access and mobility only": 6,
                "Support with memory and cognition": 1,
                "Sensory support: Support for visual impairment": 1,
                "Social support: Support for social isolation or other reason": 3,
                "Unknown": 1,
            },
            n,
        )
    else:
        years = 65.2 + 31 * rng.beta(2.2, 1.7, n)
        reason = pick(
            rng,
            {
                "Physical support: Personal care support": 64,
                "Physical support: Access and mobility only": 8,
                "Support with memory and cognition": 14,
                "Learning disability support": 4,
                "Mental health support": 5,
                "Sensory support: Support for visual impairment": 1,
                "Sensory support: Support for hearing impairment": 1,
                "Social support: Support for social isolation or other reason": 2,
                "Unknown": 1,
            },
            n,
        )
    return {
        "birth": at - np.floor(years * DAYS_A_YEAR).astype(int),
        "death": np.full(n, NEVER),
        "client": np.full(n, client, dtype=object),
        "reason": reason,
        "home": pick(
            rng,
            {
                "Owner occupier or shared ownership scheme": 46,
                "Tenant: Local authority or other social housing provider": 24,
                "Tenant: Private landlord": 8,
                "Settled mainstream housing with family or friends": 14,
                "Sheltered housing, extra care housing or other sheltered housing": 5,
                "Unknown": 3,
            },
            n,
        ),
        "linked": np.full(n, -1),
        "hours": np.full(n, None, dtype=object),
    }


def _long_term(rng: Rng, band: str, start: Array, end: Array) -> tuple[Table, list[Table]]:
    rates, story = scenario()["adults"], scenario()["story"]
    first, last, _ = simulated_time()
    n = len(start)
    here = np.maximum(start, first)
    people = _people(rng, band, here, SERVICE_USER)
    person = np.arange(n)
    died = rng.random(n) < (0.7 if band == "age_65_plus" else 0.25)
    people["death"] = either(died & (end <= last), end, NEVER)
    # among those met at the start, care homes hold the share they hold among arrivals
    draw = spread(rng, n)
    at_once = draw < rates["care_home_at_once"][band]
    moves = ~at_once & (draw < rates["care_home_at_once"][band] + rates["care_home_later"][band])
    length = (end - start).astype(int)
    moved = start + np.floor(length * (0.25 + 0.6 * rng.random(n))).astype(int)
    moved = either(moves, np.clip(moved, start + 5, end - 5), end)
    community_end = either(moves, moved - 1, end)
    home_start = either(at_once, start, moved)
    community, care_home = ~at_once, at_once | moves
    people["home"] = either(care_home & (home_start <= last - 200), "Registered care home", people["home"])

    older = band == "age_65_plus"
    nursing = rng.random(n) < (0.36 if older else 0.14)
    closing = either(died, DECEASED, pick(rng, {ENDED: 7, "NFA: Support ended for other reason": 3}, n))
    lists = [
        _events(
            person[care_home],
            home_start[care_home],
            end[care_home],
            type="Service",
            outcome=either(end <= last, closing, CONTINUES)[care_home],
            service=either(nursing, NURSING, RESIDENTIAL)[care_home],
            component=either(nursing, "Long term nursing care", "Long term residential care")[care_home],
            cost=np.round(900 + 500 * rng.random(n), 2)[care_home],
            frequency="Weekly",
            units=np.ones(care_home.sum()),
        ),
    ]
    direct = rng.random(n) < rates["direct_payment"][band]
    mechanism = either(
        direct,
        "Direct payment",
        pick(rng, {"CASSR managed personal budget": 82, "CASSR commissioned support": 18}, n),
    )
    mechanism = either(rng.random(n) < rates["mechanism_blank"], None, mechanism)
    component = either(
        direct,
        "Direct payment",
        pick(
            rng,
            {"Home support or domiciliary care": 74, "Extra care housing": 14, "Other long term support": 12}
            if older
            else {
                "Community supported living": 45,
                "Home support or domiciliary care": 30,
                "Day support": 17,
                "Shared Lives": 8,
            },
            n,
        ),
    )
    hourly = component == "Home support or domiciliary care"

    def service(rows: Array, begin: Array, finish: Array, what: Array, how: Array) -> Table:
        hours = hourly[rows] & (what == "Home support or domiciliary care")
        return _events(
            rows,
            begin,
            finish,
            type="Service",
            outcome=either(
                finish == end[rows],
                either(end <= last, closing, CONTINUES)[rows],
                either(finish <= last, TO_SERVICES, CONTINUES),
            ),
            service=COMMUNITY,
            component=what,
            mechanism=how,
            cost=np.round(either(hours, 21 + 5 * rng.random(len(rows)), 80 + 420 * rng.random(len(rows))), 2),
            frequency=either(hours, "Hourly", "Weekly").astype(object),
            units=either(hours, np.round(4 + 18 * rng.random(len(rows))), 1),
        )

    rows = person[community]
    lists.append(service(rows, start[rows], community_end[rows], component[rows], mechanism[rows]))
    room = np.maximum((community_end - here).astype(int), 0)
    extra = np.repeat(rows, rng.poisson(rates["extra_services"] * np.minimum(room[rows] / 500, 1.0)))
    begin = here[extra] + np.floor(rng.random(len(extra)) * np.maximum(room[extra] - 10, 1)).astype(int)
    finish = np.minimum(
        begin + 30 + np.floor(rng.exponential(420, len(extra))).astype(int), community_end[extra]
    )
    more = pick(
        rng,
        {
            "Day support": 30,
            "Transport": 14,
            "Meals": 8,
            "Professional support: Social worker": 22,
            "Professional support: Other": 10,
            "Equipment": 16,
        },
        len(extra),
    )
    keep = finish > begin
    lists.append(service(extra[keep], begin[keep], finish[keep], more[keep], mechanism[extra[keep]]))

    arrived = np.flatnonzero(start > first)
    asked = start[arrived] - between(rng, 20, 60, len(arrived))
    assessed = np.minimum(asked + between(rng, 3, 30, len(arrived)), start[arrived])
    lists.append(_requests(rng, arrived, asked, np.full(len(arrived), TO_ASSESSMENT, dtype=object)))
    lists.append(_assessments(rng, arrived, assessed, TO_SERVICES, "Service user only"))

    reviewed, date = _review_dates(
        rng,
        np.maximum(here, start + 40),
        np.minimum(end - 1, last),
        rates["reviews_a_year"],
        story["adult_reviews"],
    )
    count = len(reviewed)
    planned = rng.random(count) < 0.72
    lists.append(
        _events(
            reviewed,
            date - between(rng, 0, 14, count),
            date,
            type="Review",
            outcome=pick(rng, {CONTINUES: 62, TO_SERVICES: 34, "Admitted to hospital": 2, ENDED: 2}, count),
            why=either(planned, "Planned", "Unplanned").astype(object),
            achieved=either(
                planned,
                pick(rng, {"Fully achieved": 48, "Partially achieved": 44, "Not achieved": 8}, count),
                None,
            ),
            method=pick(rng, {"Service user only": 92, "Service user and carer": 8}, count),
            description="Review of the care and support plan",
        )
    )
    lists[-1]["start"] = np.maximum(lists[-1]["start"], start[reviewed] + 1)
    return people, lists


def _requests(rng: Rng, person: Array, ended: Array, outcome: Array) -> Table:
    n = len(person)
    started = ended - np.floor(rng.exponential(5, n)).astype(int)
    return _events(
        person,
        started,
        ended,
        type="Request",
        outcome=outcome,
        route=pick(rng, {"Community or other route": 74, "Discharge from hospital": 25, "Prison": 1}, n),
        description=either(rng.random(n) < 0.3, "First contact conversation", "Request for support").astype(
            object
        ),
    )


def _assessments(rng: Rng, person: Array, ended: Array, outcome: str, method: str) -> Table:
    n = len(person)
    return _events(
        person,
        ended - between(rng, 0, 35, n),
        ended,
        type="Assessment",
        outcome=outcome,
        method=method,
        assessment="Long term assessment",
        description="Care Act assessment",
    )


def _one_off(rng: Rng, band: str, asked: Array) -> tuple[Table, list[Table]]:
    """People who ask once: advice, equipment, or a short spell of reablement."""
    n = len(asked)
    people = _people(rng, band, asked, SERVICE_USER)
    older = band == "age_65_plus"
    outcome = pick(
        rng,
        {
            "Progress to reablement/ST-Max": 15 if older else 3,
            TO_ASSESSMENT: 14,
            TO_SERVICES: 19,
            ADVICE: 30,
            "NFA: Referral to other service within the local authority": 9,
            "NFA: Support declined": 5,
            "NFA: Referral to NHS services or NHS funded social care": 3,
            "NFA: Self-funded client or under 12wk disregard": 3,
            "NFA: Other": 2,
        },
        n,
    )
    person = np.arange(n)
    lists = [_requests(rng, person, asked, outcome)]
    reabled = np.flatnonzero(outcome == "Progress to reablement/ST-Max")
    begin = asked[reabled] + between(rng, 0, 6, len(reabled))
    lists.append(
        _events(
            reabled,
            begin,
            begin + between(rng, 14, 42, len(reabled)),
            type="Service",
            service=ST_MAX,
            component="Reablement",
            mechanism="CASSR commissioned support",
            outcome=pick(
                rng, {ENDED: 76, "Admitted to hospital": 8, TO_SERVICES: 12, DECEASED: 4}, len(reabled)
            ),
        )
    )
    helped = np.flatnonzero(outcome == TO_SERVICES)
    begin = asked[helped] + between(rng, 2, 20, len(helped))
    lists.append(
        _events(
            helped,
            begin,
            begin + between(rng, 20, 250, len(helped)),
            type="Service",
            service=LOW_LEVEL,
            component="Equipment",
            mechanism="CASSR commissioned support",
            outcome=ENDED,
        )
    )
    assessed = np.flatnonzero(outcome == TO_ASSESSMENT)
    lists.append(
        _assessments(
            rng,
            assessed,
            asked[assessed] + between(rng, 5, 60, len(assessed)),
            "NFA: No services offered for other reason",
            "Service user only",
        )
    )
    return people, lists


def _carers(rng: Rng, adults: int, users: int, canary: int) -> tuple[Table, list[Table]]:
    """Unpaid carers: assessed when they come, then reviewed or assessed again; half have a service."""
    rates, story = scenario()["adults"], scenario()["story"]
    first, last, years = simulated_time()
    stock = round(adults * rates["carers"])
    arrivals = rng.poisson(stock / rates["carer_years"] * years)
    start = np.concatenate([np.full(stock, first), days(rng, first, last, arrivals)])
    end = start + 60 + np.floor(rng.exponential(rates["carer_years"] * DAYS_A_YEAR, len(start))).astype(int)
    end[0] = last + 500  # the canary stays throughout
    n = len(start)
    people = _people(rng, "age_18_64", start, CARER)
    people["birth"] = start - np.floor((20 + 68 * rng.beta(2.6, 1.8, n)) * DAYS_A_YEAR).astype(int)
    people["reason"] = np.full(n, "Social support: Support to unpaid carer", dtype=object)
    people["hours"] = pick(rng, {"0-19 hours": 25, "20-49 hours": 28, "50+ hours": 40, "Unknown": 7}, n)
    people["linked"] = between(rng, 0, users - 1, n)
    people["linked"][0] = canary
    person = np.arange(n)
    came = np.flatnonzero(start > first)
    lists = [_assessments(rng, came, start[came] + between(rng, 5, 40, len(came)), TO_SERVICES, "Carer only")]
    held, date = _review_dates(
        rng, start + 60, np.minimum(end, last), rates["carer_reviews_a_year"], story["carer_reviews"]
    )
    again = rng.random(len(held)) < 0.35
    lists.append(_assessments(rng, held[again], date[again], CONTINUES, "Carer only"))
    lists.append(
        _events(
            held[~again],
            date[~again] - 5,
            date[~again],
            type="Review",
            outcome=CONTINUES,
            why="Planned",
            achieved="Partially achieved",
            method="Carer only",
            description="Review of a carer's support",
        )
    )
    lists.append(
        _events(
            person,
            start + 10,
            end,
            type="Service",
            service=TO_CARER,
            component=pick(
                rng,
                {
                    "Unpaid carer universal services": 45,
                    "Other unpaid carer support": 25,
                    "Unpaid carer sitting service": 10,
                    "Direct payment": 20,
                },
                n,
            ),
            outcome=either(end <= last, ENDED, CONTINUES).astype(object),
            mechanism=pick(
                rng,
                {"CASSR commissioned support": 60, "CASSR managed personal budget": 20, "Direct payment": 20},
                n,
            ),
            cost=np.round(10 + 60 * rng.random(n), 2),
            frequency="Weekly",
            units=np.ones(n),
        )
    )
    # carers known only through the person they care for: no event, a row all the same
    more = round(stock * rates["carers_by_association"])
    known = _people(rng, "age_18_64", np.full(more, np.datetime64("2023-01-01")), BY_ASSOCIATION)
    known["linked"] = between(rng, 0, users - 1, more)
    blank = np.full(more, NEVER)
    lists.append(_events(np.arange(n, n + more), blank, blank))
    return stack([people, known]), lists
