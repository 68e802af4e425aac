"""Every indicator against figures worked out by hand from its definition (seeds/golden_expected.csv)."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from scrutiny.settings import PROJECT

pytestmark = pytest.mark.integration

with (PROJECT / "seeds" / "golden_expected.csv").open(newline="", encoding="utf-8") as lines:
    EXPECTED = list(csv.DictReader(lines))

COUNTS = ("numerator", "denominator", "not_known", "excluded")


@pytest.mark.parametrize("case", EXPECTED, ids=lambda case: f"{case['indicator_id']}-{case['month']}")
def test_month_counts_as_worked_by_hand(golden_candidate: Path, case: dict[str, str]) -> None:
    with duckdb.connect(str(golden_candidate), read_only=True) as connection:
        found = connection.execute(
            f"select {', '.join(COUNTS)} from reporting.fct_measure_month "
            "where indicator_id = ? and month = ? and breakdown = 'all'",
            [case["indicator_id"], case["month"]],
        ).fetchall()
    expected = [tuple(Decimal(case[count]) for count in COUNTS)] if case["numerator"] else []
    assert found == expected, case["why"]


def test_every_registered_indicator_has_a_golden_case() -> None:
    with (PROJECT / "seeds" / "indicators.csv").open(newline="", encoding="utf-8") as lines:
        registered = {row["indicator_id"] for row in csv.DictReader(lines)}
    assert {case["indicator_id"] for case in EXPECTED} == registered
