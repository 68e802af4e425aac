"""Two systems that send the same: which counts, which identifiers are one, and what differs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from scrutiny import landing
from scrutiny.datasets import DATASETS, layout
from scrutiny.landing import Receipt
from scrutiny.periods import Month
from scrutiny.settings import settings
from scrutiny.staging import schema
from scrutiny.warehouse import write_inputs
from scrutiny.warehouse.systems import IDENTIFIERS, counted, identifiers, pairs, reconcile

OLD, NEW = "children_in_need", "children_in_need_new_system"
"""The feeds of ``seeds/feeds.yaml``: the new one counts from September 2025."""


def _receive(delivery_id: str, feed: str, month: str, year: int = 2025, **changes: Any) -> Receipt:
    fields: dict[str, Any] = {
        "delivery_id": delivery_id,
        "feed": feed,
        "authority_code": "999",
        "dataset": "cin",
        "source_system": "new_case_management" if feed == NEW else "case_management",
        "period_start": dt.date(year, 4, 1),
        "period_end": dt.date(year + 1, 3, 31),
        "load_month": month,
        "sequence": len(landing.receipts("999", "cin")) + 1,
        "name_as_sent": delivery_id,
        "location": delivery_id,
        "files": (),
        "received_at": dt.datetime(2025, 10, 1, tzinfo=dt.UTC),
        "outcome": "accepted",
    }
    receipt = landing.save(Receipt(**(fields | changes)))
    for table in layout(receipt.dataset).tables:
        _stage(receipt, table.name, [])
    return receipt


def _stage(receipt: Receipt, table: str, rows: Iterable[dict[str, Any]]) -> None:
    columns = schema(receipt.dataset, table)
    made = [
        {"authority_code": "999", "delivery_id": receipt.delivery_id, "row_number": number, **row}
        for number, row in enumerate(rows, 2)
    ]
    path = settings().staged / receipt.dataset / table / "authority=999" / f"{receipt.delivery_id}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(made, columns), path)


def _in_force(folder: Path, month: str, *, on_trial: bool = False) -> set[str]:
    write_inputs(folder, Month.parse(month), on_trial=on_trial)
    rows = pq.read_table(folder / "deliveries.parquet").to_pylist()
    return {row["delivery_id"] for row in rows if row["is_in_force"]}


def _referrals(*rows: tuple[str, str, str | None]) -> list[dict[str, Any]]:
    return [
        {"child_key": child, "referral_date": dt.date.fromisoformat(date), "primary_need_code": need}
        for child, date, need in rows
    ]


def _same(**keys: str) -> pa.Table:
    rows = [{"authority_code": "999", "key": key, "canonical_key": same} for key, same in keys.items()]
    return pa.Table.from_pylist(rows, IDENTIFIERS)


def test_only_the_system_that_counts_is_in_force(home: Path, tmp_path: Path) -> None:
    _receive("last year", OLD, "2025-07", 2024)
    _receive("old july", OLD, "2025-07")
    _receive("new july", NEW, "2025-07")
    _receive("new september", NEW, "2025-09")
    _receive("old september", OLD, "2025-09")
    assert _in_force(tmp_path, "2025-08") == {"last year", "old july"}
    assert _in_force(tmp_path, "2025-09") == {"last year", "new september"}, (
        "the new system's extract of the year takes the place of the old one's"
    )


def test_on_trial_the_other_system_counts_where_both_sent_the_same(home: Path) -> None:
    last_year = _receive("last year", OLD, "2025-07", 2024)
    _receive("old july", OLD, "2025-07")
    _receive("new july", NEW, "2025-07")
    _receive("old august", OLD, "2025-08")
    _receive("new august rejected", NEW, "2025-08", outcome="rejected")
    _receive("new september", NEW, "2025-09")
    known = landing.receipts()
    assert counted(known) == {"last year", "old july", "old august", "new september"}
    assert counted(known, on_trial=True) == {"last year", "new july", "old august", "new september"}
    (pair,) = pairs(known)
    assert (pair.old.delivery_id, pair.new.delivery_id) == ("old july", "new july")
    assert not pair.is_new_counted
    assert last_year.delivery_id not in {pair.old.delivery_id, pair.new.delivery_id}


def test_a_trial_reads_what_the_indicators_of_the_compared_extract_need(home: Path, tmp_path: Path) -> None:
    _receive("old july", OLD, "2025-07")
    _receive("new july", NEW, "2025-07")
    _receive("people", "populations", "2025-07", dataset="populations")
    _receive("adults", "adult_client_level", "2025-07", dataset="cld")
    assert _in_force(tmp_path, "2025-07") == {"old july", "people", "adults"}
    assert _in_force(tmp_path, "2025-07", on_trial=True) == {"new july", "people"}


def test_once_the_new_system_counts_it_is_still_the_new_one(home: Path) -> None:
    _receive("new september", NEW, "2025-09")
    _receive("old september", OLD, "2025-09")
    _receive("new september corrected", NEW, "2025-09")
    (pair,) = pairs(landing.receipts())
    assert (pair.old.delivery_id, pair.new.delivery_id) == ("old september", "new september corrected")
    assert pair.is_new_counted


def test_a_feed_that_is_no_longer_declared_counts(home: Path, tmp_path: Path) -> None:
    _receive("old july", "renamed since", "2025-07")
    assert _in_force(tmp_path, "2025-07") == {"old july"}


def test_only_what_counts_is_told_of_a_month(home: Path, tmp_path: Path) -> None:
    _receive("old july", OLD, "2025-07")
    _receive("new july", NEW, "2025-07", outcome="rejected")
    write_inputs(tmp_path, Month(2025, 9))
    rows = pq.read_table(tmp_path / "feed_status.parquet").to_pylist()
    status = {(row["feed"], row["load_month"]): row["status"] for row in rows if row["dataset"] == "cin"}
    assert status[OLD, "2025-07"] == "accepted"
    assert (NEW, "2025-07") not in status
    assert (OLD, "2025-09") not in status
    assert status[NEW, "2025-09"] == "not_arrived"


def test_mergers_and_doubles_become_one(home: Path, tmp_path: Path) -> None:
    receipt = _receive("map", "identifier_map", "2025-07", dataset="identifier_map")
    mapped = [("o1", "n1"), ("o2", "n2"), ("o2", "n3"), ("o3", "n4"), ("o4", "n4")]
    _stage(receipt, "identifiers", [{"old_key": old, "new_key": new} for old, new in mapped])
    found = {row["key"]: row["canonical_key"] for row in identifiers([receipt]).to_pylist()}
    assert found == {"n1": "o1", "n2": "o2", "n3": "o2", "n4": "o3", "o4": "o3"}
    _in_force(tmp_path, "2025-07")
    assert pq.read_table(tmp_path / "identifiers.parquet").equals(identifiers([receipt]))


def test_the_last_map_of_each_system_is_in_force(home: Path, tmp_path: Path) -> None:
    children, adults = {"child": "new_case_management"}, {"person": "other"}
    shared = {"dataset": "identifier_map", "period_start": dt.date(2025, 7, 1)}
    for name, month, whose in (("july", 7, children), ("august", 8, children), ("of adults", 7, adults)):
        end = Month(2025, month).end
        _receive(name, "identifier_map", f"2025-0{month}", identifiers_of=whose, period_end=end, **shared)
    assert _in_force(tmp_path, "2025-08") == {"august", "of adults"}


def test_records_are_matched_by_their_keys_and_compared_field_by_field(home: Path) -> None:
    old, new = _receive("old", OLD, "2025-07"), _receive("new", NEW, "2025-07")
    _stage(
        old,
        "cin_details",
        _referrals(
            ("o1", "2025-05-01", "N1"), ("o1", "2025-06-01", "N1"), ("o2", "2025-05-01", None),
            ("o3", "2025-05-01", "N1"), ("o3", "2025-05-01", "N2"),
        ),
    )  # fmt: skip
    _stage(
        new,
        "cin_details",
        _referrals(
            ("n1", "2025-05-01", "N2"), ("n1", "2025-06-02", "N1"), ("n2", "2025-05-01", "N3"),
            ("n3", "2025-05-01", "N1"), ("unknown", "2025-05-01", "N1"), ("double", "2025-05-01", "N3"),
        ),
    )  # fmt: skip
    tables, fields = reconcile(pairs(landing.receipts()), _same(n1="o1", n2="o2", n3="o3", double="o2"))
    (counts,) = (row for row in tables.to_pylist() if row["table_name"] == "cin_details")
    assert (counts["rows_old"], counts["rows_new"]) == (5, 6)
    assert counts["matched"] == 3
    assert (counts["only_old"], counts["only_new"]) == (1, 2)
    assert (counts["repeated_old"], counts["repeated_new"]) == (1, 1)
    assert counts["conflicting"] == 2
    assert (counts["old_system"], counts["new_system"]) == ("case_management", "new_case_management")
    differing = {row["column_name"]: row for row in fields.to_pylist() if row["conflicting"]}
    assert set(differing) == {"primary_need_code"}
    need = differing["primary_need_code"]
    assert (need["matched"], need["conflicting"]) == (3, 2)
    assert (need["only_old_filled"], need["only_new_filled"]) == (0, 1)


@given(
    rows=st.lists(
        st.tuples(
            st.integers(0, 9), st.dates(dt.date(2025, 4, 1), dt.date(2025, 7, 31)), st.sampled_from("AB")
        ),
        max_size=12,
    )
)
@hypothesis_settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_same_under_other_numbers_does_not_differ(
    home: Path, rows: list[tuple[int, dt.date, str]]
) -> None:
    for name, feed, prefix in (("old", OLD, "o"), ("new", NEW, "n")):
        made = [(f"{prefix}{child}", str(date), need) for child, date, need in rows]
        _stage(_receive(name, feed, "2025-07"), "cin_details", _referrals(*made))
    tables, fields = reconcile(
        pairs(landing.receipts()), _same(**{f"n{child}": f"o{child}" for child in range(10)})
    )
    assert sum(tables["rows_old"].to_pylist()) == sum(tables["rows_new"].to_pylist()) == len(rows)
    for column in ("only_old", "only_new", "conflicting"):
        assert set(tables[column].to_pylist()) == {0}, column
    assert set(fields["conflicting"].to_pylist()) == {0}


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_dataset_can_be_compared(home: Path, dataset: str) -> None:
    """Whatever the layout of a table: its keys, its identifiers, the columns it has."""
    from scrutiny.warehouse.systems import Pair

    one = _receive("one", OLD, "2025-07", dataset=dataset)
    tables, _ = reconcile([Pair(one, one, is_new_counted=False)], _same(n1="o1"))
    assert tables["table_name"].to_pylist() == [table.name for table in layout(dataset).tables]
    assert set(tables["matched"].to_pylist()) == {0}
