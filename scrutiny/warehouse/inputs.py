"""What a build is told about its load: the deliveries it may use, and what each feed brought in a month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from scrutiny import landing
from scrutiny.datasets import DATASETS, layout
from scrutiny.declarations import IDENTIFIER_MAP
from scrutiny.feeds import Feed, feeds
from scrutiny.files import written_whole
from scrutiny.landing import Receipt
from scrutiny.orchestration import TIMEZONE
from scrutiny.periods import Month, working_days_between
from scrutiny.settings import settings
from scrutiny.staging import is_staged, write_empty_tables
from scrutiny.validation.history import HISTORY
from scrutiny.warehouse import systems
from scrutiny.warehouse.errors import WarehouseError

_DELIVERY = pa.schema(
    [
        ("delivery_id", pa.string()),
        ("feed", pa.string()),
        ("authority_code", pa.string()),
        ("dataset", pa.string()),
        ("source_system", pa.string()),
        ("is_counted", pa.bool_()),
        ("collection_year", pa.string()),
        ("name_as_sent", pa.string()),
        ("outcome", pa.string()),
        ("outcome_reason", pa.string()),
        ("load_month", pa.string()),
        ("sequence", pa.int64()),
        ("supersedes", pa.string()),
        ("period_start", pa.date32()),
        ("period_end", pa.date32()),
        ("as_at_date", pa.date32()),
        ("rows_received", pa.int64()),
        ("rows_staged", pa.int64()),
        ("rows_set_aside", pa.int64()),
        ("rows_queried", pa.int64()),
    ]
)

_DELIVERED_TABLE = pa.schema(
    [("delivery_id", pa.string()), ("table_name", pa.string()), ("is_as_on_its_day", pa.bool_())]
)

_FEED_STATUS = pa.schema(
    [
        ("feed", pa.string()),
        ("authority_code", pa.string()),
        ("dataset", pa.string()),
        ("load_month", pa.string()),
        ("due_date", pa.date32()),
        ("sent_date", pa.date32()),
        ("working_days_late", pa.int32()),
        ("status", pa.string()),
        ("reason", pa.string()),
    ]
)

TRIAL_VALUES = pa.schema(
    [
        ("authority_code", pa.string()),
        ("dataset", pa.string()),
        ("indicator_id", pa.string()),
        ("month", pa.string()),
        ("basis", pa.string()),
        ("numerator", pa.decimal128(18, 6)),
        ("denominator", pa.decimal128(18, 6)),
        ("value", pa.decimal128(18, 4)),
        ("status", pa.string()),
        ("is_new_counted", pa.bool_()),
    ]
)

# Of several systems that send the same, one counts. Deliveries are numbered anew, by load month and within it
# as received: one that arrives late takes its place among those of its month. Of the deliveries of one period
# (or one quarter or system, where the dataset says so) the last is in force; of those taken on one day, the
# last is in force at its date.
_IN_FORCE = """
with numbered as (
    select
        * replace (
            row_number() over (partition by authority_code, dataset order by load_month, sequence) as sequence
        ),
        outcome = 'accepted' and is_counted as is_usable
    from receipts
),
ranked as (
    select
        *,
        row_number() over (
            partition by is_usable, authority_code, dataset, supersedes
            order by period_end desc, sequence desc
        ) as newest_of_period,
        row_number() over (
            partition by is_usable, authority_code, dataset, supersedes, as_at_date
            order by period_end desc, sequence desc
        ) as newest_of_date,
        max(case when is_usable then period_end end) over (
            partition by authority_code, dataset
        ) as latest_period_end
    from numbered
)
select
    * exclude (is_usable, newest_of_period, newest_of_date, latest_period_end, supersedes),
    is_usable and newest_of_period = 1 as is_in_force,
    is_usable and newest_of_date = 1 as is_in_force_at_its_date,
    coalesce(is_usable and period_end = latest_period_end, false) as is_latest_period
from ranked
order by authority_code, dataset, sequence, delivery_id
"""


def write_inputs(folder: Path, month: Month, on: dt.date | None = None, *, on_trial: bool = False) -> None:
    """Write what a build reads about its load month as Parquet into ``folder``.

    That is ``deliveries``, ``delivered_tables``, ``feed_status``, ``validation``, ``identifiers`` (which
    stand for which) and what ``systems`` has to say of months in which two systems sent the same. Only
    receipts whose load month is ``month`` or earlier count, so an earlier month can be built again as it was.
    ``on`` is the day of looking: what was due before it and has not arrived is late; without it nothing is.
    ``on_trial`` lets the other system count in those months, and leaves out the datasets that no indicator of
    these needs. Also makes sure that every staged table can be read, if only as an empty one.
    """
    for name in DATASETS:
        write_empty_tables(name)
    known = receipts_until(month)
    _require_staged(known)
    counted = systems.counted(known, on_trial=on_trial)
    receipts = pa.Table.from_pylist([_delivery(receipt, counted) for receipt in known], schema=_DELIVERY)
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("receipts", receipts)
        deliveries = connection.execute(_IN_FORCE).to_arrow_table()
    in_force = set(deliveries.filter(deliveries["is_in_force"])["delivery_id"].to_pylist())
    identifiers = systems.identifiers(
        receipt for receipt in known if receipt.dataset == IDENTIFIER_MAP and receipt.delivery_id in in_force
    )
    pairs = systems.pairs(known)
    if on_trial:
        needed = pa.array(systems.datasets_beside({pair.new.dataset for pair in pairs}))
        deliveries = deliveries.filter(pc.is_in(deliveries["dataset"], needed))
    tables, fields = systems.reconcile(pairs, identifiers)
    status = pa.Table.from_pylist(list(_feed_status(known, month, on)), schema=_FEED_STATUS)
    for name, table in {
        "deliveries": deliveries,
        "delivered_tables": _delivered_tables(known),
        "feed_status": status,
        "validation": _validation(known),
        "identifiers": identifiers,
        "system_tables": tables,
        "system_fields": fields,
        "trial_values": TRIAL_VALUES.empty_table(),
    }.items():
        write_input(table, folder / f"{name}.parquet")


def receipts_until(month: Month) -> list[Receipt]:
    """Every receipt a build of a load month knows of, by authority, dataset and sequence."""
    return [receipt for receipt in landing.receipts() if receipt.load_month <= str(month)]


def _require_staged(known: list[Receipt]) -> None:
    """Raise WarehouseError if staged files of accepted deliveries are gone: figures would be zero."""
    gone = [r.delivery_id for r in known if r.outcome == "accepted" and not is_staged(r)]
    if gone:
        raise WarehouseError(
            f"The staged files of {len(gone)} accepted deliveries are not there, of {gone[0]} for one. "
            "Load the feeds of the month again: they are made again from the landing store."
        )


def _delivery(receipt: Receipt, counted: set[str]) -> dict[str, object]:
    counts = receipt.tables.values()
    return {
        **receipt.model_dump(include=set(_DELIVERY.names)),
        "as_at_date": receipt.as_at_date,
        "outcome_reason": _reason(receipt),
        "supersedes": systems.within(receipt),
        "is_counted": receipt.delivery_id in counted,
        "rows_received": sum(count["received"] for count in counts),
        "rows_staged": sum(count["staged"] for count in counts),
        "rows_set_aside": sum(count["set_aside"] for count in counts),
        "rows_queried": sum(count["queried"] for count in counts),
    }


def _delivered_tables(known: list[Receipt]) -> pa.Table:
    """The tables that came with each accepted delivery: what did not come is missing, not empty."""
    came = [
        {
            "delivery_id": receipt.delivery_id,
            "table_name": table.name,
            "is_as_on_its_day": table.is_as_on_its_day,
        }
        for receipt in known
        if receipt.outcome == "accepted"
        for table in layout(receipt.dataset).tables
        if table.name in receipt.tables
    ]
    return pa.Table.from_pylist(came, schema=_DELIVERED_TABLE)


def _reason(receipt: Receipt) -> str | None:
    if receipt.reason:
        return f"{receipt.reason.what} ({receipt.reason.where}). {receipt.reason.action}"
    if receipt.outcome == "duplicate":
        return f"The same files as delivery {receipt.duplicate_of}."
    return None


def _feed_status(
    known: list[Receipt], month: Month, on: dt.date | None
) -> Iterator[dict[str, str | int | dt.date | None]]:
    """One row a feed and month it counts in that expects or brought something, from its first delivery."""
    for feed in feeds():
        of_feed = [receipt for receipt in known if receipt.feed == feed.feed]
        first = min((Month.parse(receipt.load_month) for receipt in of_feed), default=month)
        current = first
        while current <= month:
            of_month = [receipt for receipt in of_feed if receipt.load_month == str(current)]
            if feed.counts(current) and (of_month or feed.expects(current)):
                status, reason = _status(feed, of_month)
                if not of_month and on and feed.is_overdue(current, on):
                    status = "late"
                due, sent = feed.due_date(current), _sent_date(of_month)
                yield {
                    "feed": feed.feed,
                    "authority_code": feed.authority_code,
                    "dataset": feed.dataset,
                    "load_month": str(current),
                    "due_date": due,
                    "sent_date": sent,
                    "working_days_late": working_days_between(due, sent) if due and sent else None,
                    "status": status,
                    "reason": reason,
                }
            current = current + 1


def _status(feed: Feed, of_month: list[Receipt]) -> tuple[str, str | None]:
    outcomes = {receipt.outcome for receipt in of_month}
    if not outcomes:
        return "not_arrived", f"The {_words(feed.feed)} extract of this month has not arrived."
    if "rejected" in outcomes:
        # The reasons name files as sent, and this is printed for the public: they are in mart_delivery.
        status = "accepted" if "accepted" in outcomes else "rejected"
        return status, f"The {_words(feed.feed)} extract of this month could not be used."
    if "accepted" in outcomes:
        return "accepted", None
    if outcomes == {"duplicate"}:
        return "duplicate", f"The {_words(feed.feed)} extract of this month was the one received before."
    return "received", f"The {_words(feed.feed)} extract of this month is not loaded yet."


def _sent_date(of_month: list[Receipt]) -> dt.date | None:
    """The day in England on which the first delivery to use was sent; failing that, the first as before."""
    for outcome in ("accepted", "duplicate"):
        sent = [receipt.sent_at or receipt.received_at for receipt in of_month if receipt.outcome == outcome]
        if sent:
            return min(sent).astimezone(TIMEZONE).date()
    return None


def _words(feed: str) -> str:
    return feed.replace("_", " ")


def _validation(known: list[Receipt]) -> pa.Table:
    """The history of validation results of the deliveries known, in one table."""
    files = [settings().staged / "validation" / f"{receipt.delivery_id}.parquet" for receipt in known]
    found = [pq.read_table(file, partitioning=None) for file in files if file.exists()]
    # A history written before a column was added has none of it.
    tables = pa.concat_tables([HISTORY.empty_table(), *found], promote_options="default")
    return tables.select(HISTORY.names)


def write_input(table: pa.Table, path: Path) -> None:
    """Write one table that a build reads."""
    with written_whole(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")
