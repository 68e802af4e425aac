"""Every indicator against figures worked out by hand from its definition.

``expected_evidence.csv`` says of each case what it counts as and why; ``seeds/golden_expected.csv`` gives the
totals of the month. Both are written from the definitions, never from what the models give.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from scrutiny.settings import PROJECT

pytestmark = pytest.mark.integration


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


TOTALS = _rows(PROJECT / "seeds" / "golden_expected.csv")
EVIDENCE = _rows(Path(__file__).parent / "expected_evidence.csv")
COUNTS = ("numerator", "denominator", "not_known", "excluded")


@pytest.mark.parametrize("case", TOTALS, ids=lambda case: f"{case['indicator_id']}-{case['month']}")
def test_month_counts_as_worked_by_hand(golden_candidate: Path, case: dict[str, str]) -> None:
    with duckdb.connect(str(golden_candidate), read_only=True) as connection:
        found = connection.execute(
            f"select {', '.join(COUNTS)} from reporting.fct_measure_month "
            "where indicator_id = ? and month = ? and breakdown = 'all'",
            [case["indicator_id"], case["month"]],
        ).fetchall()
    assert found == [tuple(Decimal(case[count]) for count in COUNTS)], case["why"]


@pytest.mark.parametrize("indicator_id", sorted({case["indicator_id"] for case in EVIDENCE}))
def test_each_person_counts_as_worked_by_hand(golden_candidate: Path, indicator_id: str) -> None:
    expected: dict[tuple[str, str], tuple[Decimal, ...]] = {}
    why = {}
    for case in EVIDENCE:
        if case["indicator_id"] == indicator_id:
            key = (case["month"], case["subject"])
            before = expected.get(key, (Decimal(0),) * len(COUNTS))
            now = tuple(Decimal(case[count]) for count in COUNTS)
            expected[key] = tuple(a + b for a, b in zip(before, now, strict=True))
            why[key] = case["why"]
    months = sorted({month for month, _ in expected})
    with duckdb.connect(str(golden_candidate), read_only=True) as connection:
        rows = connection.execute(
            """
            select
                month,
                subject_key,
                sum(case when is_numerator and not is_excluded then numerator_weight else 0 end),
                sum(case when is_denominator and not is_excluded then denominator_weight else 0 end),
                sum(case when is_not_known and not is_excluded then 1 else 0 end),
                sum(case when is_excluded then 1 else 0 end)
            from fct_measure_evidence
            where indicator_id = ? and list_contains(?, month)
            group by 1, 2
            """,
            [indicator_id, months],
        ).fetchall()
    found = {(month, subject): tuple(Decimal(count) for count in counts) for month, subject, *counts in rows}
    nothing = (Decimal(0),) * len(COUNTS)
    wrong = {
        key: (found.get(key), expected.get(key), why.get(key, "no case says so"))
        for key in found.keys() | expected.keys()
        if found.get(key, nothing) != expected.get(key, nothing)
    }
    assert not wrong, wrong


def test_every_registered_indicator_has_a_golden_case() -> None:
    registered = {row["indicator_id"] for row in _rows(PROJECT / "seeds" / "indicators.csv")}
    assert {case["indicator_id"] for case in TOTALS} == registered
    assert {case["indicator_id"] for case in EVIDENCE} == registered
