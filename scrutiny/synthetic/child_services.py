"""What children's services record beside the statutory returns: contacts, early help, foster carers, visits.

All of it is about the simulated children: a referral of the census begins with a contact, early help ends
where a referral says it came from early help, carers look after the children the return places with them.
Each extract is all that is known at a month's end, back to the first year of the history.
"""

from __future__ import annotations

import numpy as np

from scrutiny.synthetic.children import Children
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
    first_of_group,
    pick,
    recorded,
    repeat_dates,
    running_max,
    spread,
    stack,
    stream,
    working_day,
)
from scrutiny.synthetic.people import CANARY, numbered, references
from scrutiny.synthetic.scenario import scenario, simulated_time
from scrutiny.synthetic.workforce import Workforce

CANARY_DAY = np.datetime64("2025-05-12")
"""What is planted about a canary happened on this day, so that every month's extract holds it."""


def extracts(
    seed: int, lives: Children, workforce: Workforce, young: int, cutoff: np.datetime64
) -> dict[str, dict[str, Table]]:
    """The tables of every extract of this module, by dataset, as known at the end of ``cutoff``.

    ``young`` (people aged 0 to 17) sizes the fostering service.
    """
    return {
        "early_help": _early_help(stream(seed, 21), lives, cutoff),
        "fostering": _fostering(stream(seed, 22), lives, young, cutoff),
        "return_interviews": {"return_interviews": _return_interviews(stream(seed, 23), lives, cutoff)},
        "participation": _participation(stream(seed, 24), lives, cutoff),
        "visits": {"statutory_visits": _visits(stream(seed, 25), lives, workforce, cutoff)},
    }


def since_history() -> np.datetime64:
    """The first day an extract reaches back to."""
    return np.datetime64(f"{scenario()['calendar']['history_from']}-01")


def happened(date: Array, known: Array, cutoff: np.datetime64) -> Array:
    """The dates that have passed and are on the system by the cut-off; ``NaT`` for the others."""
    return either((date <= cutoff) & (known <= cutoff), date, NEVER)


def late(rng: Rng, dates: Array) -> Array:
    """When each event was recorded, at the scenario's rate of late recording."""
    share, lag = scenario()["calendar"]["late_recording"].values()
    return recorded(rng, dates, share, lag)


def _canary(lives: Children) -> int:
    return int(np.flatnonzero(lives.children["canary"])[0])


def _early_help(rng: Rng, lives: Children, cutoff: np.datetime64) -> dict[str, Table]:
    """Contacts, and the early help some of them lead to or a closed case goes down to."""
    rates = scenario()["early_help"]
    first, last, _ = simulated_time()
    referrals, children = lives.episodes, lives.children
    referred = np.flatnonzero(referrals["referral"] >= first)
    n = len(referred)
    prompt = spread(rng, n) < rates["decided_within_a_working_day"]
    date = np.busday_offset(
        referrals["referral"][referred],
        -either(prompt, between(rng, 0, 1, n), between(rng, 2, 6, n)),
        roll="backward",
    ).astype("datetime64[D]")
    of_referrals: Table = {
        "who": referrals["child"][referred],
        "date": date,
        "source": referrals["source"][referred],
        "decided": referrals["referral"][referred],
        "outcome": np.full(n, "New referral", dtype=object),
        "known": referrals["referral_known"][referred],
    }

    m = round(n * (rates["contacts_a_referral"] - 1))
    at = days(rng, first, last, m)
    # most other contacts are about children no referral was ever made for; some come back within months
    pool = max(1, round(m * 0.6))
    position = np.floor(np.arange(m) * (pool / m)).astype(int)
    stranger = np.maximum(position - between(rng, 0, max(1, pool // 20), m), 0)
    first_met = at[np.searchsorted(position, np.arange(pool))]
    births = np.concatenate(
        [children["birth"], first_met - np.floor(16.5 * rng.random(pool) * DAYS_A_YEAR).astype(int)]
    )
    ids = np.concatenate([children["id"], numbered("FC", 5_000_000 + np.arange(pool), 7)])
    acquainted = rng.integers(0, len(children["birth"]), m)
    years = age(children["birth"][acquainted], at)
    is_known = (rng.random(m) < rates["about_known_children"]) & (years >= 0) & (years < 18)
    who = either(is_known, acquainted, len(children["birth"]) + stranger)
    outcome = pick(rng, rates["other_outcome"], m)
    outcome = either((outcome == "Existing case") & ~is_known, "Information and advice", outcome)
    prompt = spread(rng, m) < rates["decided_within_a_working_day"]
    decided = working_day(at, either(prompt, between(rng, 0, 1, m), between(rng, 2, 7, m)))
    known = late(rng, at)
    canary = int(np.searchsorted(at, CANARY_DAY))
    who[canary], outcome[canary], known[canary] = _canary(lives), "Early help", at[canary]
    others: Table = {
        "who": who,
        "date": at,
        "source": pick(rng, scenario()["front_door"]["source"], m),
        "decided": decided,
        "outcome": outcome,
        "known": known,
    }
    contacts = stack([of_referrals, others])
    contacts["id"] = references("CO", n + m, 7, contacts["who"] == _canary(lives), "contact_reference")
    contacts = choose(contacts, np.argsort(contacts["date"], kind="stable"))
    contacts["birth"] = births[contacts["who"]]
    decided = happened(contacts["decided"], contacts["known"], cutoff)
    shown = (
        (contacts["date"] >= since_history()) & (contacts["date"] <= cutoff) & (contacts["known"] <= cutoff)
    )
    return {
        "contacts": choose(
            {
                "Contact ID": contacts["id"],
                "Child ID": ids[contacts["who"]],
                "Date of Birth": either(contacts["birth"] <= contacts["date"], contacts["birth"], NEVER),
                "Contact Date": contacts["date"],
                "Contact Source": contacts["source"],
                "Decision Date": decided,
                "Contact Outcome": either(np.isnat(decided), None, contacts["outcome"]),
            },
            shown,
        ),
        "early_help_episodes": _early_help_episodes(rng, lives, contacts, ids, births, cutoff),
    }


def _early_help_episodes(
    rng: Rng, lives: Children, contacts: Table, ids: Array, births: Array, cutoff: np.datetime64
) -> Table:
    rates, referrals = scenario()["early_help"], lives.episodes

    def length(n: int) -> Array:
        return 40 + np.floor(rng.gamma(2.0, (rates["days"] - 40) / 2, n)).astype(int)

    from_contact = np.flatnonzero(contacts["outcome"] == "Early help")
    agreed = rng.random(len(from_contact)) < rates["begun_after_contact"]
    from_contact = from_contact[agreed | (contacts["who"][from_contact] == _canary(lives))]
    start = contacts["decided"][from_contact] + between(rng, 3, 21, len(from_contact))
    tables: list[Table] = [
        {
            "who": contacts["who"][from_contact],
            "start": start,
            "end": start + length(len(start)),
            "route": pick(rng, {"Contact": 88, "Family's own request": 12}, len(start)),
            "why_ended": pick(rng, rates["ended"], len(start)),
        }
    ]
    closed = referrals["reason"] == "RC7"
    closed &= np.isin(referrals["path"], ["assessment", "plan", "protection"])
    closed &= rng.random(len(closed)) < rates["stepped_down"]
    start = referrals["closed"][closed] + between(rng, 1, 7, int(closed.sum()))
    tables.append(
        {
            "who": referrals["child"][closed],
            "start": start,
            "end": start + length(len(start)),
            "route": np.full(len(start), "Step down from social care", dtype=object),
            "why_ended": pick(rng, rates["ended"], len(start)),
        }
    )
    # the referrals that say early help sent them are where an episode stepped up
    stepped_up = np.flatnonzero(referrals["source"] == "5D")
    end = referrals["referral"][stepped_up]
    tables.append(
        {
            "who": referrals["child"][stepped_up],
            "start": end - between(rng, 40, 260, len(end)),
            "end": end,
            "route": np.full(len(end), "Contact", dtype=object),
            "why_ended": np.full(len(end), "Step up to social care", dtype=object),
        }
    )
    rows = stack(tables)
    rows = choose(rows, np.lexsort((rows["start"], rows["who"])))
    rows = choose(
        rows, (rows["start"] >= births[rows["who"]]) & (age(births[rows["who"]], rows["start"]) < 18)
    )
    rows["end"] = np.minimum(rows["end"], birthday(births[rows["who"]], 18))
    busy_until = np.concatenate([[NEVER], running_max(rows["end"], rows["who"])[:-1]])
    rows = choose(rows, first_of_group(rows["who"]) | (rows["start"] >= busy_until))
    n = len(rows["who"])
    canary = rows["who"] == _canary(lives)
    rows["end"] = either(canary, np.datetime64("2026-03-01"), rows["end"])
    completed = rows["start"] + between(rng, 8, 42, n)
    completed = either((completed <= rows["end"]) & (rng.random(n) > 0.04), completed, NEVER)
    known = either(canary, rows["start"], late(rng, rows["start"]))
    end = happened(rows["end"], np.fmax(late(rng, rows["end"]), known), cutoff)
    organisation = pick(rng, rates["organisation"], n)
    table: Table = {
        "Episode ID": references("EH", n, 6, canary & (rows["start"] >= CANARY_DAY), "early_help_reference"),
        "Child ID": ids[rows["who"]],
        "Entry Route": rows["route"],
        "Start Date": rows["start"],
        "Assessment Completed Date": happened(completed, np.fmax(completed, known), cutoff),
        "End Date": end,
        "Reason": pick(rng, rates["reason"], n),
        "End Reason": either(np.isnat(end), None, rows["why_ended"]),
        "Lead Organisation": organisation,
        "Lead Worker ID": either(organisation == "Council", numbered("EHW", between(rng, 1, 40, n), 4), None),
    }
    shown = (rows["start"] <= cutoff) & (known <= cutoff) & ~(end < since_history())
    return choose(table, shown)


def _fostering(rng: Rng, lives: Children, young: int, cutoff: np.datetime64) -> dict[str, Table]:
    """Households that come and leave, their reviews, and the enquiries that some began with."""
    rates = scenario()["fostering"]
    first, last, years = simulated_time()
    parts = []
    for kind in ("mainstream", "kinship"):
        stock = max(2, round(young * rates["households"][kind] / 10_000))
        stay = rates["years_approved"][kind] * DAYS_A_YEAR
        arrivals = days(rng, first, last, rng.poisson(stock * rates["joined_a_year"] * years))
        past = np.floor(rng.exponential(stay, stock)).astype(int)
        start = np.concatenate([first - past, arrivals])
        n = len(start)
        end = np.maximum(start, first) + 90 + np.floor(rng.exponential(stay, n)).astype(int)
        if kind == "mainstream":
            label = pick(rng, {"Mainstream": 94, "Short breaks": 6}, n)
            places = np.array([int(text) for text in pick(rng, rates["places"], n)])
        else:
            label = np.full(n, "Kinship", dtype=object)
            places = either(rng.random(n) < 0.3, 2, 1)
        parts.append({"start": start, "end": end, "label": label, "places": places})
    households = stack(parts)
    households["end"][0], households["label"][0] = last + 700, "Mainstream"  # the canary stays throughout
    n = len(households["start"])
    ids = references("FH", n, 5, np.arange(n) == 0, "household_reference")
    end = happened(households["end"], late(rng, households["end"]), cutoff)
    here = (households["start"] <= cutoff) & ~(end < since_history())
    filled, unavailable = _places(rng, lives, households, np.isnat(end) & here, cutoff)
    left = ~np.isnat(end)
    table: Table = {
        "Household ID": ids,
        "Household Type": households["label"],
        "Approval Date": households["start"],
        "Approved Places": households["places"].astype("U2").astype(object),
        "Places Filled": either(left, None, filled.astype("U2").astype(object)),
        "Places Not Available": either(left, None, unavailable.astype("U2").astype(object)),
        "Deregistration Date": end,
        "Deregistration Reason": either(left, pick(rng, rates["left_because"], n), None),
    }
    return {
        "fostering_enquiries": _enquiries(rng, households, ids, cutoff),
        "foster_households": choose(table, here),
        "foster_carer_reviews": _carer_reviews(rng, households, ids, end, here, cutoff),
    }


def _places(
    rng: Rng, lives: Children, households: Table, open_now: Array, cutoff: np.datetime64
) -> tuple[Array, Array]:
    """Places filled and not available of each household: as many filled as children placed with them."""
    episodes = lives.care.episodes
    ended = (episodes["end"] <= cutoff) & (episodes["end_known"] <= cutoff)
    placed = (episodes["start"] <= cutoff) & (episodes["known"] <= cutoff) & ~ended
    placed &= episodes["provider"] == "PR1"
    with_kin = placed & np.isin(episodes["place"], ["U1", "U2", "U3"])
    with_others = placed & np.isin(episodes["place"], ["U4", "U5", "U6"])
    n = len(open_now)
    unavailable = either(open_now & (rng.random(n) < scenario()["fostering"]["not_available"]), 1, 0)
    order = rng.random(n)
    filled = np.zeros(n, dtype=int)
    kinship = households["label"] == "Kinship"
    for mask, children in ((kinship, with_kin), (~kinship, with_others)):
        able = np.flatnonzero(open_now & mask)
        able = able[np.argsort(order[able])]
        places = (households["places"] - unavailable)[able]
        slots = np.repeat(able, places)
        # every household gets its first child before any gets a second
        turn = np.arange(len(slots)) - np.repeat(np.cumsum(places) - places, places)
        slots = slots[np.argsort(turn, kind="stable")]
        np.add.at(filled, slots[: children.sum()], 1)
    return filled, unavailable


def _enquiries(rng: Rng, households: Table, ids: Array, cutoff: np.datetime64) -> Table:
    rates = scenario()["fostering"]
    first, last, _ = simulated_time()
    approved = np.flatnonzero((households["start"] > first) & (households["label"] != "Kinship"))
    n = len(approved)
    outcome = households["start"][approved]
    applied = outcome - between(rng, 120, 260, n)
    asked = [applied - between(rng, 20, 150, n)]
    tables: list[Table] = [
        {"apply": applied, "end": outcome, "outcome": np.full(n, "Approved", dtype=object), "home": approved}
    ]
    other = round(n * (1 / rates["approvals_an_application"] - 1))
    asked.append(days(rng, first, last, other))
    applied = asked[1] + between(rng, 20, 150, other)
    tables.append(
        {
            "apply": applied,
            "end": applied + between(rng, 15, 200, other),
            "outcome": pick(rng, {"Withdrawn": 84, "Not approved": 16}, other),
            "home": np.full(other, -1),
        }
    )
    idle = round((n + other) * (rates["enquiries_an_application"] - 1))
    asked.append(days(rng, first, last, idle))
    tables.append(
        {
            "apply": np.full(idle, NEVER),
            "end": asked[2] + between(rng, 5, 90, idle),
            "outcome": np.full(idle, "Closed before application", dtype=object),
            "home": np.full(idle, -1),
        }
    )
    rows = stack(tables)
    rows["date"] = np.concatenate(asked)
    rows = choose(rows, np.argsort(rows["date"], kind="stable"))
    end = happened(rows["end"], rows["end"], cutoff)
    recent = (rows["date"] >= since_history() - 365) & (rows["outcome"] != "Approved")
    total = len(rows["date"])
    table: Table = {
        "Enquiry ID": references("FE", total, 6, recent, "enquiry_reference"),
        "Enquiry Date": rows["date"],
        "Household Type": pick(rng, {"Mainstream": 94, "Short breaks": 6}, total),
        "Application Date": happened(rows["apply"], rows["apply"], cutoff),
        "Enquiry Outcome": either(np.isnat(end), None, rows["outcome"]),
        "Outcome Date": end,
        "Household ID": either((rows["home"] >= 0) & ~np.isnat(end), ids[np.maximum(rows["home"], 0)], None),
    }
    table["Household Type"] = either(
        rows["home"] >= 0, households["label"][np.maximum(rows["home"], 0)], table["Household Type"]
    )
    return choose(table, (rows["date"] <= cutoff) & ~(end < since_history() - 365))


def _carer_reviews(
    rng: Rng, households: Table, ids: Array, end: Array, here: Array, cutoff: np.datetime64
) -> Table:
    """A review each year after approval: most on time, some late."""
    n, oldest = len(ids), since_history()
    window = np.arange(8)
    # the yearly dates of each household from a year before the history on
    before = np.maximum(0, age(households["start"], np.maximum(households["start"], oldest - 366)))
    home = np.repeat(np.arange(n), len(window))
    due = birthday(households["start"][home], before[home] + 1 + np.tile(window, n))
    m = len(home)
    slip = either(
        spread(rng, m) < scenario()["fostering"]["reviewed_on_time"],
        between(rng, -40, 0, m),
        between(rng, 5, 90, m),
    )
    held = happened(working_day(due, 0) + slip, late(rng, due + slip), cutoff)
    outcome = pick(
        rng,
        {"Approval continues": 91, "Terms of approval changed": 8, "End of approval recommended": 1},
        m,
    )
    last_day = either(np.isnat(end), cutoff, end)
    table: Table = {
        "Household ID": ids[home],
        "Review Due Date": due,
        "Review Date": either(held <= last_day[home], held, NEVER),
        "Review Outcome": either(held <= last_day[home], outcome, None),
    }
    return choose(table, here[home] & (due >= oldest - 366) & (due <= last_day[home]))


def _return_interviews(rng: Rng, lives: Children, cutoff: np.datetime64) -> Table:
    """An interview for each missing incident of the return, offered, accepted and held or not."""
    rates, care = scenario()["return_interviews"], lives.care
    rows = choose(care.missing, care.missing["code"] == "M")
    n = len(rows["start"])
    offered = spread(rng, n) < rates["offered"]
    prompt = rng.random(n) < rates["offered_within_three_days"]
    offer = rows["end"] + either(prompt, between(rng, 0, 3, n), between(rng, 4, 12, n))
    accepted = offered & (rng.random(n) < rates["accepted"])
    interview = offer + between(rng, 0, 4, n)
    child = care.stays["child"][rows["stay"]]
    offer = happened(either(offered, offer, NEVER), np.fmax(rows["known"], offer), cutoff)
    held = happened(either(accepted, interview, NEVER), np.fmax(rows["known"], interview), cutoff)
    answered = ~np.isnat(offer) | ~offered
    table: Table = {
        "Child ID": lives.children["id"][child],
        "Missing Start Date": rows["start"],
        "Missing End Date": rows["end"],
        "Interview Offered": either(answered, either(offered, "Yes", "No"), None),
        "Offered Date": offer,
        "Interview Accepted": either(~np.isnat(offer), either(accepted, "Yes", "No"), None),
        "Interview Date": held,
    }
    table = choose(table, (rows["end"] >= since_history()) & (rows["known"] <= cutoff))
    # the canary's interview belongs to an incident the return does not list: a join must not lose it
    planted: Table = {
        "Child ID": np.array([CANARY["child_id"]], dtype=object),
        "Missing Start Date": np.array([CANARY_DAY]),
        "Missing End Date": np.array([CANARY_DAY + 1]),
        "Interview Offered": np.array(["Yes"], dtype=object),
        "Offered Date": np.array([CANARY_DAY + 2]),
        "Interview Accepted": np.array(["Yes"], dtype=object),
        "Interview Date": np.array([CANARY_DAY + 3]),
    }
    return stack([table, planted])


def _participation(rng: Rng, lives: Children, cutoff: np.datetime64) -> dict[str, Table]:
    care, protection = lives.care, lives.protection
    rates = scenario()["participation"]
    last = simulated_time()[1]
    stays = care.stays
    of_age = np.minimum(birthday(stays["birth"], 25), last)
    left = (age(stays["birth"], stays["end"]) >= 16) & (stays["end"] < last)
    plan_birth = lives.children["birth"][protection["child"]]
    spells = {
        "Looked after": (stays["child"], stays["birth"], stays["entry"], np.minimum(stays["end"], last)),
        "Child protection plan": (
            protection["child"],
            plan_birth,
            protection["start"],
            np.minimum(protection["end"], last),
        ),
        "Care leaver": (stays["child"][left], stays["birth"][left], stays["end"][left], of_age[left]),
    }
    tables: list[Table] = []
    for status, (child, birth, start, end) in spells.items():
        row, date = repeat_dates(rng, start, end, np.full(len(start), rates["advocacy_a_year"][status]))
        able = age(birth[row], date) >= 5
        tables.append(
            {
                "child": child[row][able],
                "date": date[able],
                "status": np.full(int(able.sum()), status, dtype=object),
            }
        )
    canary = _canary(lives)
    tables.append(
        {
            "child": np.array([canary]),
            "date": np.array([CANARY_DAY]),
            "status": np.array(["Looked after"], dtype=object),
        }
    )
    rows = stack(tables)
    rows = choose(rows, np.lexsort((rows["child"], rows["date"])))
    n = len(rows["date"])
    planted = (rows["child"] == canary) & (rows["date"] == CANARY_DAY)
    outcome = pick(rng, rates["outcome"], n)
    reached = ~np.isin(outcome, ["Declined by the child", "Child could not be reached"])
    prompt = rng.random(n) < 0.93
    contact = rows["date"] + either(prompt, between(rng, 1, 20, n), between(rng, 32, 60, n))
    end = either(reached, contact + between(rng, 10, 150, n), rows["date"] + between(rng, 5, 30, n))
    known = either(planted, rows["date"], late(rng, rows["date"]))
    ended = happened(end, np.fmax(end, known), cutoff)
    reason = pick(rng, rates["reason"], n)
    reason = either((rows["status"] != "Care leaver") & (reason == "Leaving care"), "Other", reason)
    advocacy: Table = {
        "Referral ID": references("AD", n, 6, planted, "advocacy_reference"),
        "Child ID": lives.children["id"][rows["child"]],
        "Child Status": rows["status"],
        "Reason": reason,
        "Referral Date": rows["date"],
        "First Contact Date": happened(either(reached, contact, NEVER), np.fmax(contact, known), cutoff),
        "End Date": ended,
        "Outcome": either(np.isnat(ended), None, outcome),
    }
    shown = (rows["date"] >= since_history()) & (rows["date"] <= cutoff) & (known <= cutoff)
    return {
        "advocacy_referrals": choose(advocacy, shown),
        "conference_participation": _conferences(rng, lives, cutoff),
    }


def _conferences(rng: Rng, lives: Children, cutoff: np.datetime64) -> Table:
    """Who took part in the initial and review conferences of the census."""
    initial, reviews = lives.section_47, lives.protection_reviews
    rows = stack(
        [
            {
                "child": initial["child"],
                "date": initial["conference"],
                "known": initial["end_known"],
                "kind": np.full(len(initial["child"]), "Initial", dtype=object),
            },
            {
                "child": lives.protection["child"][reviews["plan"]],
                "date": reviews["date"],
                "known": reviews["known"],
                "kind": np.full(len(reviews["date"]), "Review", dtype=object),
            },
        ]
    )
    rows = choose(rows, np.lexsort((rows["date"], rows["child"])))
    n = len(rows["date"])
    rates = scenario()["participation"]
    code = pick(rng, rates["conference"], n)
    code = either(age(lives.children["birth"][rows["child"]], rows["date"]) < 4, "PN0", code)
    offered = np.isin(code, ["PN2", "PN5"]) | (rng.random(n) < rates["advocate_offered"])
    table: Table = {
        "Child ID": lives.children["id"][rows["child"]],
        "Conference Date": rows["date"],
        "Conference Type": rows["kind"],
        "Child Participation": code,
        "Parents Attended": either(rng.random(n) < rates["parents_attended"], "Yes", "No").astype(object),
        "Advocate Offered": either(offered, "Yes", "No").astype(object),
    }
    again = np.concatenate(
        [[False], (rows["child"][1:] == rows["child"][:-1]) & (rows["date"][1:] == rows["date"][:-1])]
    )
    shown = (rows["date"] >= since_history()) & (rows["date"] <= cutoff) & (rows["known"] <= cutoff) & ~again
    return choose(table, shown)


def _visits(rng: Rng, lives: Children, workforce: Workforce, cutoff: np.datetime64) -> Table:
    """Visits at each kind's interval from the start of a plan or period of care; a few are missed."""
    rates = scenario()["visits"]
    stays = choose(lives.care.stays, ~lives.care.stays["short_break"])
    spells = {
        "Child in need": (lives.plans["child"], lives.plans["start"], lives.plans["end"]),
        "Child protection plan": (
            lives.protection["child"],
            lives.protection["start"],
            lives.protection["end"],
        ),
        "Looked after": (stays["child"], stays["entry"], stays["end"]),
    }
    oldest, last = since_history(), simulated_time()[1]
    tables = []
    for kind, (child, start, end) in spells.items():
        every = rates["days_between"][kind]
        begin = start + 2
        skipped = np.maximum((oldest - begin).astype(int) // every, 0)
        count = np.maximum((np.minimum(end, last) - begin).astype(int) // every + 1 - skipped, 0)
        spell = np.repeat(np.arange(len(child)), count)
        turn = np.arange(len(spell)) - np.repeat(np.cumsum(count) - count, count) + skipped[spell]
        slip = either(turn > 0, between(rng, -every // 5, every // 5, len(spell)), 0)
        date = working_day(begin[spell] + turn * every + slip)
        keep = (rng.random(len(spell)) > rates["missed"]) & (date <= end[spell])
        tables.append(
            {
                "child": child[spell][keep],
                "kind": np.full(int(keep.sum()), kind, dtype=object),
                "start": start[spell][keep],
                "date": date[keep],
            }
        )
    rows = stack(tables)
    rows = choose(rows, np.lexsort((rows["child"], rows["date"])))
    n = len(rows["date"])
    canary = lives.children["canary"][rows["child"]]
    known = either(canary, rows["date"], late(rng, rows["date"]))
    years = age(lives.children["birth"][rows["child"]], rows["date"])
    seen = (rng.random(n) < rates["seen"]) | canary
    alone = pick(rng, rates["seen_alone"], n)
    alone = either((years < 4) & (alone == "Yes"), "Not applicable", alone)
    shown = (rows["date"] >= oldest) & (rows["date"] <= cutoff) & (known <= cutoff) & (years >= 0)
    table: Table = {
        "Child ID": lives.children["id"][rows["child"]],
        "Visit Type": rows["kind"],
        "Start Date": rows["start"],
        "Visit Date": rows["date"],
        "Seen": either(seen, "Yes", "No").astype(object),
        "Seen Alone": either(seen, alone, None),
        "Worker ID": workforce.case_holder(rows["child"], rows["start"]),
    }
    return choose(table, shown)
