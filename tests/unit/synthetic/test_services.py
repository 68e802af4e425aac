"""What services record beside the returns: in the columns of the layout, known by the month's end, about the
people of the returns."""

from __future__ import annotations

import numpy as np
import pytest

from scrutiny.datasets import layout
from scrutiny.periods import FinancialYear
from scrutiny.synthetic import (
    Authority,
    adult_services,
    child_services,
    cld,
    practice,
    simulate,
    ssda903,
    workforce,
)
from scrutiny.synthetic.draws import Table
from scrutiny.synthetic.people import CANARY

END = np.datetime64("2025-09-30")
Extracts = dict[str, dict[str, Table]]
AHEAD = {"Authorised To"}
"""Columns that may lie ahead of the month's end."""


@pytest.fixture(scope="module")
def town() -> Authority:
    return simulate(population=60_000)


def made(authority: Authority, end: np.datetime64) -> Extracts:
    seed, workers = authority.seed, authority.workforce
    return {
        **child_services.extracts(seed, authority.children, workers, authority.young, end),
        **adult_services.extracts(seed, authority.adults, authority.grown, end),
        **practice.extracts(seed, authority.children, authority.adults, workers, end),
    }


@pytest.fixture(scope="module")
def extracts(town: Authority) -> Extracts:
    return made(town, END)


def rows_of(table: Table, *columns: str) -> set[tuple[object, ...]]:
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
            missing = rows_of(tables[table.name], *keys) - rows_of(extracts[dataset][table.name], *keys)
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
    for dataset in ("supervision", "sickness"):
        assert CANARY["worker_id"] in next(iter(extracts[dataset].values()))["Worker ID"]
    for dataset in ("safeguarding", "deprivation_of_liberty", "waiting_lists"):
        assert CANARY["adult_id"] in next(iter(extracts[dataset].values()))["Adult ID"]


def test_every_referral_begins_with_a_contact(town: Authority, extracts: Extracts) -> None:
    contacts = extracts["early_help"]["contacts"]
    referrals = town.children.episodes
    sent = (referrals["referral"] >= np.datetime64("2023-05-01")) & (referrals["referral_known"] <= END)
    ids = town.children.children["id"][referrals["child"][sent]]
    referred = contacts["Contact Outcome"] == "New referral"
    decided = {name: column[referred] for name, column in contacts.items()}
    known = rows_of(decided, "Child ID", "Decision Date")
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
    assert rows_of(ended, "Child ID", "End Date") <= dates
    assert (episodes["Entry Route"] == "Step down from social care").sum() > 10


def test_return_interviews_meet_the_missing_table_of_the_return(town: Authority, extracts: Extracts) -> None:
    missing = ssda903.return_903(town.children, town.workforce, FinancialYear(2025), END, END)["missing"]
    interviews = extracts["return_interviews"]["return_interviews"]
    really = {name: column[missing["MISSING"] == "M"] for name, column in missing.items()}
    assert rows_of(really, "CHILD", "MIS_START") <= rows_of(interviews, "Child ID", "Missing Start Date")


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
    assert rows_of(sent, "Child ID", "Start Date") <= starts


def test_safeguarding_is_near_the_published_figures(extracts: Extracts) -> None:
    """Safeguarding Adults Collection 2024-25: 1,365 concerns for 100,000 adults, 29 % to section 42."""
    concerns, enquiries = (extracts["safeguarding"][name] for name in ("concerns", "enquiries"))
    year = concerns["Concern Date"] > np.datetime64("2024-09-30")
    assert 1_200 <= year.sum() / 0.48 <= 1_550
    assert 0.26 <= (concerns["Decision"] == "Section 42 enquiry").mean() <= 0.32
    outcome = enquiries["Risk Outcome"][enquiries["Risk Outcome"] != None]  # noqa: E711
    assert 0.87 <= np.isin(outcome, ["Reduced", "Removed"]).mean() <= 0.95
    assert set(enquiries["Concern ID"]) <= set(concerns["Concern ID"])


def test_deprivation_of_liberty_is_near_the_published_figures(extracts: Extracts) -> None:
    """NHS England 2023-24: 715 applications for 100,000 adults, 144 days on average, 19 % within 21."""
    rows = extracts["deprivation_of_liberty"]["applications"]
    year = rows["Received Date"] > np.datetime64("2024-09-30")
    assert 600 <= year.sum() / 0.48 <= 830
    done = rows["Outcome Date"] > np.datetime64("2024-09-30")
    waited = (rows["Outcome Date"] - rows["Received Date"])[done].astype(int)
    assert 120 <= waited.mean() <= 165
    assert 0.15 <= (waited <= 21).mean() <= 0.24


def test_residents_are_where_the_ratings_and_the_client_level_data_have_them(
    town: Authority, extracts: Extracts
) -> None:
    locations = extracts["provider_ratings"]["provider_locations"]
    listed = set(locations["Provider CQC Location ID"])
    sent = cld.file_of(town.adults, "699", END, END)["Provider CQC Location ID"]
    assert {location for location in sent if location} <= listed
    applied = extracts["deprivation_of_liberty"]["applications"]
    homes = applied["Setting"] == "Care home"
    assert set(applied["Provider CQC Location ID"][homes]) <= listed
    rated = locations["Overall Rating"] != "Not rated"
    good = np.isin(locations["Overall Rating"], ["Good", "Outstanding"])
    assert 0.7 <= good[rated].mean() <= 0.95


def test_whoever_was_assessed_had_waited(town: Authority, extracts: Extracts) -> None:
    rows = extracts["waiting_lists"]["waiting_list_entries"]
    assessed = (rows["List"] == "Assessment") & (rows["Removal Reason"] == "Started")
    events = town.adults.events
    began = events["type"] == "Assessment"
    ids = town.adults.persons["id"][events["person"][began]]
    known = set(zip(ids.tolist(), events["start"][began].tolist(), strict=True))
    ended = {name: column[assessed] for name, column in rows.items()}
    assert assessed.sum() > 100
    assert rows_of(ended, "Adult ID", "Date Removed") <= known


def test_a_year_without_a_survey_is_not_a_missing_value() -> None:
    results = {(row["Financial Year"], row["Measure"]): row for row in adult_services.survey_results()}
    assert results["2022-23", "1E"]["Status"] == "Not collected"
    assert results["2020-21", "1A"]["Status"] == "Not collected"
    assert results["2023-24", "1E"]["Value"] is not None
    assert all((row["Value"] is None) == (row["Status"] == "Not collected") for row in results.values())


def test_workers_are_supervised_by_managers_in_post(town: Authority, extracts: Extracts) -> None:
    sessions = extracts["supervision"]["supervision_sessions"]
    workers = town.workforce.workers
    role = dict(zip(workers["id"].tolist(), workers["role"].tolist(), strict=True))
    assert set(sessions["Worker ID"]) <= set(role)
    assert {role[manager] for manager in sessions["Manager ID"] if manager} <= set(practice.MANAGERS)
    assert not (sessions["Worker ID"] == sessions["Manager ID"]).any()
    assert np.is_busday(sessions["Session Date"]).all()


def test_sickness_adds_up_to_the_days_of_the_workforce_census(town: Authority, extracts: Extracts) -> None:
    absences = extracts["sickness"]["sickness_absences"]
    census, _ = workforce.census(town.workforce, 2025)
    all_year = ~census["agency"] & ~census["gone"] & (census["start"] <= np.datetime64("2024-10-01"))
    said = dict(zip(census["id"][all_year].tolist(), census["days_lost"][all_year].tolist(), strict=True))
    in_year = absences["Start Date"] >= np.datetime64("2024-10-01")
    listed = np.isin(absences["Worker ID"], list(said)) & in_year
    total = absences["Days Lost"][listed].astype(float).sum()
    assert total == pytest.approx(sum(said.values()), rel=0.1)
    start, end = absences["Start Date"], absences["End Date"]
    over = ~np.isnat(end)
    worked = np.busday_count(start[over], end[over] + 1)
    assert (absences["Days Lost"][over].astype(float) <= worked).all()


def test_audited_cases_are_known_to_the_service_that_audits_them(town: Authority, extracts: Extracts) -> None:
    rows = extracts["case_audits"]["case_audits"]
    adults = np.char.startswith(rows["Service"].astype(str), "Adults")
    assert set(rows["Adult ID"][adults]) <= set(town.adults.persons["id"])
    assert set(rows["Child ID"][~adults]) <= set(town.children.children["id"])
    assert (rows["Domain"] == "Overall").sum() * (len(practice.DOMAINS) + 1) == len(rows["Domain"])
    assert ((rows["Moderated"] == "Yes") == (rows["Moderated Grade"] != None)).all()  # noqa: E711
