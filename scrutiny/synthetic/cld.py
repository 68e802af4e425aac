"""Client Level Data files: twelve months of adult events, in Release 1 or Release 2 wording."""

from __future__ import annotations

import csv
from functools import cache

import numpy as np

from scrutiny.datasets import layout
from scrutiny.settings import settings
from scrutiny.synthetic.adults import Adults, care_home_location
from scrutiny.synthetic.draws import NEVER, Array, Table, age, choose, either
from scrutiny.synthetic.people import CANARY, numbered

RELEASE_2_FROM = np.datetime64("2025-07-01")


@cache
def to_release_1() -> dict[str, dict[str, str]]:
    """By coded column, Release 2 wording (all the simulation uses) to Release 1 where the two differ.

    From ``seeds/cld_r1_to_r2.csv``; where Release 2 has one value for several, the first one listed.
    """
    wordings: dict[str, dict[str, str]] = {}
    with (settings().seeds / "cld_r1_to_r2.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            wordings.setdefault(f"cld.{row['list']}", {}).setdefault(row["r2_value"], row["r1_value"])
    # Release 1 had no outcome of its own for this
    wordings["cld.event_outcome"]["NFA: Referral to other service within the local authority"] = "NFA- Other"
    return {
        column.name: wordings[column.code_set]
        for column in layout("cld").table("events").columns
        if column.code_set in wordings
    }


def headers() -> list[str]:
    """The 50 headers in order, from the dataset's layout."""
    return [column.name for column in layout("cld").table("events").columns]


def reworded(values: Array, mapping: dict[str, str]) -> Array:
    """Values replaced by a mapping where it has them."""
    unique, inverse = np.unique(either(values == None, "", values).astype(str), return_inverse=True)  # noqa: E711
    new = np.array([mapping.get(value, value) or None for value in unique.tolist()], dtype=object)
    result: Array = new[inverse]
    return result


def file_of(lives: Adults, cassr_code: str, cutoff: np.datetime64, known: np.datetime64) -> Table:
    """The events of the twelve months to ``cutoff`` recorded by ``known``, one row each."""
    first = (cutoff.astype("datetime64[M]") - 11).astype("datetime64[D]")
    events = lives.events
    service = events["type"] == "Service"
    association = events["type"] == None  # noqa: E711
    ended = (events["end"] <= cutoff) & (events["end_known"] <= known)
    end = either(service & ~ended, NEVER, events["end"])
    running = service & (events["start"] <= cutoff) & ~(end < first)
    completed = ~service & (end >= first) & (end <= cutoff)
    death = lives.persons["death"][events["person"]]
    alive = ~(death < first)
    listed = (running | completed) & (events["known"] <= known) & alive
    # A carer is linked to the person they care for only while that person is in the file; a carer known by
    # association is in it for the link alone.
    in_file = np.zeros(len(lives.persons["id"]), dtype=bool)
    in_file[events["person"][listed]] = True
    linked = lives.persons["linked"]
    is_linked = (linked >= 0) & in_file[linked]
    position = np.flatnonzero(listed | (association & alive & is_linked[events["person"]]))
    rows = choose(events, position)
    end = end[position]
    who = choose(lives.persons, rows["person"])
    n = len(position)
    is_service, is_review = rows["type"] == "Service", rows["type"] == "Review"
    carer = who["client"] != "Service user"
    user = ~carer
    years = age(who["birth"], cutoff)
    learning = who["reason"] == "Learning disability support"
    care_home = np.char.find(either(is_service, rows["component"], "").astype("U40"), "Long term") == 0
    outcome = either(is_service & np.isnat(end), "Continuation of support or services", rows["outcome"])
    outcome = either(association[position], None, outcome)
    canary = who["id"] == CANARY["adult_id"]
    practice = who["practice"].astype("U2").astype(object)
    some = np.full(n, None, dtype=object)

    def only(mask: Array, values: Array | str) -> Array:
        return either(mask, values, some)

    def money(values: Array) -> Array:
        return either(np.isnan(values), None, np.char.mod("%.2f", values).astype(object))

    columns: Table = {
        "LA Code": np.full(n, cassr_code, dtype=object),
        "Reporting Period Start Date": np.full(n, first),
        "Reporting Period End Date": np.full(n, cutoff),
        "NHS Number": who["nhs_number"],
        "LA Person Unique Identifier": who["id"],
        "First Name": who["first_name"],
        "Last Name": who["last_name"],
        "GP Practice Name": either(canary, CANARY["practice_name"], "Mock Surgery " + practice),
        "GP Practice Code": either(canary, CANARY["practice_code"], numbered("Z", who["practice"], 5)),
        "Gender": who["gender"],
        "Ethnicity": who["ethnicity"],
        "Date of Birth": who["birth"],
        "Date of Death": either(who["death"] <= cutoff, who["death"], NEVER),
        "Client Type": who["client"],
        "Primary Support Reason": who["reason"],
        "Postcode": who["postcode"],
        "Accommodation Status": who["home"],
        "Employment Status": only(user & learning & (years < 65), who["employment"]),
        "Has Unpaid Carer": either(carer, "No", who["has_carer"]),
        "Autism Spectrum Disorder (ASD)": only(user, who["autism"]),
        "Visual Impairment": only(user, "No visual impairment"),
        "Hearing Impairment": only(user, "No hearing impairment"),
        "Dementia": only(
            user, either(who["reason"] == "Support with memory and cognition", "Yes", "No").astype(object)
        ),
        "Client Funding Status": only(user & (is_service | is_review), who["funding"]),
        "Event Type": rows["type"],
        "Event Reference": either(canary, CANARY["event_reference"], numbered("EV", position, 9)),
        "Event Start Date": rows["start"],
        "Event End Date": end,
        "Event Description": either(canary, CANARY["event_description"], rows["description"]),
        "Event Outcome": outcome,
        "Request: Route of Access": rows["route"],
        "Assessment Type": rows["assessment"],
        "Eligible Needs Identified": only(rows["type"] == "Assessment", "Yes"),
        "Method of Assessment": only(rows["type"] == "Assessment", rows["method"]),
        "Total Hrs Caring per week": who["hours"],
        "No. of adults being cared for": only(carer, "1"),
        "Adult 1 Linked Person_ID": only(is_linked[rows["person"]], lives.persons["id"][who["linked"]]),
        "Adult 2 Linked Person_ID": some,
        "Adult 3 Linked Person_ID": some,
        "Service Type": rows["service"],
        "Service Component": rows["component"],
        "Delivery Mechanism": rows["mechanism"],
        "Provider CQC Location Name": only(care_home, either(canary, CANARY["location_name"], "Mock Lodge")),
        "Provider CQC Location ID": only(care_home, care_home_location(rows["person"])),
        "Review Reason": rows["why"],
        "Review Outcomes Achieved": rows["achieved"],
        "Method of Review": only(is_review, rows["method"]),
        "Unit Cost": money(rows["cost"]),
        "Cost Frequency (Unit Type)": rows["frequency"],
        "Planned units per week": money(rows["units"]),
    }
    if cutoff < RELEASE_2_FROM:
        for column, mapping in to_release_1().items():
            columns[column] = reworded(columns[column], mapping)
    return {header: columns[header] for header in headers()}


def other_release(values: Array, column: str, *, is_release_2: bool) -> Array:
    """The same coded values in the wording of the release the file does not use."""
    mapping = to_release_1()[column]
    return reworded(values, mapping if is_release_2 else {old: new for new, old in mapping.items()})
