"""The SSDA903 return of a collection year (children looked after), as known on a day."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scrutiny.periods import FinancialYear
from scrutiny.synthetic.children import Children
from scrutiny.synthetic.draws import NEVER, Array, Table, age, birthday, choose, either
from scrutiny.synthetic.scenario import scenario
from scrutiny.synthetic.workforce import Workforce

Identity = Callable[[Array], Table]


def return_903(
    lives: Children, workforce: Workforce, year: FinancialYear, cutoff: np.datetime64, known: np.datetime64
) -> dict[str, Table]:
    """The eleven tables by file name (without ``.csv``), columns in order.

    Holds what happened up to ``cutoff`` and was recorded by ``known``.
    """
    first = np.datetime64(year.start)
    care, children = lives.care, lives.children
    stays = care.stays

    started = (stays["entry"] <= cutoff) & (stays["known"] <= known)
    stay_end = either((stays["end"] <= cutoff) & (stays["end_known"] <= known), stays["end"], NEVER)
    in_year = started & ~(stay_end < first)

    rows = choose(care.episodes, (care.episodes["start"] <= cutoff) & (care.episodes["known"] <= known))
    ended = (rows["end"] <= cutoff) & (rows["end_known"] <= known)
    rows["end"] = either(ended, rows["end"], NEVER)
    rows["exit"], rows["why_moved"] = (
        either(ended, rows["exit"], None),
        either(ended, rows["why_moved"], None),
    )
    rows = choose(rows, ~(rows["end"] < first))
    rows["place"] = place_codes(rows["place"], year, rows["child"])

    leavers = care.leavers
    leaving = choose(
        leavers,
        (leavers["birthday"] >= first) & (leavers["birthday"] <= cutoff) & (leavers["known"] <= known),
    )
    leaving = choose(leaving, ~np.isnat(stay_end[leaving["stay"]]))

    listed = np.unique(np.concatenate([stays["child"][in_year], stays["child"][leaving["stay"]]]))
    birth = children["birth"]
    sex = (
        children["sex"]
        if year.start_year >= 2024
        else either(children["sex"] == "M", "1", "2").astype(object)
    )
    normal_stay = np.zeros(len(birth), dtype=bool)
    normal_stay[stays["child"][in_year & ~stays["short_break"]]] = True
    female = children["sex"][listed] == "F"
    mothers = children["mothers_child"][listed] <= cutoff
    school = birthday(birth[listed], 5) <= cutoff
    unknown = either(children["unaccompanied"][listed], "UN3", either(school, "UN2", "UN1"))
    has_upn = school & ~children["no_upn"][listed] & ~children["unaccompanied"][listed]

    def stay_rows(table: Table, keep: Array) -> Table:
        return choose(table, keep & in_year[table["stay"]] & (table["known"] <= known))

    def identity(stay: Array) -> Table:
        child = stays["child"][stay]
        return {"CHILD": children["id"][child], "DOB": birth[child]}

    reviews = stay_rows(care.reviews, (care.reviews["date"] >= first) & (care.reviews["date"] <= cutoff))
    missing = stay_rows(care.missing, (care.missing["end"] >= first) & (care.missing["end"] <= cutoff))
    spells = stay_rows(
        care.worker_spells, ~(care.worker_spells["end"] < first) & (care.worker_spells["start"] <= cutoff)
    )
    spell_end = either(
        spells["last"], stay_end[spells["stay"]], either(spells["end"] <= cutoff, spells["end"], NEVER)
    )
    # the next spell may not be recorded yet: then this one is still open
    following = (
        np.append(spells["stay"][1:] == spells["stay"][:-1], False) if len(spell_end) else spells["last"]
    )
    spell_end = either(~spells["last"] & ~following, NEVER, spell_end)
    unaccompanied = stays["unaccompanied"] & in_year
    asylum = np.flatnonzero(unaccompanied)
    adopted = np.flatnonzero(in_year & stays["adopted"] & ~np.isnat(stay_end))
    adoption = choose(care.adoptions, np.isin(care.adoptions["stay"], adopted))
    decided = np.flatnonzero(in_year & stays["adopted"] & (stays["decided"] <= cutoff))
    came = np.flatnonzero(in_year & (stays["entry"] >= first))
    return {
        "header": {
            "CHILD": children["id"][listed],
            "SEX": sex[listed],
            "DOB": birth[listed],
            "ETHNIC": children["ethnicity"][listed],
            "UPN": either(has_upn, children["upn"][listed], unknown),
            "MOTHER": either(female & normal_stay[listed], either(mothers, "1", "0"), None),
            "MC_DOB": either(mothers, children["mothers_child"][listed], NEVER),
        },
        "episodes": {
            "CHILD": children["id"][rows["child"]],
            "DECOM": rows["start"],
            "RNE": rows["rne"],
            "LS": rows["status"],
            "CIN": rows["need"],
            "PLACE": rows["place"],
            "PLACE_PROVIDER": rows["provider"],
            "DEC": rows["end"],
            "REC": rows["exit"],
            "REASON_PLACE_CHANGE": rows["why_moved"],
            "HOME_POST": rows["home_postcode"],
            "PL_POST": rows["postcode"],
            "URN": rows["urn"],
        },
        "reviews": identity(reviews["stay"]) | {"REVIEW": reviews["date"], "REVIEW_CODE": reviews["code"]},
        "uasc": {
            "CHILD": children["id"][stays["child"][asylum]],
            "SEX": sex[stays["child"][asylum]],
            "DOB": birth[stays["child"][asylum]],
            "DUC": either(
                birthday(stays["birth"][asylum], 18) <= cutoff, birthday(stays["birth"][asylum], 18), NEVER
            ),
        },
        "oc2": _health(lives, in_year & np.isnat(stay_end), cutoff, year, identity),
        "oc3": identity(leaving["stay"])
        | {"IN_TOUCH": leaving["in_touch"], "ACTIV": leaving["activity"], "ACCOM": leaving["accommodation"]},
        "ad1": identity(adoption["stay"])
        | {
            "DATE_INT": stays["decided"][adoption["stay"]],
            "DATE_MATCH": stays["matched"][adoption["stay"]],
            "FOSTER_CARE": adoption["by_carer"],
            "NB_ADOPTR": adoption["adopters"],
            "SEX_ADOPTR": adoption["sex"],
            "LS_ADOPTR": adoption["status"],
        },
        "placed_for_adoption": identity(decided)
        | {
            "DATE_PLACED": stays["decided"][decided],
            "DATE_PLACED_CEASED": np.full(len(decided), NEVER),
            "REASON_PLACED_CEASED": np.full(len(decided), None, dtype=object),
        },
        "previous_permanence": _previous_permanence(came, stays, identity),
        "missing": identity(missing["stay"])
        | {"MISSING": missing["code"], "MIS_START": missing["start"], "MIS_END": missing["end"]},
        "sw_episodes": identity(spells["stay"])
        | {
            "SW_ID": workforce.case_holder(spells["stay"], spells["start"]),
            "SW_DECOM": spells["start"],
            "SW_DEC": spell_end,
            "SW_REASON": spells["why"],
        },
    }


def place_codes(place: Array, year: FinancialYear, child: Array) -> Array:
    """Codes that depend on the collection year: supported accommodation and other placements."""
    supported = "K3" if year.start_year >= 2024 else "H5"
    other = either(child % 3 == 0, "Z12", "Z11") if year.start_year >= 2025 else "Z1"
    return either(place == "SEMI", supported, either(place == "OTHER", other, place))


def _health(
    lives: Children, open_stay: Array, cutoff: np.datetime64, year: FinancialYear, identity: Identity
) -> Table:
    """OC2: children looked after for the twelve months to the cut-off."""
    care, rates = lives.care, scenario()["care"]
    stays = care.stays
    a_year = (cutoff.astype("datetime64[M]") - 12).astype("datetime64[D]")
    a_year = (a_year.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
    row = np.flatnonzero(open_stay & (stays["entry"] <= a_year) & ~stays["short_break"])
    quarter = (cutoff.astype("datetime64[M]").astype(int) - np.datetime64("2023-04").astype(int)) // 3
    draw = care.health[row, min(max(int(quarter), 0), care.health.shape[1] - 1)]
    birth = stays["birth"][row]
    at_end = age(birth, np.datetime64(year.end))
    scored = (at_end >= 4) & (age(birth, np.datetime64(year.start) - 1) < 17)
    returned = scored & (draw[:, 0] < 0.8)
    misuse = (at_end >= 11) & (draw[:, 1] < 0.05)
    received = misuse & (draw[:, 2] < 0.55)

    def flag(yes: Array, asked: Array | bool = True) -> Array:
        return either(asked, either(yes, "1", "0"), None)

    return identity(row) | {
        "SDQ_SCORE": either(
            returned, np.floor(4 + 27 * draw[:, 3] ** 1.25).astype(int).astype("U2").astype(object), None
        ),
        "SDQ_REASON": either(scored & ~returned, either(draw[:, 3] < 0.6, "SDQ4", "SDQ2"), None),
        "CONVICTED": flag(draw[:, 4] < 0.025, at_end >= 10),
        "HEALTH_CHECK": flag(draw[:, 4] < 0.89, at_end < 5),
        "IMMUNISATIONS": flag(draw[:, 5] < rates["immunised"]),
        "TEETH_CHECK": flag(draw[:, 6] < rates["dental_check"]),
        "HEALTH_ASSESSMENT": flag(draw[:, 7] < rates["health_assessment"]),
        "SUBSTANCE_MISUSE": flag(misuse),
        "INTERVENTION_RECEIVED": flag(received, misuse),
        "INTERVENTION_OFFERED": flag(draw[:, 2] < 0.8, misuse & ~received),
    }


def _previous_permanence(came: Array, stays: Table, identity: Identity) -> Table:
    """Where a child came from a permanent home before; a part of the date may be unknown (``zz``)."""
    some = came % 23 == 0
    kind = either(some, np.array(["P1", "P2", "P3", "P4"], dtype=object)[came % 4], "Z1")
    before = np.datetime_as_string((stays["entry"][came] - 700).astype("datetime64[M]"))
    text = np.array([f"zz/{month[5:]}/{month[:4]}" for month in before], dtype=object)
    return identity(came) | {
        "PREV_PERM": kind,
        "LA_PERM": either(some, "999", None),
        "DATE_PERM": either(some, text if len(text) else None, None),
    }
