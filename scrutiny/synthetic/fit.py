"""How well the synthetic authority matches the published rates: ``python -m scrutiny.synthetic.fit``.

Measures the extracts as written (before dirty rows are planted) by the definitions of the indicators and
prints a Markdown table. The warehouse measures for itself; this is the simulation's own check.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scrutiny import datasets
from scrutiny.periods import FinancialYear, bank_holidays
from scrutiny.settings import settings
from scrutiny.synthetic import cin, cld, ssda903, workforce
from scrutiny.synthetic.adults import COMMUNITY, NURSING, RESIDENTIAL
from scrutiny.synthetic.children import Children
from scrutiny.synthetic.draws import Array, Table, age, birthday
from scrutiny.synthetic.extracts import CLOSING_DAYS, SEED, Authority, simulate
from scrutiny.synthetic.scenario import scenario

YEAR = FinancialYear(2024)
EDUCATION_OR_WORK = ["F1", "F2", "F4", "F5", "P1", "P2", "P4", "P5"]


@dataclass(frozen=True)
class Fit:
    """One measured figure beside the published one for England; None where there is none."""

    indicator: str
    what: str
    period: str
    published: float | None
    simulated: float


def _published(indicator: str) -> float | None:
    """The latest published England figure in the benchmarks seed."""
    with (settings().seeds / "benchmarks.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["indicator_id"] == indicator]
    rows = [row for row in rows if row["area_code"] == "E92000001" and row["value"]]
    return float(max(rows, key=lambda row: row["period_end_date"])["value"]) if rows else None


def _holidays() -> Array:
    return np.array(sorted(bank_holidays()), dtype="datetime64[D]")


def _share(yes: Array) -> float:
    return 100 * float(np.mean(yes))


def children_fit(authority: Authority, population: int) -> list[Fit]:
    """The children's indicators of 2024-25, from the closed year's census and return."""
    end, first = np.datetime64(YEAR.end), np.datetime64(YEAR.start)
    known = end + CLOSING_DAYS
    lives, young = authority.children, population * scenario()["population"]["age_0_17"]
    tables = cin.census(lives, YEAR, end, known)
    before = cin.census(lives, FinancialYear(2023), np.datetime64("2024-03-31"), known)
    returned = ssda903.return_903(lives, authority.workforce, YEAR, end, known)

    ids = np.concatenate([t["children"]["LAchildID"][t["cin_details"]["child"]] for t in (before, tables)])
    dates = np.concatenate([t["cin_details"]["CINreferralDate"] for t in (before, tables)])
    _, number = np.unique(ids.astype(str), return_inverse=True)
    pairs = np.unique(np.stack([number, dates.astype(int)]), axis=1)
    again = np.append(False, (np.diff(pairs[0]) == 0) & (np.diff(pairs[1]) <= 365))
    in_year = pairs[1] >= first.astype(int)

    details, assessed = tables["cin_details"], tables["assessments"]
    referred = details["CINreferralDate"] >= first
    done = ~np.isnat(assessed["AssessmentAuthorisationDate"])
    holidays = _holidays()

    def working_days(start: Array, finish: Array) -> Array:
        return np.asarray(np.busday_count(start, finish, holidays=holidays))

    took = working_days(
        assessed["AssessmentActualStartDate"][done], assessed["AssessmentAuthorisationDate"][done]
    )
    enquiries, plans = tables["section_47"], tables["child_protection_plans"]
    held = enquiries["DateOfInitialCPC"] >= first
    wait = working_days(enquiries["S47ActualStartDate"][held], enquiries["DateOfInitialCPC"][held])
    open_plan = np.isnat(plans["CPPendDate"])
    started = plans["CPPstartDate"] >= first

    episodes = returned["episodes"]
    cared = ~np.isin(episodes["LS"], ["V3", "V4"])
    here = cared & np.isnat(episodes["DEC"])
    places, settled, cohort = _placements(lives, end)
    health = returned["oc2"]["HEALTH_ASSESSMENT"]
    leavers = returned["oc3"]
    years = age(leavers["DOB"], end)
    older = (years >= 19) & (years <= 21) & ~np.isin(leavers["IN_TOUCH"], ["RHOM", "DIED"])
    older_activity, older_home = leavers["ACTIV"][older], leavers["ACCOM"][older].astype(str)
    begun = cared & (episodes["RNE"] == "S") & (episodes["DECOM"] >= first)
    started_47 = enquiries["S47ActualStartDate"] >= first
    long_plan = plans["CPPstartDate"][open_plan] <= end - 730
    foster = np.char.startswith(episodes["PLACE"][here].astype(str), "U")
    not_known = (older_activity == "0") | (older_home == "0")
    per = 10_000 / young
    rows: list[tuple[str, str, float]] = [
        ("FD06", "Referrals per 10,000", float(referred.sum()) * per),
        ("FD07", "Re-referrals within 12 months %", _share(again[in_year])),
        ("FD08", "No further action %", _share(details["ReferralNFA"][referred] == "1")),
        ("FD11", "Assessed within 45 working days %", _share(took <= 45)),
        ("CP01", "Section 47 enquiries per 10,000", float(started_47.sum()) * per),
        ("CP04", "Conference within 15 working days %", _share(wait <= 15)),
        ("CP06", "Children on a plan per 10,000", float(open_plan.sum()) * per),
        ("CP08", "Second or later plan %", _share(plans["NumberOfPreviousCPP"][started] != "0")),
        ("CP10", "Plans of two years or more %", _share(long_plan)),
        ("CL01", "Looked after per 10,000", float(here.sum()) * per),
        ("CL03", "Started to be looked after per 10,000", float(begun.sum()) * per),
        ("CL06", "Three or more placements in a year %", _share(places >= 3)),
        ("CL07", "Long-term stability %", _share(settled[cohort])),
        ("CL11", "In foster care %", _share(foster)),
        ("CL21", "Health assessment %", _share(health == "1")),
        (
            "LV02",
            "Care leavers 19 to 21: education or work %",
            _share(np.isin(older_activity, EDUCATION_OR_WORK)),
        ),
        ("LV07", "Care leavers 19 to 21: not known %", _share(not_known)),
        ("LV05", "Care leavers 19 to 21: suitable home %", _share(np.char.endswith(older_home, "1"))),
    ]
    return [Fit(code, what, str(YEAR), _published(code), value) for code, what, value in rows]


def _placements(lives: Children, end: np.datetime64) -> tuple[Array, Array, Array]:
    """Of children in care on a day: placements in the year, two years with the same carers, who counts."""
    care = lives.care
    stays, episodes = care.stays, care.episodes
    here = (stays["entry"] <= end) & (stays["end"] > end) & ~stays["short_break"]
    begun = episodes["start"] <= end
    carers = begun & np.isin(episodes["rne"], ["S", "P", "B"])
    other = carers | (begun & np.isin(episodes["rne"], ["T", "U"]) & (episodes["place"] != "A5"))
    in_year = other & (episodes["start"] > end - 365)
    n = len(here)
    count = np.bincount(episodes["stay"][in_year], minlength=n) + (stays["entry"] <= end - 365)
    latest = np.full(n, np.datetime64("1900-01-01"))
    with_new_carers = carers & ~np.isin(episodes["place"], ["A4", "A6"])
    np.maximum.at(latest, episodes["stay"][with_new_carers], episodes["start"][with_new_carers])
    long = (stays["entry"] <= end - 913) & (birthday(stays["birth"], 16) > end)
    return count[here], (latest <= end - 730)[here], long[here]


def adults_fit(authority: Authority, population: int, cutoffs: list[str]) -> list[Fit]:
    """The adults' indicators at the end of some months, each from the files of that day."""
    shares, fits = scenario()["population"], []
    for text in cutoffs:
        end = np.datetime64(text)
        events, before = (_file(authority, at) for at in (end, end - 365))
        month = str(end.astype("datetime64[M]"))
        older = population * shares["age_65_plus"]
        for code, what, value in (
            ("AD27", "Long-term users reviewed in 12 months %", _reviewed(events, end)),
            ("AD29", "Carers assessed or reviewed in 12 months %", _carers(events)),
            ("AD08", "Admissions 65 and over per 100,000", _admitted(events, before, end) * 100_000 / older),
            ("AD20", "Direct payments %", _direct(events)),
        ):
            fits.append(Fit(code, what, f"12 months to {month}", _published(code), value))
    return fits


def _file(authority: Authority, end: np.datetime64) -> Table:
    table = cld.file_of(authority.adults, datasets.authority(authority.code).cassr_code, end, end)
    table["user"] = table["Client Type"].astype(str)
    table["id"] = table["LA Person Unique Identifier"].astype(str)
    table["kind"] = _lower(table["Service Type"])
    return table


def _lower(values: Array) -> Array:
    return np.array([(value or "").lower() for value in values.tolist()])


def _kind(table: Table, *kinds: str) -> Array:
    return np.isin(table["kind"], [kind.lower() for kind in kinds])


def _reviewed(table: Table, end: np.datetime64) -> float:
    running = _kind(table, NURSING, RESIDENTIAL, COMMUNITY) & np.isnat(table["Event End Date"])
    first = dict.fromkeys(table["id"][running].tolist(), end)
    lived = _kind(table, NURSING, RESIDENTIAL, COMMUNITY)
    # one stay a person in the simulation: its first service opens it
    order = np.argsort(table["Event Start Date"][lived], kind="stable")[::-1]
    started = dict(
        zip(table["id"][lived][order].tolist(), table["Event Start Date"][lived][order], strict=True)
    )
    a_year = (end.astype("datetime64[M]") - 11).astype("datetime64[D]") - 1
    cohort = [person for person in first if started[person] <= a_year]
    reviewed = set(
        table["id"][(table["Event Type"] == "Review") & (table["user"] != "Unpaid carer")].tolist()
    )
    return _share(np.array([person in reviewed for person in cohort]))


def _carers(table: Table) -> float:
    carer = np.char.find(np.char.lower(table["user"]), "carer") >= 0
    carers = np.unique(table["id"][carer])
    seen = table["id"][carer & np.isin(table["Event Type"], ["Assessment", "Review"])]
    together = [
        (table["Event Type"] == event) & (table[f"Method of {event}"] == "Service user and carer")
        for event in ("Assessment", "Review")
    ]
    jointly = np.unique(table["id"][~carer & np.logical_or(*together)])
    for number in (1, 2, 3):
        linked = table[f"Adult {number} Linked Person_ID"].astype(str)
        # the link may stand on the row of either
        seen = np.concatenate(
            [seen, linked[np.isin(table["id"], jointly)], table["id"][np.isin(linked, jointly)]]
        )
    return _share(np.isin(carers, seen))


def _admitted(table: Table, before: Table, end: np.datetime64) -> int:
    home = _kind(table, NURSING, RESIDENTIAL) & (age(table["Date of Birth"], table["Event Start Date"]) >= 65)
    first = (end.astype("datetime64[M]") - 11).astype("datetime64[D]")
    new = np.unique(table["id"][home & (table["Event Start Date"] >= first)])
    return int((~np.isin(new, before["id"][_kind(before, NURSING, RESIDENTIAL)])).sum())


def _direct(table: Table) -> float:
    running = np.isnat(table["Event End Date"])
    community = running & _kind(table, COMMUNITY)
    people = np.setdiff1d(table["id"][community], table["id"][running & _kind(table, NURSING, RESIDENTIAL)])
    mechanism = _lower(table["Delivery Mechanism"])
    paid = community & ((mechanism == "direct payment") | (table["Service Component"] == "Direct payment"))
    return _share(np.isin(people, table["id"][paid]))


def workforce_fit(authority: Authority) -> list[Fit]:
    """The workforce indicators of the census of 30 September 2025."""
    rows, (vacant, _, _) = workforce.census(authority.workforce, 2025)
    staff, here = ~rows["agency"], ~rows["gone"]
    in_post = rows["fte"][staff & here].sum()
    left = rows["fte"][staff & rows["gone"]].sum()
    agency = rows["fte"][~staff & here].sum()
    figures = (
        ("WF01", "Vacancy rate %", 100 * vacant / (vacant + in_post)),
        ("WF02", "Turnover %", 100 * left / in_post),
        ("WF03", "Agency rate %", 100 * agency / (agency + in_post)),
    )
    return [
        Fit(code, what, "30 September 2025", _published(code), float(value)) for code, what, value in figures
    ]


def measure(authority: Authority, population: int) -> list[Fit]:
    """Every figure of the table of fit."""
    months = ["2024-12-31", "2025-03-31", "2025-06-30", "2025-07-31", "2025-08-31", "2025-09-30"]
    measures: list[Callable[[], list[Fit]]] = [
        lambda: children_fit(authority, population),
        lambda: workforce_fit(authority),
        lambda: adults_fit(authority, population, months),
    ]
    return [fit for each in measures for fit in each()]


def main() -> None:
    """Print the table of fit for an authority of a size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--population", type=int, default=260_000, help="people living in the authority")
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    authority = simulate(population=arguments.population, seed=arguments.seed)
    print("| indicator | figure | period | published, England | simulated |\n|---|---|---|---:|---:|")
    for fit in measure(authority, arguments.population):
        published = "" if fit.published is None else f"{fit.published:.1f}"
        print(f"| {fit.indicator} | {fit.what} | {fit.period} | {published} | {fit.simulated:.1f} |")


if __name__ == "__main__":
    main()
