"""Which deliveries a build may use, and what it is told about feeds that brought nothing to use."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from scrutiny import landing
from scrutiny.datasets import layout
from scrutiny.landing import Reason
from scrutiny.periods import Month
from scrutiny.settings import settings
from scrutiny.staging import schema
from scrutiny.warehouse import WarehouseError, write_inputs

SEPTEMBER = Month(2025, 9)


def _receive(delivery_id: str, sequence: int, **changes: Any) -> None:
    fields: dict[str, Any] = {
        "delivery_id": delivery_id,
        "feed": "children_looked_after",
        "authority_code": "999",
        "dataset": "ssda903",
        "source_system": "case_management",
        "collection_year": "2025-26",
        "period_start": dt.date(2025, 4, 1),
        "period_end": dt.date(2026, 3, 31),
        "load_month": "2025-09",
        "sequence": sequence,
        "name_as_sent": delivery_id,
        "location": delivery_id,
        "files": (),
        "received_at": dt.datetime(2025, 10, 1, tzinfo=dt.UTC),
        "outcome": "accepted",
    }
    receipt = landing.save(landing.Receipt(**(fields | changes)))
    if receipt.outcome == "accepted":
        for table in layout(receipt.dataset).tables:
            staged = settings().staged / receipt.dataset / table.name / f"authority={receipt.authority_code}"
            staged.mkdir(parents=True, exist_ok=True)
            empty = schema(receipt.dataset, table.name).empty_table()
            pq.write_table(empty, staged / f"{delivery_id}.parquet")


@pytest.fixture
def folder(home: Path, tmp_path: Path) -> Path:
    return tmp_path


def _deliveries(folder: Path, month: Month = SEPTEMBER) -> dict[str, dict[str, Any]]:
    write_inputs(folder, month)
    rows = pq.read_table(folder / "deliveries.parquet").to_pylist()
    return {row["delivery_id"]: row for row in rows}


def _status(folder: Path) -> dict[tuple[str, str], tuple[str, str]]:
    write_inputs(folder, SEPTEMBER)
    rows = pq.read_table(folder / "feed_status.parquet").to_pylist()
    return {(row["feed"], row["load_month"]): (row["status"], row["reason"]) for row in rows}


def test_the_last_delivery_of_a_period_is_in_force(folder: Path) -> None:
    _receive("last year", 1, period_end=dt.date(2025, 3, 31), load_month="2025-07")
    _receive("august", 2, load_month="2025-08")
    _receive("september", 3)
    _receive("september corrected", 4)
    found = _deliveries(folder)
    assert {name for name, row in found.items() if row["is_in_force"]} == {"last year", "september corrected"}
    assert {name for name, row in found.items() if row["is_latest_period"]} == {
        "august",
        "september",
        "september corrected",
    }


def test_what_arrives_late_takes_its_place_among_those_of_its_month(folder: Path) -> None:
    _receive("july", 1, load_month="2025-07")
    _receive("september", 2)
    _receive("august, late", 3, load_month="2025-08")
    found = _deliveries(folder)
    assert {name: row["sequence"] for name, row in found.items()} == {
        "july": 1,
        "august, late": 2,
        "september": 3,
    }
    assert {name for name, row in found.items() if row["is_in_force"]} == {"september"}


def test_an_extract_stands_for_its_month_end_or_the_end_of_its_period(folder: Path) -> None:
    _receive("last year", 1, period_end=dt.date(2025, 3, 31), load_month="2025-07")
    _receive("august", 2, load_month="2025-08")
    _receive("september", 3)
    found = _deliveries(folder)
    assert {name: row["as_at_date"] for name, row in found.items()} == {
        "last year": dt.date(2025, 3, 31),
        "august": dt.date(2025, 8, 31),
        "september": dt.date(2025, 9, 30),
    }
    assert all(row["is_in_force_at_its_date"] for row in found.values())


def test_a_rejected_delivery_does_not_replace_an_accepted_one(folder: Path) -> None:
    _receive("august", 1, load_month="2025-08")
    _receive("september", 2, outcome="rejected", reason=_REASON)
    found = _deliveries(folder)
    assert found["august"]["is_in_force"]
    assert not found["september"]["is_in_force"]
    assert not found["september"]["is_latest_period"]


def test_an_earlier_month_is_built_as_it_was_known_then(folder: Path) -> None:
    _receive("august", 1, load_month="2025-08")
    _receive("september", 2)
    found = _deliveries(folder, Month(2025, 8))
    assert set(found) == {"august"}
    assert found["august"]["is_in_force"]


def test_a_feed_that_brought_nothing_to_use_says_why(folder: Path) -> None:
    _receive("july", 1, load_month="2025-07")
    _receive("august", 2, load_month="2025-08", outcome="rejected", reason=_REASON)
    status = _status(folder)
    assert status["children_looked_after", "2025-07"] == ("accepted", None)
    assert status["children_looked_after", "2025-08"] == (
        "rejected",
        "The children looked after extract of this month could not be used.",
    )
    assert status["children_looked_after", "2025-09"] == (
        "not_arrived",
        "The children looked after extract of this month has not arrived.",
    )


def test_the_same_bytes_again_are_not_an_extract_of_the_month(folder: Path) -> None:
    _receive("august", 1, load_month="2025-08")
    _receive("september", 2, outcome="duplicate", duplicate_of="august")
    assert _status(folder)["children_looked_after", "2025-09"][0] == "duplicate"


def test_a_feed_is_missed_only_in_the_months_that_expect_it(folder: Path) -> None:
    _receive("census", 1, feed="workforce_census", dataset="csww", load_month="2025-07")
    _receive("commentary", 1, feed="commentary", dataset="commentary", load_month="2025-06")
    status = _status(folder)
    assert [month for feed, month in status if feed == "workforce_census"] == ["2025-07", "2025-09"]
    assert [month for feed, month in status if feed == "commentary"] == ["2025-06", "2025-09"]


def test_what_has_not_arrived_is_late_once_the_day_of_looking_is_past_its_due_day(folder: Path) -> None:
    _receive("july", 1, load_month="2025-07")

    def looked_at(on: dt.date | None) -> list[tuple[str, dt.date]]:
        write_inputs(folder, SEPTEMBER, on)
        rows = pq.read_table(folder / "feed_status.parquet").to_pylist()
        found = [row for row in rows if row["feed"] == "children_looked_after"]
        return [(row["status"], row["due_date"]) for row in found]

    august, september = dt.date(2025, 9, 5), dt.date(2025, 10, 7)
    assert looked_at(None) == [
        ("accepted", dt.date(2025, 8, 7)),
        ("not_arrived", august),
        ("not_arrived", september),
    ]
    assert looked_at(september)[1:] == [("late", august), ("not_arrived", september)]
    assert looked_at(september + dt.timedelta(days=1))[1:] == [("late", august), ("late", september)]


def test_the_first_delivery_that_could_be_used_says_how_late_a_feed_was(folder: Path) -> None:
    def sent(day: int, hour: int = 15) -> dt.datetime:
        return dt.datetime(2025, 10, day, hour, tzinfo=dt.UTC)

    _receive("cut off", 1, outcome="rejected", reason=_REASON, sent_at=sent(6))
    _receive("september", 2, sent_at=sent(9, 23), received_at=sent(15))
    _receive("september corrected", 3, sent_at=sent(14))
    write_inputs(folder, SEPTEMBER)
    (row,) = (
        r
        for r in pq.read_table(folder / "feed_status.parquet").to_pylist()
        if r["feed"] == "children_looked_after"
    )
    assert row["due_date"] == dt.date(2025, 10, 7)
    assert row["sent_date"] == dt.date(2025, 10, 10), "it was midnight in England"
    assert row["working_days_late"] == 3


def test_a_receipt_of_before_the_time_was_kept_counts_as_sent_when_received(folder: Path) -> None:
    _receive("september", 1)
    _receive("nothing to use", 2, feed="visits", dataset="visits", outcome="rejected", reason=_REASON)
    write_inputs(folder, SEPTEMBER)
    rows = {row["feed"]: row for row in pq.read_table(folder / "feed_status.parquet").to_pylist()}
    assert rows["children_looked_after"]["sent_date"] == dt.date(2025, 10, 1)
    assert rows["children_looked_after"]["working_days_late"] == 0
    assert rows["visits"]["working_days_late"] is None


def test_a_build_is_told_which_tables_came_with_a_delivery(folder: Path) -> None:
    none = landing.TableCounts(received=0, staged=0, set_aside=0, queried=0)
    _receive("september", 1, tables={"header": none, "episodes": none, "oc2": none})
    _receive("again", 2, tables={"header": none, "episodes": none}, outcome="rejected", reason=_REASON)
    write_inputs(folder, SEPTEMBER)
    assert pq.read_table(folder / "delivered_tables.parquet").to_pylist() == [
        {"delivery_id": "september", "table_name": "header", "is_as_on_its_day": False},
        {"delivery_id": "september", "table_name": "episodes", "is_as_on_its_day": False},
        {"delivery_id": "september", "table_name": "oc2", "is_as_on_its_day": True},
    ]


def test_every_staged_table_can_be_read_before_anything_came(folder: Path, home: Path) -> None:
    write_inputs(folder, SEPTEMBER)
    episodes = pq.read_table(home / "staged/ssda903/episodes", partitioning=None)
    assert episodes.num_rows == 0
    assert "episode_start_date" in episodes.column_names


_REASON = Reason(rule="cut_off", what="The file is cut off", where="episodes.csv", action="Send it again.")


def test_of_the_client_level_files_of_a_quarter_the_last_is_in_force(folder: Path) -> None:
    """What was withdrawn or corrected inside a quarter must not go on counting from an earlier file of it."""
    ends = {
        "june": dt.date(2025, 6, 30),
        "july": dt.date(2025, 7, 31),
        "august": dt.date(2025, 8, 31),
        "september": dt.date(2025, 9, 30),
    }
    for sequence, (name, end) in enumerate(ends.items(), 1):
        month = f"{end:%Y-%m}"
        _receive(name, sequence, dataset="cld", feed="adult_client_level", period_end=end, load_month=month)
    found = _deliveries(folder)
    assert {name for name, row in found.items() if row["is_in_force"]} == {"june", "september"}
    assert all(row["is_in_force_at_its_date"] for row in found.values())


def test_a_correction_of_one_month_leaves_the_history_in_force(folder: Path) -> None:
    establishment = {"dataset": "establishment", "feed": "establishment", "period_end": dt.date(2025, 6, 30)}
    _receive("history", 1, period_start=dt.date(2023, 4, 1), **establishment)
    _receive("june again", 2, period_start=dt.date(2025, 6, 1), **establishment)
    assert [row["is_in_force"] for row in _deliveries(folder).values()] == [True, True]


def test_a_build_without_staged_files_that_should_be_there_does_not_start(folder: Path) -> None:
    _receive("september", 1)
    (settings().staged / "ssda903" / "reviews" / "authority=999" / "september.parquet").unlink()
    with pytest.raises(WarehouseError, match="of september for one"):
        write_inputs(folder, SEPTEMBER)
