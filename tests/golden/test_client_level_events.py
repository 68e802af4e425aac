"""Events of client level data, each once however many files repeat it, against a list made by hand."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest

pytestmark = pytest.mark.integration

EXPECTED = Path(__file__).parent / "expected_client_level_events.csv"


def test_each_event_of_the_cases_counts_once(golden_candidate: Path) -> None:
    with EXPECTED.open(newline="", encoding="utf-8") as lines:
        expected = [tuple(row.values())[:-1] for row in csv.DictReader(lines)]
    clients = sorted({row[0] for row in expected})
    with duckdb.connect(str(golden_candidate), read_only=True) as connection:
        found = connection.execute(
            """
            select client_key, event_type, event_start_date::varchar, coalesce(event_end_date::varchar, ''),
                coalesce(event_outcome, '')
            from int_cld__events where list_contains(?, client_key)
            """,
            [clients],
        ).fetchall()
    assert sorted(found) == sorted(expected)
