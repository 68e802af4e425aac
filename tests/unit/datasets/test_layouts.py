"""Layouts and code sets as data: consistent with each other, and right for their year."""

import csv
from collections import Counter

import pytest

from scrutiny import datasets
from scrutiny.datasets.names import school_term_in
from scrutiny.periods import FinancialYear
from scrutiny.settings import settings

YEARS = [FinancialYear(year) for year in range(2017, 2027)]
TYPES = {"text", "code", "label", "date", "month", "integer", "decimal", "flag"}
COLUMNS = [
    (dataset, table, column)
    for dataset in datasets.DATASETS
    for table in datasets.layout(dataset).tables
    for column in table.columns
]


def seed(name: str) -> list[dict[str, str]]:
    with (settings().seeds / name).open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_layouts_are_well_formed() -> None:
    for _, table, column in COLUMNS:
        assert column.type in TYPES
        assert (column.type in ("code", "label")) == bool(column.code_set)
        assert not (column.required and column.may_be_absent)
        assert bool(column.staged_as) == (column.treatment != "drop")
        assert column.required or not column.is_key
        assert [c.position for c in table.columns] == list(range(1, len(table.columns) + 1))
        kept = [c.staged_as for c in table.columns if c.staged_as]
        assert len(set(kept)) == len(kept)


def test_tables_of_a_dataset_differ_in_their_columns_in_every_year() -> None:
    for year in YEARS:
        for dataset in datasets.DATASETS:
            tables = datasets.layout(dataset).tables_in(year)
            sets = [frozenset(column.name for column in table.columns_in(year)) for table in tables]
            assert len(set(sets)) == len(sets)


def test_personal_data_is_dropped_keyed_or_blurred() -> None:
    """Fields that name, number or place a person never keep their text."""
    personal = (
        *(
            "CHILD",
            "UPN",
            "DOB",
            "MC_DOB",
            "HOME_POST",
            "PL_POST",
            "LAchildID",
            "FormerUPN",
            "SW_ID",
            "SWENo",
        ),
        *("PersonBirthDate", "ExpectedPersonBirthDate", "NHS Number", "LA Person Unique Identifier"),
        *("First Name", "Last Name", "Postcode", "Date of Birth", "Holder ID", "Holder Name"),
        *("upn", "formerupn", "dob", "surname", "forename", "pupilonrolltableid"),
        *("Child Unique ID", "Individual adopter identifier", "Placement postcode", "Allocated Worker"),
        *(f"Adult {number} Linked Person_ID" for number in (1, 2, 3)),
        *("Child ID", "Adult ID", "Worker ID", "Manager ID", "Lead Worker ID", "Household ID"),
        *("Old ID", "New ID"),
    )
    treatments = {column.name: column.treatment for _, _, column in COLUMNS if column.name in personal}
    assert set(treatments) == set(personal)
    for treatment in treatments.values():
        assert treatment in ("drop", "birth_month") or treatment.startswith(
            ("key:", "key_of:", "old_key_of:")
        )


def test_every_code_column_has_codes_in_every_year_it_is_collected() -> None:
    for _, _, column in COLUMNS:
        for year in YEARS:
            if column.code_set and column.is_in(year):
                assert datasets.code_set(column.code_set, year), f"{column.code_set} in {year}"


@pytest.mark.parametrize(
    ("name", "year", "codes"),
    [
        ("ssda903.SEX", 2023, ("1", "2")),
        ("ssda903.SEX", 2024, ("M", "F", "U")),
        ("cin.GenderCurrent", 2024, ()),
        ("establishment.Status", 2025, ("Filled", "Vacant")),
    ],
)
def test_codes_change_with_the_year(name: str, year: int, codes: tuple[str, ...]) -> None:
    assert datasets.code_set(name, FinancialYear(year)) == codes


@pytest.mark.parametrize(
    ("year", "placement", "is_valid"),
    [(2023, "H5", True), (2024, "H5", False), (2023, "K3", False), (2024, "K3", True), (2025, "Z1", False)],
)
def test_placement_types_come_and_go(year: int, placement: str, is_valid: bool) -> None:
    assert (placement in datasets.code_set("ssda903.PLACE", FinancialYear(year))) == is_valid


def test_client_level_data_lists_follow_the_release() -> None:
    first, second = (datasets.code_set("cld.client_type", release=release) for release in ("R1", "R2"))
    assert first == ("Service User", "Carer", "Carer known by association")
    assert second == ("Service user", "Unpaid carer", "Unpaid carer known by association")
    assert datasets.code_set("cld.event_type", release="R1") == datasets.code_set(
        "cld.event_type", release="R2"
    )


def test_every_release_1_value_maps_to_a_release_2_value_or_is_known_to_have_none() -> None:
    pairs = {(row["list"], row["r1_value"]): row["r2_value"] for row in seed("cld_r1_to_r2.csv")}
    without = {
        ("event_outcome", "Progress to financial assessment"),
        ("event_outcome", "Progress to end of life care"),
        ("assessment_type", "Financial Assessment"),
    }
    lists = {row["code_set"] for row in seed("code_sets.csv") if row["code_set"].startswith("cld.")}
    for name in lists:
        second = datasets.code_set(name, release="R2")
        for value in datasets.code_set(name, release="R1"):
            key = (name.removeprefix("cld."), value)
            assert key in without or pairs.get(key, value) in second
            assert not (key in without and key in pairs)


def test_code_sets_hold_no_row_twice() -> None:
    rows = Counter(tuple(sorted(row.items())) for row in seed("code_sets.csv"))
    assert [row for row, count in rows.items() if count > 1] == []
    assert all(row["source"] for row in seed("code_sets.csv"))


def test_what_does_not_exist_is_said_so() -> None:
    with pytest.raises(LookupError, match="annex_b"):
        datasets.layout("annex_b")
    with pytest.raises(LookupError, match=r"cld\.nothing"):
        datasets.code_set("cld.nothing")
    with pytest.raises(LookupError, match="000"):
        datasets.authority("000")
    assert datasets.authority("999").cassr_code == "699"


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("ssda903_2025-26/episodes.csv", "2025-26"),
        ("ssda903_2025_26.zip", "2025-26"),
        ("2017-episodes.csv", "2017-18"),
        ("return 2025-26 v2.zip", "2025-26"),
        ("2025-07/episodes.csv", None),
        ("2024-25 and 2025-26", None),
        ("2011-12-05 episodes.csv", None),
        ("episodes.csv", None),
    ],
)
def test_the_collection_year_in_a_name(name: str, year: str | None) -> None:
    assert datasets.collection_year_in(name) == (FinancialYear.parse(year) if year else None)


@pytest.mark.parametrize(
    ("name", "term"),
    [
        ("2025_spring_pupilonroll.csv", "2025-spring"),
        ("school_census_2024-autumn/2024_autumn_summerhalfterm2sessiondetailsonroll.csv", "2024-autumn"),
        ("Summer 2025.zip", "2025-summer"),
        ("2024_autumn and 2025_spring", None),
        ("pupilonroll.csv", None),
    ],
)
def test_the_term_in_a_name(name: str, term: str | None) -> None:
    found = school_term_in(name)
    assert (str(found) if found else None) == term
