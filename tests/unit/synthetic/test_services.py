"""What services record beside the returns: in the columns of the layout, known by the month's end, about the
people of the returns."""

from __future__ import annotations

import numpy as np
import pytest

from scrutiny.datasets import layout
from scrutiny.periods import FinancialYear
from scrutiny.synthetic import Authority, child_services, simulate, ssda903
from scrutiny.synthetic.draws import Table
from scrutiny.synthetic.people import CANARY

END = np.datetime64("2025-09-30")
Extracts = dict[str, dict[str, Table]]
AHEAD: set[str] = set()
"""Columns that may lie ahead of the month's end."""


@pytest.fixture(scope="module")
def town() -> Authority:
    return simulate(population=60_000)


def made(authority: Authority, end: np.datetime64) -> Extracts:
    return child_services.extracts(
        authority.seed, authority.children, authority.workforce, authority.young, end
    )


@pytest.fixture(scope="module")
def extracts(town: Authority) -> Extracts:
    return made(town, END)


def rows(table: Table, *columns: str) -> set[tuple[object, ...]]:
    return set(zip(*(table[column].tolist() for column in columns), strict=True))


def test_the_columns_are_those_of_the_layout_in_order(extracts: Extracts) -> None:
    for dataset, tables in extracts.items():
        expected = {table.name: [c.name for c in table.columns] for table in layout(dataset).tables}
        assert {name: list(table) for name, table in tables.items()} == expected
        for table in tables.values():
            assert len({len(column) for column in table.values()}) == 1


def test_nothing_is_dated_after_the_month(extracts: Extracts) -> None:
    for dataset, tables in extracts.items():
        for name, table in tables.items():
            for title, column in table.items():
                if column.dtype.kind == "M" and title not in AHEAD:
                    assert not (column > END).any(), (dataset, name, title)


def test_what_one_month_says_the_next_says_too(town: Authority, extracts: Extracts) -> None:
    """A later extract adds to the earlier one: the same draws, whatever the month."""
    before = made(town, np.datetime64("2025-08-31"))
    for dataset, tables in before.items():
        for table in layout(dataset).tables:
            keys = [column.name for column in table.columns if column.is_key]
            missing = rows(tables[table.name], *keys) - rows(extracts[dataset][table.name], *keys)
            assert not missing, (dataset, table.name)


def test_canaries_stand_in_the_extracts(extracts: Extracts) -> None:
    held = {
        str(value)
        for tables in extracts.values()
        for table in tables.values()
        for column in table.values()
        if column.dtype.kind == "O"
        for value in column.tolist()
    }
    references = {value for name, value in CANARY.items() if name.endswith("_reference")}
    assert references - {CANARY["event_reference"], CANARY["placement_reference"]} <= held
    for dataset in ("early_help", "return_interviews", "visits"):
        ids = np.concatenate([table["Child ID"] for table in extracts[dataset].values()])
        assert CANARY["child_id"] in ids


def test_every_referral_begins_with_a_contact(town: Authority, extracts: Extracts) -> None:
    contacts = extracts["early_help"]["contacts"]
    referrals = town.children.episodes
    sent = (referrals["referral"] >= np.datetime64("2023-05-01")) & (referrals["referral_known"] <= END)
    ids = town.children.children["id"][referrals["child"][sent]]
    referred = contacts["Contact Outcome"] == "New referral"
    decided = {name: column[referred] for name, column in contacts.items()}
    known = rows(decided, "Child ID", "Decision Date")
    assert sent.sum() > 500
    assert set(zip(ids.tolist(), referrals["referral"][sent].tolist(), strict=True)) <= known
    assert (contacts["Decision Date"] >= contacts["Contact Date"])[~np.isnat(contacts["Decision Date"])].all()


def test_early_help_steps_up_where_the_census_says_it_came_from(town: Authority, extracts: Extracts) -> None:
    episodes = extracts["early_help"]["early_help_episodes"]
    stepped_up = episodes["End Reason"] == "Step up to social care"
    assert stepped_up.sum() > 10
    referrals = town.children.episodes
    sent = referrals["source"] == "5D"
    ids = town.children.children["id"][referrals["child"][sent]]
    ended = {name: column[stepped_up] for name, column in episodes.items()}
    dates = set(zip(ids.tolist(), referrals["referral"][sent].tolist(), strict=True))
    assert rows(ended, "Child ID", "End Date") <= dates
    assert (episodes["Entry Route"] == "Step down from social care").sum() > 10


def test_return_interviews_meet_the_missing_table_of_the_return(town: Authority, extracts: Extracts) -> None:
    missing = ssda903.return_903(town.children, town.workforce, FinancialYear(2025), END, END)["missing"]
    interviews = extracts["return_interviews"]["return_interviews"]
    really = {name: column[missing["MISSING"] == "M"] for name, column in missing.items()}
    assert rows(really, "CHILD", "MIS_START") <= rows(interviews, "Child ID", "Missing Start Date")


def test_carers_have_room_for_the_children_placed_with_them(extracts: Extracts) -> None:
    households = extracts["fostering"]["foster_households"]
    staying = np.isnat(households["Deregistration Date"])
    approved, filled, away = (
        households[name][staying].astype(int)
        for name in ("Approved Places", "Places Filled", "Places Not Available")
    )
    assert (filled + away <= approved).all()
    mainstream = households["Household Type"][staying] != "Kinship"
    # Ofsted and LAIT: some 30 places of authorities for 10,000 children, six in ten filled
    assert 20 <= approved[mainstream].sum() / 1.2 <= 40
    assert 0.4 <= filled[mainstream].sum() / approved[mainstream].sum() <= 0.9


def test_visits_fall_within_the_plan_or_care_they_belong_to(town: Authority, extracts: Extracts) -> None:
    visits = extracts["visits"]["statutory_visits"]
    assert (visits["Visit Date"] >= visits["Start Date"]).all()
    protection = visits["Visit Type"] == "Child protection plan"
    plans = town.children.protection
    ids = town.children.children["id"][plans["child"]]
    starts = set(zip(ids.tolist(), plans["start"].tolist(), strict=True))
    sent = {name: column[protection] for name, column in visits.items()}
    assert protection.any()
    assert rows(sent, "Child ID", "Start Date") <= starts
