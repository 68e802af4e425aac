"""Every indicator against figures worked out by hand from its definition.

``expected_evidence.csv`` says of each case what it counts as and why; ``seeds/golden_expected.csv`` gives the
totals of the month. Both are written from the definitions, never from what the models give.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
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
NOTHING = (Decimal(0),) * len(COUNTS)


@pytest.mark.parametrize("case", TOTALS, ids=lambda case: f"{case['indicator_id']}-{case['month']}")
def test_month_counts_as_worked_by_hand(golden_candidate: Path, case: dict[str, str]) -> None:
    """A month without counts in the list is unavailable: it has no row, which is not the same as zero."""
    with duckdb.connect(str(golden_candidate), read_only=True) as connection:
        found = connection.execute(
            f"select {', '.join(COUNTS)} from reporting.fct_measure_month "
            "where indicator_id = ? and month = ? and breakdown = 'all'",
            [case["indicator_id"], case["month"]],
        ).fetchall()
    expected = [tuple(_count(case[count]) for count in COUNTS)] if case["numerator"] else []
    assert found == expected, (
        f"{case['indicator_id']} {case['month']}: expected {_words(expected)}, found {_words(found)}. "
        f"Why: {case['why']}"
    )


@pytest.mark.parametrize("indicator_id", sorted({case["indicator_id"] for case in EVIDENCE}))
def test_each_case_counts_as_worked_by_hand(golden_candidate: Path, indicator_id: str) -> None:
    """In a month that has cases, nobody else may count."""
    cases = {
        (case["month"], case["subject"]): case for case in EVIDENCE if case["indicator_id"] == indicator_id
    }
    months = sorted({month for month, _ in cases})
    with duckdb.connect(str(golden_candidate), read_only=True) as connection:
        rows = connection.execute(
            """
            select
                month,
                coalesce(subject_key, 'nobody'),
                coalesce(max(exclusion_reason), ''),
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
    found = {
        (month, subject): (tuple(map(Decimal, counts)), reason) for month, subject, reason, *counts in rows
    }
    wrong = []
    for key in sorted(found.keys() | cases.keys()):
        case = cases.get(key)
        expected = (
            (tuple(Decimal(case[count]) for count in COUNTS), case["exclusion_reason"])
            if case
            else (NOTHING, "")
        )
        actual = found.get(key, (NOTHING, ""))
        if actual != expected:
            why = case["why"] if case else "there is no such case"
            wrong.append(
                f"{indicator_id} {key[0]} {key[1]}: expected {_words([expected[0]])} {expected[1]}, "
                f"found {_words([actual[0]])} {actual[1]}. Why: {why}"
            )
    assert not wrong, "\n" + "\n".join(wrong)


def test_every_case_is_listed_once() -> None:
    keys = Counter((case["indicator_id"], case["month"], case["subject"]) for case in EVIDENCE)
    assert [key for key, times in keys.items() if times > 1] == []


def test_totals_add_up_the_cases() -> None:
    """Both lists are worked by hand: where a month is in both, they must agree. Rates have a population."""
    registered = _rows(PROJECT / "seeds" / "indicators.csv")
    rates = {row["indicator_id"] for row in registered if row["statistic"] == "rate"}
    for total in TOTALS:
        month = (total["indicator_id"], total["month"])
        of_month = [case for case in EVIDENCE if (case["indicator_id"], case["month"]) == month]
        for count in COUNTS:
            if of_month and not (count == "denominator" and month[0] in rates):
                added = sum(Decimal(case[count]) for case in of_month)
                assert added == (_count(total[count]) or 0), (
                    f"{month} {count}: {added} in cases, {total[count]} in all"
                )


def test_every_registered_indicator_has_a_golden_case() -> None:
    registered = {
        row["indicator_id"]
        for row in _rows(PROJECT / "seeds" / "indicators.csv")
        if not row["unavailable_reason"]
    }
    assert {case["indicator_id"] for case in TOTALS} == registered
    assert {case["indicator_id"] for case in EVIDENCE} == registered


def _count(text: str) -> Decimal | None:
    """A count by itself has no denominator."""
    return Decimal(text) if text else None


def _words(counts: Sequence[tuple[Decimal | None, ...]]) -> str:
    if not counts:
        return "no figure"
    return ", ".join(
        f"{name} {'none' if value is None else format(value.normalize(), 'f')}"
        for name, value in zip(COUNTS, counts[0], strict=True)
    )


def test_an_action_is_open_until_somebody_says_how_it_ended(golden_candidate: Path) -> None:
    with duckdb.connect(str(golden_candidate), read_only=True) as connection:
        found = connection.execute(
            "select action_id, status, is_open, progress from reporting.mart_action order by all"
        ).fetchall()
    assert found == [
        ("action-done", "Done", False, "Agreed"),
        ("action-dropped", "Open", True, "Begun"),
        ("action-withdrawn", "Withdrawn", False, None),
    ]
