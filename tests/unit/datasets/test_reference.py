"""Layouts, code sets and suites hold all the published ones do: a walk over copies of them in ``seeds/``.

A first year there is often only the earliest document at hand, so a code or a column may be taken earlier;
one not collected any more may not be taken later.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace

import pytest

from scrutiny import datasets
from scrutiny.datasets import xml_files
from scrutiny.datasets.layouts import Table, in_force
from scrutiny.periods import FinancialYear
from scrutiny.settings import settings
from scrutiny.validation import rules

YEARS = [FinancialYear(year) for year in range(2018, 2027)]
AWAITED: set[tuple[str, str]] = set()
"""Published tables that may not be registered yet. Once they are, they are walked like the others."""
HEADER = "header"


def seed(name: str) -> list[dict[str, str]]:
    with (settings().seeds / f"{name}.csv").open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


LAYOUTS, CODES, RULES = seed("reference_layouts"), seed("reference_codes"), seed("published_rules")


def is_census_header(dataset: str, table: str) -> bool:
    return dataset in xml_files.CENSUSES and table == HEADER


def registered(dataset: str, table: str) -> Table | None:
    """Our table of a published one; the lists of Annex A are known by their number."""
    if dataset not in datasets.DATASETS:
        return None
    tables = datasets.layout(dataset).tables
    if dataset == "annex_a":
        number = int(table.removeprefix("list_"))
        return tables[number - 1] if number <= len(tables) else None
    return next((ours for ours in tables if ours.name == table), None)


TABLES = list(dict.fromkeys((row["dataset"], row["table"]) for row in LAYOUTS))
REGISTERED = [name for name in TABLES if registered(*name)]


def valid(rows: Iterable[dict[str, str]], year: FinancialYear) -> list[dict[str, str]]:
    return [row for row in rows if in_force(row["first_year"], row["last_year"], year)]


def retired(rows: Iterable[dict[str, str]], year: FinancialYear) -> list[dict[str, str]]:
    return [row for row in rows if row["last_year"] and FinancialYear.parse(row["last_year"]) < year]


def repeated(dataset: str, table: str) -> tuple[str, ...]:
    """What a table of a census repeats from the records round it."""
    census = xml_files.CENSUSES.get(dataset)
    return next((record.repeats for record in census.records if record.table == table), ()) if census else ()


def test_every_published_table_is_registered() -> None:
    missing = {name for name in TABLES if not registered(*name) and not is_census_header(*name)}
    assert missing <= AWAITED
    assert {dataset for dataset, _ in REGISTERED} >= {"ssda903", "cin", "cld", "csww"}


@pytest.mark.parametrize(("dataset", "table"), REGISTERED)
def test_published_columns_are_in_the_layout_in_their_years_and_order(dataset: str, table: str) -> None:
    published = [row for row in LAYOUTS if (row["dataset"], row["table"]) == (dataset, table)]
    ours = registered(dataset, table)
    assert ours is not None
    for year in YEARS:
        collected = [column.name for column in ours.columns_in(year)]
        wanted = [
            row["column"] for row in sorted(valid(published, year), key=lambda row: int(row["position"]))
        ]
        assert [name for name in collected if name in wanted] == wanted, year
        assert set(collected) - {row["column"] for row in published} == set(
            repeated(dataset, table) if collected else ()
        ), year
        assert not set(collected) & {row["column"] for row in retired(published, year)}, year


@pytest.mark.parametrize("dataset", xml_files.CENSUSES)
def test_the_header_of_a_census_may_hold_all_its_published_elements(dataset: str, tmp_path: Path) -> None:
    names = [row["column"] for row in LAYOUTS if (row["dataset"], row["table"]) == (dataset, HEADER)]
    assert names
    elements = "".join(f"<{name}>1</{name}>" for name in names)
    path = tmp_path / "census.xml"
    path.write_text(f"<Message><Header>{elements}</Header></Message>", encoding="utf-8")
    assert xml_files.header(SimpleNamespace(path=path, name=path.name)) == dict.fromkeys(names, "1")


@pytest.mark.parametrize(
    ("code_set", "release"), dict.fromkeys((row["code_set"], row["release"]) for row in CODES)
)
def test_published_codes_are_in_the_code_set_in_their_years(code_set: str, release: str) -> None:
    published = [row for row in CODES if (row["code_set"], row["release"]) == (code_set, release)]
    for year in YEARS:
        ours = set(datasets.code_set(code_set, year, release or None))
        assert {row["code"] for row in valid(published, year)} <= ours, year
        assert not {row["code"] for row in retired(published, year)} & ours, year


def test_every_code_list_of_a_published_column_is_published() -> None:
    """A list nobody published would let the walk above pass over the codes of a column."""
    published = {row["code_set"] for row in CODES}
    for dataset, table in REGISTERED:
        ours = registered(dataset, table)
        assert ours is not None
        used = {column.code_set for column in ours.columns if column.code_set}
        assert used <= published or dataset == "annex_a", "Annex A publishes labels, not codes"


@pytest.mark.parametrize("dataset", dict.fromkeys(row["dataset"] for row in RULES))
def test_published_rules_are_checked_in_their_years(dataset: str, home: Path) -> None:
    published = [row for row in RULES if row["dataset"] == dataset and not row["status"]]
    for year in YEARS:
        tables = datasets.layout(dataset).tables_in(year)
        checked = {rule.code for table in tables for rule in rules(dataset, table.name, year)}
        assert {row["rule_code"] for row in valid(published, year)} - checked == set(), year
