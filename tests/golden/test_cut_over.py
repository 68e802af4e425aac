"""A system is replaced: histories join across it, nobody counts twice, both systems give the same figures.

The replaced system sent the year 2024-25 and both sent 2025-26 for September 2025, from when the new one
counts (``seeds/feeds.yaml``). What they sent is the same but for the children of ``ONLY_NEW``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scrutiny import landing
from scrutiny.datasets import layout
from scrutiny.periods import Month
from scrutiny.settings import settings
from scrutiny.staging import schema
from scrutiny.warehouse import build

pytestmark = pytest.mark.integration

OLD, NEW = "children_in_need", "children_in_need_new_system"

# Old number, new number. One child was entered twice in the new system, two old records were one child.
MAP = [
    ("old-again", "new-again"),
    ("old-plan", "new-plan"),
    ("old-doubled", "new-doubled"),
    ("old-doubled", "new-doubled-too"),
    ("old-merged-1", "new-merged"),
    ("old-merged-2", "new-merged"),
]
LAST_YEAR = [
    ("old-again", "2025-01-15"),
    ("old-merged-1", "2025-02-03"),
    ("not-in-the-map", "2025-03-03"),
]
THIS_YEAR = {
    OLD: [
        ("old-again", "2025-09-10"),
        ("old-plan", "2025-05-01"),
        ("old-doubled", "2025-09-12"),
        ("old-merged-2", "2025-09-15"),
    ],
    NEW: [
        ("new-again", "2025-09-10"),
        ("new-plan", "2025-05-01"),
        ("new-doubled", "2025-09-12"),
        ("new-doubled-too", "2025-09-12"),
        ("new-merged", "2025-09-15"),
    ],
}
NO_ROWS = {"received": 0, "staged": 0, "set_aside": 0, "queried": 0}
ONLY_NEW = ("not-in-the-map", "2025-09-16")
"""Its number is one of the old system too, of another child: the systems give the same numbers."""


def _keys(system: str, rows: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Staged rows. A key stands for its number and system, as a pseudonym does."""
    prefix = "" if system == OLD else "n:"
    return [
        {
            "child_key": prefix + child,
            "referral_date": dt.date.fromisoformat(date),
            "is_no_further_action": False,
        }
        for child, date in rows
    ]


def _deliver(
    name: str, feed: str, month: str, year: int | None = None, **tables: list[dict[str, Any]]
) -> None:
    dataset = "identifier_map" if year is None else "cin"
    receipt = landing.save(
        landing.Receipt(
            delivery_id=name,
            feed=feed,
            authority_code="999",
            dataset=dataset,
            source_system="case_management" if feed == OLD else "new_case_management",
            period_start=dt.date(year or 2025, 4, 1),
            period_end=dt.date((year or 2025) + 1, 3, 31),
            load_month=month,
            sequence=len(landing.receipts()) + 1,
            name_as_sent=name,
            location=name,
            files=(),
            received_at=dt.datetime(2025, 10, 1, tzinfo=dt.UTC),
            outcome="accepted",
            tables={table.name: NO_ROWS for table in layout(dataset).tables},
        )
    )
    for table in layout(dataset).tables:
        rows = [
            {"authority_code": "999", "delivery_id": name, "row_number": number, **row}
            for number, row in enumerate(tables.get(table.name, []), 2)
        ]
        path = settings().staged / dataset / table.name / "authority=999" / f"{receipt.delivery_id}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows, schema(dataset, table.name)), path)


def _plan(child: str) -> dict[str, Any]:
    return {
        "child_key": child,
        "referral_date": dt.date(2025, 2, 20),
        "plan_start_date": dt.date(2025, 3, 10),
        "previous_plan_count": 0,
    }


@pytest.fixture(scope="module")
def candidate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The candidate database of September 2025, the month of the cut-over."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SCRUTINY_HOME", str(tmp_path_factory.mktemp("cut-over")))
        environment.setenv("SCRUTINY_DEMO", "true")
        settings.cache_clear()
        _deliver("last-year", OLD, "2025-07", 2024, cin_details=_keys(OLD, LAST_YEAR),
                 child_protection_plans=[_plan("old-plan")])  # fmt: skip
        _deliver("old", OLD, "2025-09", 2025, cin_details=_keys(OLD, THIS_YEAR[OLD]),
                 child_protection_plans=[_plan("old-plan")])  # fmt: skip
        review = {"child_key": "n:new-plan", "plan_start_date": dt.date(2025, 3, 10),
                  "review_date": dt.date(2025, 9, 9)}  # fmt: skip
        _deliver("new", NEW, "2025-09", 2025, cin_details=_keys(NEW, [*THIS_YEAR[NEW], ONLY_NEW]),
                 child_protection_plans=[_plan("n:new-plan")], child_protection_reviews=[review])  # fmt: skip
        mapped = [
            {"old_key": old, "new_key": f"n:{new}", "identifier_kind_code": "child"} for old, new in MAP
        ]
        _deliver("map", "identifier_map", "2025-09", identifiers=mapped)
        yield build(Month(2025, 9))
    settings.cache_clear()


@pytest.fixture
def ask(candidate: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(candidate), read_only=True) as connection:
        yield connection


def _evidence(ask: duckdb.DuckDBPyConnection, indicator: str) -> dict[str, bool]:
    rows = ask.execute(
        "select subject_key, is_numerator from fct_measure_evidence "
        "where indicator_id = ? and month = '2025-09' and authority_code = '999' order by all",
        [indicator],
    ).fetchall()
    assert len(rows) == len(dict(rows)), "somebody counts twice"
    return dict(rows)


def test_a_re_referral_across_the_cut_over_is_found(ask: duckdb.DuckDBPyConnection) -> None:
    """By hand: of four referrals in September two are of children referred in the year before."""
    assert _evidence(ask, "FD07") == {
        "old-again": True,  # on 15 January, by the old system
        "old-doubled": False,  # entered twice in the new system
        "old-merged-1": True,  # on 3 February, as one of the two records that are one child
        "n:not-in-the-map": False,  # another child than the old system's of the same number
    }


def test_a_plan_of_the_old_system_reviewed_in_the_new_one_counts_once(ask: duckdb.DuckDBPyConnection) -> None:
    assert _evidence(ask, "CP06") == {"old-plan": True}


def test_what_differs_is_counted(ask: duckdb.DuckDBPyConnection) -> None:
    found = ask.execute(
        "select table_name, matched, only_old, only_new, repeated_old, repeated_new, conflicting "
        "from reporting.mart_system_reconciliation where rows_old + rows_new > 0 order by all"
    ).fetchall()
    assert found == [
        ("child_protection_plans", 1, 0, 0, 0, 0, 0),
        ("child_protection_reviews", 0, 0, 1, 0, 0, 0),
        ("cin_details", 4, 0, 1, 0, 1, 0),
    ]


def test_both_systems_give_the_same_but_for_what_one_has_alone(ask: duckdb.DuckDBPyConnection) -> None:
    found = ask.execute(
        "select indicator_id, basis, numerator_old, numerator_new, denominator_old, denominator_new "
        "from reporting.mart_system_reconciliation_indicator order by all"
    ).fetchall()
    assert {indicator for indicator, *_ in found} >= {"FD06", "FD07", "FD08", "CP01", "CP06"}
    differing = [row for row in found if row[2:4] != (None, None) and (row[2] != row[3] or row[4] != row[5])]
    by_hand = {
        "FD06": (3, 4),  # referrals of September
        "FD07": (2, 2),
        "FD08": (0, 0),
    }
    assert {
        indicator: (old, new) for indicator, basis, old, new, *_ in found if basis == "month"
    } | by_hand == {indicator: (old, new) for indicator, basis, old, new, *_ in found if basis == "month"}
    # the referral that only the new system has: among referrals, by source, and among open cases
    assert {indicator for indicator, *_ in differing} == {
        "FD06", "FD07", "FD08", "FD09", "FD10", "FD10A", "FD10B", "FD14", "FD15",
    }  # fmt: skip
