"""The page that compares a replaced system with its successor: what it says, and when there is one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from lxml import html

from scrutiny.periods import Month
from scrutiny.reports.reconciliation import write_reconciliation_page
from scrutiny.settings import PROJECT, settings
from scrutiny.warehouse import WarehouseError

SEPTEMBER = Month(2025, 9)
CONTRACT = yaml.safe_load((PROJECT / "dbt_project/models/marts/_systems.yml").read_text(encoding="utf-8"))
PAIR = {
    "authority_code": "999",
    "dataset": "cin",
    "load_month": "2025-09",
    "period_start": dt.date(2025, 4, 1),
    "period_end": dt.date(2026, 3, 31),
    "old_system": "case_management",
    "new_system": "new_case_management",
    "table_name": "cin_details",
}
COUNTS = {
    "rows_old": 1200, "rows_new": 1203, "matched": 1195, "only_old": 5, "only_new": 6,
    "repeated_old": 0, "repeated_new": 2, "conflicting": 12,
}  # fmt: skip
NONE_ELSEWHERE = dict.fromkeys(COUNTS, 0)


def effect(indicator: str, basis: str, old: float | None, new: float | None) -> dict[str, Any]:
    return {
        "authority_code": "999", "dataset": "cin", "indicator_id": indicator,
        "month": "2025-09", "basis": basis,
        "indicator_version": 1,
        "numerator_old": 30, "numerator_new": 31, "denominator_old": 100, "denominator_new": 100,
        "value_old": old, "value_new": new, "is_new_counted": True,
        "status_old": "unavailable" if old is None else "available",
        "status_new": "unavailable" if new is None else "available",
    }  # fmt: skip


def fill(copy: Path, **rows: list[dict[str, Any]]) -> None:
    """Make the three marts as their contract says, and fill them."""
    copy.chmod(0o644)
    with duckdb.connect(str(copy)) as database:
        for model in CONTRACT["models"]:
            columns = ", ".join(f"{column['name']} {column['data_type']}" for column in model["columns"])
            database.execute(f"create or replace table reporting.{model['name']} ({columns})")
            for row in rows.get(model["name"].removeprefix("mart_system_"), []):
                values = ", ".join(f"${name}" for name in row)
                database.execute(
                    f"insert into reporting.{model['name']} ({', '.join(row)}) values ({values})", row
                )


@pytest.fixture
def copy(reporting: Path) -> Path:
    return reporting / "2025-09_r1.duckdb"


@pytest.fixture
def page(copy: Path) -> Path:
    with duckdb.connect(str(copy), read_only=True) as database:
        (indicator,) = database.execute(
            "select indicator_id from reporting.dim_indicator where unit = 'percent' order by all limit 1"
        ).fetchone() or ("",)
    differing = PAIR | {"column_name": "primary_need_code", "matched": 1195, "conflicting": 12,
                        "only_old_filled": 1, "only_new_filled": 3}  # fmt: skip
    fill(
        copy,
        reconciliation=[
            PAIR | COUNTS,
            PAIR | NONE_ELSEWHERE | {"table_name": "children", "matched": 7, "rows_old": 7, "rows_new": 7},
            PAIR | NONE_ELSEWHERE | {"load_month": "2025-08", "only_old": 44},
        ],
        reconciliation_field=[differing],
        reconciliation_indicator=[effect(indicator, "month", 30, 31), effect(indicator, "quarter", None, 31)],
    )
    written = write_reconciliation_page(SEPTEMBER)
    assert written == settings().boards / "2025-09" / "reconciliation.html"
    return written


def table(page: Path, caption: str) -> list[list[str]]:
    tree = html.fromstring(page.read_bytes())
    (found,) = (t for t in tree.iter("table") if caption in t.findtext("caption", ""))
    rows = [row for row in found.iter("tr") if row.find("td") is not None]
    return [[" ".join(cell.text_content().split()) for cell in row] for row in rows]


def test_the_page_says_which_system_counts_and_how_much_differs(page: Path) -> None:
    text = " ".join(html.fromstring(page.read_bytes()).text_content().split())
    assert "new case management replaces case management: it counts from September 2025" in text
    assert "The figures of September 2025 are made from new case management" in text
    assert (
        "Of 1,202 records that both have, 12 differ; 5 are in the old system alone, 6 in the new one alone"
        in text
    )


def test_records_and_fields_are_counted(page: Path) -> None:
    counted = {row[0]: row[1:] for row in table(page, "Records of the old and of the new system")}
    assert counted["cin details, 2025-04 to 2026-03"] == ["1,200", "1,203", "1,195", "5", "6", "0", "2", "12"]
    assert table(page, "Fields that differ") == [
        ["primary need code cin details, 2025-04 to 2026-03", "12", "1,195", "1", "3"]
    ]
    assert table(page, "by load month") == [
        ["September 2025", "1,202", "5", "6", "12"],
        ["August 2025", "0", "44", "0", "0"],
    ]


def test_each_indicator_is_shown_by_either_system(page: Path) -> None:
    month, quarter = sorted(table(page, "Indicators by the old"), key=lambda row: row[1])
    assert month[1:] == ["the month", "30.0% 30 of 100", "31.0% 31 of 100"]
    assert quarter[1:] == ["the quarter", "unavailable", "31.0% 31 of 100"]


def test_a_month_one_system_sent_has_no_page(page: Path, copy: Path) -> None:
    fill(copy, reconciliation=[PAIR | COUNTS | {"load_month": "2025-08"}])
    assert write_reconciliation_page(SEPTEMBER) is None
    assert not page.exists(), "the page of an earlier load would not be true"


def test_each_of_several_authorities_has_its_own_page(copy: Path) -> None:
    with duckdb.connect(str(copy)) as database:
        database.execute(
            "insert into reporting.dim_authority by name "
            "select '998' as authority_code, 'Merrow' as authority_name"
        )
    fill(copy, reconciliation=[PAIR | COUNTS, PAIR | COUNTS | {"authority_code": "998"}])
    whole = write_reconciliation_page(SEPTEMBER)
    assert whole
    assert "Merrow" in whole.read_text(encoding="utf-8")
    assert "Merrow" not in (whole.parent / "999" / whole.name).read_text(encoding="utf-8")


def test_a_month_that_was_never_promoted_cannot_be_compared(reporting: Path) -> None:
    with pytest.raises(WarehouseError, match="load the month first"):
        write_reconciliation_page(Month(2024, 1))


def test_a_count_has_nothing_it_is_out_of(copy: Path) -> None:
    with duckdb.connect(str(copy), read_only=True) as database:
        (indicator,) = database.execute(
            "select indicator_id from reporting.dim_indicator order by all limit 1"
        ).fetchone() or ("",)
    counted = effect(indicator, "month", 30, 31) | {"denominator_old": None, "denominator_new": None}
    fill(copy, reconciliation=[PAIR | COUNTS], reconciliation_indicator=[counted])
    page = write_reconciliation_page(SEPTEMBER)
    (row,) = table(page, "Indicators")
    assert not any(" of " in cell for cell in row[1:])
