"""Life in care: the stay, its legal statuses and placements, and what is recorded beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from scrutiny.synthetic.draws import (
    NEVER,
    Array,
    Rng,
    Table,
    age,
    between,
    birthday,
    choose,
    either,
    first_of_group,
    last_of_group,
    pick,
    recorded,
    repeat_dates,
    running_max,
    spread,
    stack,
    working_day,
)
from scrutiny.synthetic.people import CANARY, own_district, postcodes
from scrutiny.synthetic.scenario import scenario

FOSTER = ("U1", "U2", "U3", "U4", "U5", "U6")
NO_URN = ("P1", "P3", "R1", "R2", "R5")
# placement drawn at each move, by age: (upper age, weights); SEMI stands for semi-independent living, whose
# code depends on the collection year, OTHER likewise
PLACEMENTS = (
    (4, {"U6": 46, "U3": 13, "U1": 5, "U4": 3, "U5": 3, "P1": 24, "R3": 6, "OTHER": 0.5}),
    (9, {"U6": 43, "U4": 14, "U3": 9, "U1": 6, "P1": 17, "K2": 12, "OTHER": 2}),
    (15, {"U6": 31, "U4": 15, "U3": 5, "U1": 5, "P1": 8, "K2": 33, "S1": 1, "OTHER": 5}),
    (
        99,
        {
            "U6": 13,
            "U4": 7,
            "U3": 2,
            "U1": 2,
            "P1": 3,
            "K2": 17,
            "SEMI": 55,
            "K1": 0.6,
            "R5": 0.9,
            "OTHER": 4,
        },
    ),
)
WHY_MOVED = {
    "CARPL": 42,
    "OTHER": 18,
    "CREQB": 13,
    "CREQO": 11,
    "CHILD": 5,
    "LAREQ": 5,
    "CLOSE": 3,
    "STAND": 2,
    "ALLEG": 1,
}
SPELLS_FROM = np.datetime64("2022-10-01")


@dataclass(frozen=True)
class CareRecords:
    """Tables of children in care: ``stays``, one row a period of care; others point to it with ``stay``."""

    stays: Table
    episodes: Table
    reviews: Table
    missing: Table
    worker_spells: Table
    adoptions: Table
    leavers: Table
    health: Array  # (stay, quarter since April 2023, item) of numbers in [0, 1)


def care_stay(rng: Rng, entry: Array, birth: Array) -> Table:
    """How long each stay lasts and how it ends: ``end``, ``exit`` (REC), ``adopted``, ``closure_reason``."""
    rates = scenario()["care"]
    n = len(entry)
    eighteen = birthday(birth, 18)
    kind = pick(rng, rates["stay"], n)
    # teenagers who come into care tend to stay until they are 18
    teenager = age(birth, entry)
    settles = ((teenager >= 12) & (kind == "medium")) | ((teenager >= 15) & (rng.random(n) < 0.7))
    kind = either(settles, "long", kind)
    short = 3 + np.floor(rng.exponential(rates["stay_days"]["short"], n)).astype(int)
    medium = 90 + np.floor(rng.gamma(1.4, rates["stay_days"]["medium"] / 1.4, n)).astype(int)
    end = np.select([kind == "short", kind == "medium"], [entry + short, entry + medium], eighteen)
    adopted = (age(birth, entry) < 4) & (kind != "short") & (rng.random(n) < rates["adopted_if_under_4"])
    end = either(adopted, entry + between(rng, 520, 1050, n), end)
    end = np.minimum(end, eighteen)
    end = np.maximum(end, entry + 2)
    of_age = end >= eighteen
    left_at_18 = pick(rng, {"E17": 40, "E5": 28, "E6": 8, "E7": 7, "E8": 17}, n)
    left_home = pick(
        rng,
        {"E4A": 38, "E45": 11, "E46": 3, "E47": 9, "E48": 2, "E4B": 9, "E41": 8, "E13": 6, "E3": 8, "E8": 6},
        n,
    )
    exit_code = np.select(
        [adopted, of_age],
        [either(rng.random(n) < 0.45, "E11", "E12").astype(object), left_at_18],
        left_home,
    )
    reason = np.select(
        [
            adopted,
            np.isin(exit_code, ["E45", "E46", "E47", "E48"]),
            exit_code == "E41",
            exit_code == "E3",
            exit_code == "E7",
        ],
        ["RC1", "RC4", "RC3", "RC5", "RC6"],
        "RC7",
    ).astype(object)
    return {"end": end, "exit": exit_code, "adopted": adopted, "closure_reason": reason}


def live_in_care(rng: Rng, referrals: Table, children: Table, young: int) -> CareRecords:
    """Everything recorded about children in care, for the referrals that led to it.

    ``young`` (people aged 0 to 17) sizes the market of providers.
    """
    rates = scenario()["care"]
    share, lag = scenario()["calendar"]["late_recording"].values()
    in_care = np.flatnonzero(~np.isnat(referrals["entry"]))
    in_care = in_care[np.argsort(referrals["entry"][in_care], kind="stable")]
    child = referrals["child"][in_care]
    n = len(in_care)
    entry, end, birth = referrals["entry"][in_care], referrals["care_end"][in_care], children["birth"][child]
    adopted = referrals["adopted"][in_care]
    teenager = (age(birth, entry) >= 14) & (entry > np.datetime64("2018-01-01"))
    canary = children["canary"][child]
    unaccompanied = teenager & ~canary & (rng.random(n) < rates["unaccompanied"] * 3)
    children["unaccompanied"][child[unaccompanied]] = True
    children["sex"][child[unaccompanied & (rng.random(n) < 0.85)]] = "M"
    disabled = children["disability"][child] != "NONE"
    short_break = (
        disabled & ~adopted & ~unaccompanied & ~canary & (rng.random(n) < rates["short_break_agreements"])
    )
    need = either(
        unaccompanied, "N8", pick(rng, {"N1": 65, "N2": 3, "N3": 3, "N4": 8, "N5": 13, "N6": 2, "N8": 6}, n)
    )
    stays: Table = {
        "child": child,
        "entry": entry,
        "end": end,
        "exit": referrals["exit"][in_care],
        "birth": birth,
        "adopted": adopted,
        "decided": entry + np.floor((end - entry).astype(int) * 0.38).astype(int),
        "matched": entry + np.floor((end - entry).astype(int) * 0.58).astype(int),
        "placed": entry + np.floor((end - entry).astype(int) * 0.64).astype(int),
        "by_carer": adopted & (rng.random(n) < 0.2),
        "unaccompanied": unaccompanied,
        "short_break": short_break,
        "canary": canary,
        "need": either(short_break, "N2", need),
        "home_postcode": either(canary, CANARY["home_postcode"], postcodes(rng, n)),
        "known": np.fmax(recorded(rng, entry, share, lag), referrals["referral_known"][in_care]),
    }
    order = np.lexsort((entry, child))
    stays = choose(stays, order)
    episodes = _episodes(rng, stays, young)
    ended = last_of_group(episodes["stay"])
    stays["end_known"] = episodes["end_known"][ended]
    # a case is not closed before the end of care is known
    rows = in_care[order]
    referrals["closed_known"][rows] = np.maximum(referrals["closed_known"][rows], stays["end_known"])
    return CareRecords(
        stays=stays,
        episodes=episodes,
        reviews=_reviews(rng, stays),
        missing=_missing(rng, stays),
        worker_spells=_worker_spells(rng, stays),
        adoptions=_adoptions(rng, stays),
        leavers=_leavers(rng, stays),
        health=np.stack([np.stack([spread(rng, n) for _ in range(8)], axis=1) for _ in range(14)], axis=1),
    )


def _legal_steps(rng: Rng, stays: Table) -> Table:
    """The legal statuses of each stay, as rows of (stay, date, status); the first is on the entry date."""
    n = len(stays["entry"])
    entry, stay = stays["entry"], np.arange(n)
    length = (stays["end"] - entry).astype(int)
    old = age(stays["birth"], entry) >= 11
    first = pick(rng, {"V2": 48, "C1": 36, "L1": 6, "L2": 5, "J1": 2, "C2": 3}, n)
    first = either((first == "J1") & ~old, "V2", first)
    first = either(stays["unaccompanied"], "V2", first)
    first = either(stays["short_break"], "V4", first)
    first = either(stays["adopted"] & np.isin(first, ["V2", "C2"]), "C1", first)
    soon = np.select(
        [first == "L1", first == "L2", first == "J1"], [2, between(rng, 5, 8, n), between(rng, 20, 60, n)], 0
    )
    second = either(np.isin(first, ["L1", "L2"]), either(rng.random(n) < 0.6, "C1", "V2"), first)
    second = either(first == "J1", "V2", either(stays["adopted"], "C1", second))
    proceedings = (second == "V2") & (length > 150) & ~old & ~stays["unaccompanied"] & (rng.random(n) < 0.75)
    to_interim = np.maximum(soon, 0) + between(rng, 30, 120, n)
    interim = (second == "C1") | proceedings
    to_full = either(proceedings, to_interim, soon) + between(rng, 150, 320, n)
    last = either(stays["adopted"], "E1", "C2").astype(object)
    to_full = either(stays["adopted"], (stays["decided"] - entry).astype(int) + 20, to_full)
    steps = [
        {"stay": stay, "date": entry, "status": first},
        {"stay": stay[soon > 0], "date": (entry + soon)[soon > 0], "status": second[soon > 0]},
        {
            "stay": stay[proceedings],
            "date": (entry + to_interim)[proceedings],
            "status": np.full(proceedings.sum(), "C1", dtype=object),
        },
        {"stay": stay[interim], "date": (entry + to_full)[interim], "status": last[interim]},
    ]
    table = stack([{"stay": s["stay"], "date": s["date"], "status": s["status"]} for s in steps])
    return table


def _moves(rng: Rng, stays: Table) -> Table:
    """Changes of placement: rows of (stay, date, how).

    ``how`` is 1 for new carers, 2 for the same carers, 3 for adopters, 4 for carers who adopt.
    """
    rates = scenario()["care"]
    n = len(stays["entry"])
    entry, end = stays["entry"], stays["end"]
    frailty = rng.gamma(rates["move_spread"], 1 / rates["move_spread"], n)
    settled = ~stays["short_break"] & ~stays["canary"]
    first_year = np.minimum(end, entry + 365)
    # without moves after the adopters have taken over
    until = either(stays["adopted"], stays["placed"], end)
    row_1, date_1 = repeat_dates(
        rng, entry, np.minimum(first_year, until), rates["moves_first_year"] * frailty * settled
    )
    row_2, date_2 = repeat_dates(
        rng, np.minimum(first_year, until), until, rates["moves_later"] * frailty * settled
    )
    stay = np.arange(n)
    long_term = settled & ~stays["adopted"] & ((end - entry).astype(int) > 700) & (rng.random(n) < 0.35)
    # at 16 to 17 some move to supported accommodation whatever came before
    leaving = (
        settled
        & (end >= birthday(stays["birth"], 17))
        & (entry < birthday(stays["birth"], 16))
        & (rng.random(n) < 0.3)
    )
    tables = [
        (row_1, date_1, 1),
        (row_2, date_2, 1),
        (stay[leaving], birthday(stays["birth"], 16)[leaving] + between(rng, 20, 500, leaving.sum()), 1),
        (stay[long_term], entry[long_term] + between(rng, 380, 650, long_term.sum()), 2),
        (stay[stays["adopted"]], stays["placed"][stays["adopted"]], 3),
    ]
    table = stack([{"stay": s, "date": d, "how": np.full(len(s), how)} for s, d, how in tables])
    table["how"] = either((table["how"] == 3) & stays["by_carer"][table["stay"]], 4, table["how"])
    return table


def _episodes(rng: Rng, stays: Table, young: int) -> Table:
    """The care episodes: an unbroken chain for each stay, a new one whenever status or placement changes."""
    share, lag = scenario()["calendar"]["late_recording"].values()
    legal, moves = _legal_steps(rng, stays), _moves(rng, stays)
    codes, legal_code = np.unique(legal["status"].astype(str), return_inverse=True)
    stay = np.concatenate([legal["stay"], moves["stay"]])
    date = np.concatenate([legal["date"], moves["date"]])
    status = np.concatenate([legal_code, np.full(len(moves["stay"]), -1)])
    how = np.concatenate([np.zeros(len(legal["stay"]), dtype=int), moves["how"]])
    inside = (date == stays["entry"][stay]) | ((date > stays["entry"][stay]) & (date < stays["end"][stay]))
    stay, date, status, how = stay[inside], date[inside], status[inside], how[inside]

    # one row a stay and date
    order = np.lexsort((date, stay))
    stay, date, status, how = stay[order], date[order], status[order], how[order]
    starts = np.flatnonzero(
        first_of_group(stay) | (np.concatenate([[True], date[1:] != date[:-1]]) if len(date) else False)
    )
    status, how = np.maximum.reduceat(status, starts), np.maximum.reduceat(how, starts)
    stay, date = stay[starts], date[starts]
    opening = first_of_group(stay)

    # carry the legal status forward, then forget changes that change nothing
    at = np.maximum.accumulate(either(status >= 0, np.arange(len(status)), 0))
    status = status[at]
    changed = opening | (status != np.concatenate([[-1], status[:-1]]))
    how = either(opening, 1, how)
    place, same_carer = _placements(rng, stays, stay, date, codes[status], how, young)
    keep = changed | (how == 1) | (how >= 3) | same_carer
    stay, date, status, how, changed, opening = (
        column[keep] for column in (stay, date, status, how, changed, opening)
    )
    same_carer, place = same_carer[keep], choose(place, keep)

    moved = ((how == 1) | (how == 3)) & ~opening
    stayed = same_carer | (how == 4)
    rne = np.select(
        [opening, moved & changed, moved, stayed & changed, stayed], ["S", "B", "P", "U", "T"], "L"
    ).astype(object)
    closing = last_of_group(stay)
    following = np.concatenate([date[1:], [NEVER]]) if len(date) else date
    end = either(closing, stays["end"][stay], following)
    moves_on = np.concatenate([moved[1:] | stayed[1:], [False]]) & ~closing
    why = either(np.concatenate([stayed[1:], [False]]), "PLACE", pick(rng, WHY_MOVED, len(stay)))
    # a stay is known with its first episode; no episode is known before the one it follows
    first_known = stays["known"][stay]
    noted = either(opening, first_known, np.maximum(recorded(rng, date, share, lag), first_known))
    known = running_max(noted, stay)
    end_known = either(
        closing, np.fmax(recorded(rng, end, share, lag), known), np.concatenate([known[1:], known[-1:]])
    )
    return {
        "stay": stay,
        "child": stays["child"][stay],
        "start": date,
        "rne": rne,
        "status": codes[status].astype(object),
        "need": stays["need"][stay],
        **place,
        "end": end,
        "exit": either(closing, _exits(stays["exit"][stay], place["place"]), "X1"),
        "why_moved": either(moves_on, why, None),
        "known": known,
        "end_known": end_known,
        "home_postcode": either(stays["short_break"][stay], None, stays["home_postcode"][stay]),
    }


def _exits(exits: Array, place: Array) -> Array:
    """Special guardianship goes to former foster carers (E45, E46) only from a foster placement."""
    from_others = either(exits == "E45", "E47", either(exits == "E46", "E48", exits))
    return either(np.isin(place, FOSTER), exits, from_others)


def _placements(
    rng: Rng, stays: Table, stay: Array, date: Array, status: Array, how: Array, young: int
) -> tuple[Table, Array]:
    """Where the child lives in each episode, and whether the episode began as a real same-carer change.

    A placement lasts until new carers take over (``how`` 1 or 3); its postcode, provider and URN stay.
    """
    begins = (how == 1) | (how == 3)
    instance = np.cumsum(begins) - 1
    at = np.flatnonzero(begins)
    years = age(stays["birth"][stay[at]], date[at])
    kind = np.full(len(at), "U6", dtype=object)
    lower = -2
    for upper, weights in PLACEMENTS:
        band = (years > lower) & (years <= upper)
        kind[band] = pick(rng, weights, int(band.sum()))
        lower = upper
    own_stay = stay[at]
    under_order = np.isin(status[at], ["C1", "C2"])
    kind = either((kind == "P1") & ~under_order, "U6", kind)
    kind = either((kind == "R3") & ~first_of_group(own_stay), "U6", kind)
    kind = either(stays["adopted"][own_stay] | stays["canary"][own_stay], "U6", kind)
    kind = either(stays["short_break"][own_stay], "K2", kind)
    semi = either(years >= 15, "SEMI", "K2")
    kind = either(stays["unaccompanied"][own_stay] & (years >= 16), semi, kind)
    kind = either(how[at] == 3, "A6", kind)
    # a move is to another place: home from home is none
    is_home_again = (kind == "P1") & (np.append("", kind[:-1]) == "P1") & ~first_of_group(own_stay)
    kind = either(is_home_again, "U6", kind)

    foster, home = np.isin(kind, FOSTER), np.isin(kind, ["K1", "K2", "SEMI", "S1", "R3"])
    kin = np.isin(kind, ["U1", "U2", "U3"])
    n = len(at)
    provider = either(
        foster,
        pick(rng, {"PR1": 57, "PR4": 35, "PR5": 6, "PR2": 2}, n),
        pick(rng, {"PR4": 80, "PR1": 13, "PR5": 7}, n),
    )
    provider = either(kin | (kind == "A6"), "PR1", provider)
    provider = either(kind == "P1", "PR0", either(kind == "R5", "PR3", provider))
    provider = either(kind == "OTHER", None, provider)
    # the market: the authority's own service, some agencies and homes; each has one number
    agencies, homes = 8 + young // 20_000, 12 + young // 4_000
    urn = either(
        foster | (kind == "A6"),
        either(provider == "PR1", 1_230_001, 1_240_000 + between(rng, 1, agencies, n)),
        1_250_000 + between(rng, 1, homes, n),
    )
    number = np.clip(urn - 1_250_000, 0, homes)
    own_home = home & (number % 8 == 0)
    provider = either(own_home, "PR1", either(home, either(number % 8 == 1, "PR5", "PR4"), provider))
    home_codes = postcodes(rng, homes + 1)
    # the authority's own homes lie in it
    home_codes[::8] = [own_district(code, place) for place, code in enumerate(home_codes[::8].tolist())]
    postcode = either(home, home_codes[number], postcodes(rng, n))
    postcode = either(kind == "P1", stays["home_postcode"][own_stay], postcode)
    postcode = either(stays["canary"][own_stay], CANARY["placement_postcode"], postcode)
    postcode = either(stays["short_break"][own_stay], None, postcode)
    no_urn = np.isin(kind, NO_URN) | (kind == "OTHER") | stays["short_break"][own_stay]
    urn_text = either(no_urn, None, urn.astype("U7").astype(object))

    becoming = (how == 2) & np.isin(kind[instance], ["U6", "U3"])
    longer = np.cumsum(becoming) - (np.cumsum(becoming)[at] - becoming[at])[instance] > 0
    same_carer = becoming & (np.cumsum(becoming) - (np.cumsum(becoming)[at] - becoming[at])[instance] == 1)
    place = kind[instance]
    place = either(longer & (place == "U6"), "U4", either(longer & (place == "U3"), "U1", place))
    place = either(how == 4, "A5", place)
    adopting = np.cumsum(how == 4) - np.cumsum(how == 4)[at][instance] > 0
    place = either(adopting, "A5", place)
    return {
        "place": place,
        "provider": provider[instance],
        "urn": urn_text[instance],
        "postcode": postcode[instance],
    }, same_carer


def _reviews(rng: Rng, stays: Table) -> Table:
    """Statutory reviews: within 20 working days, three months later, then every six months."""
    share, lag = scenario()["calendar"]["late_recording"].values()
    row = np.flatnonzero(~stays["short_break"])
    at, tables = stays["entry"][row], []
    for limit in (26, 88, *[178] * 60):
        slip = either(
            rng.random(len(row)) < 0.94, between(rng, -12, 0, len(row)), between(rng, 3, 25, len(row))
        )
        at = working_day(at + limit + slip)
        held = at <= np.minimum(stays["end"][row], np.datetime64(scenario()["calendar"]["lives_to"]))
        at, row = at[held], row[held]
        if not len(row):
            break
        tables.append({"stay": row, "date": at})
    reviews = stack(tables) if tables else {"stay": row, "date": at}
    reviews = choose(reviews, reviews["date"] >= np.datetime64("2022-04-01"))
    reviews = choose(reviews, np.lexsort((reviews["date"], reviews["stay"])))
    n = len(reviews["stay"])
    spoken = pick(rng, {"PN1": 48, "PN2": 4, "PN3": 3, "PN4": 3, "PN5": 12, "PN6": 22, "PN7": 8}, n)
    small = age(stays["birth"][reviews["stay"]], reviews["date"]) < 4
    reviews["code"] = either(small, "PN0", spoken)
    reviews["known"] = np.fmax(recorded(rng, reviews["date"], share, lag), stays["known"][reviews["stay"]])
    return reviews


def _missing(rng: Rng, stays: Table) -> Table:
    """Missing incidents of some teenagers: short, never two at a time, over before care ends."""
    n = len(stays["entry"])
    twelve = birthday(stays["birth"], 12)
    goes = ~stays["short_break"] & (rng.random(n) < scenario()["care"]["missing_teenagers"])
    start = np.maximum(np.maximum(stays["entry"] + 3, twelve), np.datetime64("2022-04-01"))
    row, date = repeat_dates(rng, start, stays["end"], either(goes, 2.4, 0.0))
    end = date + np.floor(rng.exponential(1.5, len(row))).astype(int)
    clear = (
        np.concatenate([(row[1:] != row[:-1]) | (date[1:] > end[:-1] + 1), [True]]) if len(row) else goes[:0]
    )
    keep = clear & (end < stays["end"][row])
    share, lag = scenario()["calendar"]["late_recording"].values()
    table: Table = {"stay": row[keep], "start": date[keep], "end": end[keep]}
    table["code"] = either(rng.random(keep.sum()) < 0.88, "M", "A").astype(object)
    table["known"] = np.fmax(recorded(rng, end[keep], share, lag), stays["known"][table["stay"]])
    return table


def _worker_spells(rng: Rng, stays: Table) -> Table:
    """Who held the case and when: an unbroken chain over each stay, from October 2022."""
    running = stays["end"] > SPELLS_FROM
    stay = np.flatnonzero(running)
    start = np.maximum(stays["entry"][stay], SPELLS_FROM)
    row, date = repeat_dates(rng, start, stays["end"][stay], np.full(len(stay), 0.75))
    all_stay = np.concatenate([stay, stay[row]])
    all_date = np.concatenate([start, date])
    order = np.lexsort((all_date, all_stay))
    all_stay, all_date = all_stay[order], all_date[order]
    keep = (
        np.concatenate([[True], (all_stay[1:] != all_stay[:-1]) | (all_date[1:] != all_date[:-1])])
        if len(order)
        else order
    )
    all_stay, all_date = all_stay[keep], all_date[keep]
    last = last_of_group(all_stay)
    end = either(last, stays["end"][all_stay], np.concatenate([all_date[1:], all_date[-1:]]))
    why = pick(
        rng,
        {
            "MANAGE": 30,
            "LEFTRL": 26,
            "TSPROC": 22,
            "ORGRST": 7,
            "ABSENC": 8,
            "CHCHAN": 1,
            "PCCHAN": 2,
            "OTHERS": 4,
        },
        len(end),
    )
    return {
        "stay": all_stay,
        "start": all_date,
        "end": end,
        "why": either(first_of_group(all_stay), "FCONTA", why),
        "known": running_max(np.maximum(all_date, stays["known"][all_stay]), all_stay),
        "last": last,
    }


def _adoptions(rng: Rng, stays: Table) -> Table:
    """The adoption items of children adopted from care."""
    row = np.flatnonzero(stays["adopted"])
    n = len(row)
    couple = pick(rng, {"MF": 76, "F1": 10, "MM": 7, "FF": 5, "M1": 2}, n)
    single = np.isin(couple, ["F1", "M1"])
    status = np.select(
        [single, couple == "MF"], ["L0", either(rng.random(n) < 0.8, "L11", "L3")], "L12"
    ).astype(object)
    return {
        "stay": row,
        "by_carer": stays["by_carer"][row].astype(int),
        "adopters": either(single, 1, 2),
        "sex": couple,
        "status": status,
    }


def _leavers(rng: Rng, stays: Table) -> Table:
    """Care leavers at each birthday from the 17th to the 21st, with what the authority knows of them."""
    rates: dict[str, Any] = scenario()["leaving_care"]
    fourteen, sixteen = birthday(stays["birth"], 14), birthday(stays["birth"], 16)
    since_14 = (stays["end"] - np.maximum(stays["entry"], fourteen)).astype(int)
    entitled = (since_14 >= 91) & (stays["end"] > sixteen) & ~stays["short_break"]
    entitled &= ~np.isin(stays["exit"], ["E11", "E12", "E2", "E3"])
    tables = []
    for years in range(17, 22):
        at = birthday(stays["birth"], years)
        row = np.flatnonzero(entitled & (at > stays["end"]) & (at >= np.datetime64("2023-04-01")))
        tables.append({"stay": row, "birthday": at[row], "age": np.full(len(row), years)})
    table = stack(tables)
    table = choose(table, np.lexsort((table["birthday"], table["age"] < 19)))
    n = len(table["stay"])
    not_known = spread(rng, n) < rates["activity_not_known"]
    in_work = spread(rng, n) < rates["in_education_employment_training"] / (1 - rates["activity_not_known"])
    activity = either(
        in_work,
        pick(rng, {"F1": 14, "F2": 30, "P2": 6, "F4": 6, "F5": 30, "P5": 14}, n),
        pick(rng, {"G4": 32, "G5": 50, "G6": 18}, n),
    )
    suitable = pick(rng, {"U1": 36, "D1": 22, "B1": 14, "Z1": 14, "E1": 5, "C1": 4, "K1": 3, "Y1": 2}, n)
    suitable = either((table["age"] == 17) & (suitable == "Z1"), "D1", suitable)
    unsuitable = pick(rng, {"X2": 45, "S2": 18, "W2": 12, "V2": 10, "B2": 8, "Y2": 7}, n)
    no_address = rates["accommodation_not_known"] / rates["activity_not_known"]
    home_not_known = not_known.copy()
    home_not_known[not_known] = spread(rng, int(not_known.sum())) < no_address
    good = spread(rng, n) < rates["suitable_accommodation"] / (1 - rates["accommodation_not_known"])
    table["activity"] = either(not_known, "0", activity)
    table["accommodation"] = either(home_not_known, "0", either(good, suitable, unsuitable))
    table["in_touch"] = either(not_known, pick(rng, {"NO": 55, "NREQ": 27, "REFU": 18}, n), "YES")
    home = rng.random(n) < 0.012
    table["in_touch"] = either(home, "RHOM", table["in_touch"])
    for column in ("activity", "accommodation"):
        table[column] = either(home, "0", table[column])
    table["known"] = recorded(rng, table["birthday"], 0.03, [5, 60])
    return table
