"""What each indicator reads, which tells what a data quality problem endangers."""

import csv

import pytest

from scrutiny import datasets
from scrutiny.settings import settings


def rows(name: str) -> list[dict[str, str]]:
    with (settings().seeds / name).open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


INDICATORS = {row["indicator_id"]: row for row in rows("indicators.csv")}
SOURCES = rows("indicator_sources.csv")


AVAILABLE = [key for key, row in INDICATORS.items() if not row["unavailable_reason"]]


@pytest.mark.parametrize("indicator", AVAILABLE)
def test_a_registered_indicator_says_what_it_reads(indicator: str) -> None:
    """One that cannot be had reads nothing."""
    register = INDICATORS[indicator]
    read = {row["dataset"] for row in SOURCES if row["indicator_id"] == indicator}
    if register["unavailable_reason"]:
        assert not register["source_datasets"]
        assert not read
        return
    assert set(register["source_datasets"].split("; ")) <= read
    if register["population_age_group"]:
        assert "populations" in read


@pytest.mark.parametrize("indicator", INDICATORS)
def test_a_figure_needs_an_extract_of_the_month_end_if_it_reads_how_things_are_on_that_day(
    indicator: str,
) -> None:
    tables = {(row["dataset"], row["table_name"]) for row in SOURCES if row["indicator_id"] == indicator}
    of_their_day = any(datasets.layout(name).table(table).is_as_on_its_day for name, table in tables)
    assert INDICATORS[indicator]["needs_extract"] == str(of_their_day).lower()


def test_what_is_read_is_a_column_of_a_layout_that_is_staged() -> None:
    for row in SOURCES:
        assert row["indicator_id"] in INDICATORS
        column = datasets.layout(row["dataset"]).table(row["table_name"]).column(row["column_name"])
        assert column.staged_as, f"{row['column_name']} is dropped at staging: no indicator can read it"
    assert len({tuple(row.values()) for row in SOURCES}) == len(SOURCES)
