"""The monthly load of one feed: receive what has arrived, check it, stage it."""

from __future__ import annotations

import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scrutiny import datasets, landing
from scrutiny.feeds.fetching import fetch
from scrutiny.periods import Month
from scrutiny.settings import SettingsError, settings
from scrutiny.staging import is_staged, require_same_key, stage, write_empty_tables
from scrutiny.validation import (
    OpenDelivery,
    Rejection,
    SuiteError,
    ValidationBug,
    report_unreadable,
    validate,
    write_reports,
)

if TYPE_CHECKING:
    from scrutiny.feeds import Feed
    from scrutiny.landing import Receipt


@dataclass(frozen=True)
class FeedLoad:
    """What a load did, in counts: deliveries by what became of them, and rows of the accepted ones."""

    feed: str
    month: str
    accepted: int
    rejected: int
    duplicates: int
    rows_received: int
    rows_staged: int
    rows_set_aside: int


class LoadBug(RuntimeError):  # noqa: N818 - it reads as what it is
    """A fault of Scrutiny met while loading a delivery. Names the delivery and the place, never a value."""


def load_feed(feed: Feed, month: Month) -> FeedLoad:
    """Fetch, receive, read, validate and stage every delivery of a feed up to a load month.

    A delivery that cannot be used is rejected, with a receipt and a report, and the next one is loaded. A
    delivery received by a run that was killed is taken up again, and so is an accepted one whose staged files
    are gone: running twice ends where running once does. Raises SettingsError without a pseudonym key or with
    another than before, FeedError if the source cannot be read, and LoadBug for anything unforeseen.
    """
    require_same_key(settings().secret())
    write_empty_tables(feed.dataset)
    fetch(feed, month)
    arrived = landing.receive(feed, month)
    known = [
        receipt
        for receipt in landing.receipts(feed.authority_code, feed.dataset)
        if receipt.feed == feed.feed and receipt.load_month <= str(month)
    ]
    _report_rejected(known)
    # An earlier period first: the rules of a delivery look back at those before.
    waiting = sorted(
        known, key=lambda receipt: (str(receipt.collection_year), str(receipt.period_end), receipt.sequence)
    )
    loaded = [
        _load(receipt)
        for receipt in waiting
        if receipt.outcome == "received" or (receipt.outcome == "accepted" and not is_staged(receipt))
    ]
    done = loaded + [receipt for receipt in arrived if receipt.outcome not in ("received", "accepted")]
    rows = [
        counts for receipt in loaded if receipt.outcome == "accepted" for counts in receipt.tables.values()
    ]
    return FeedLoad(
        feed=feed.feed,
        month=str(month),
        accepted=sum(receipt.outcome == "accepted" for receipt in done),
        rejected=sum(receipt.outcome == "rejected" for receipt in done),
        duplicates=sum(receipt.outcome == "duplicate" for receipt in done),
        rows_received=sum(counts["received"] for counts in rows),
        rows_staged=sum(counts["staged"] for counts in rows),
        rows_set_aside=sum(counts["set_aside"] for counts in rows),
    )


def _report_rejected(known: list[Receipt]) -> None:
    """What landing already rejected gets its report here, also if an earlier run was killed before it."""
    for receipt in known:
        report = settings().quarantine / receipt.delivery_id / "report.html"
        if receipt.outcome == "rejected" and receipt.reason and not report.is_file():
            report_unreadable(receipt, Rejection(**receipt.reason.model_dump()))


def _load(receipt: Receipt) -> Receipt:
    """Load one delivery. A fault unforeseen is told by kind and place: its own words may hold values."""
    try:
        return _process(receipt)
    except (OSError, SettingsError, SuiteError, ValidationBug):
        raise  # these speak of files, settings and rules only
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        fault = f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
    # Raised here, where the fault is no longer at hand: a traceback would carry its words and its variables.
    raise LoadBug(
        f"delivery {receipt.delivery_id} could not be loaded: {fault}. This is a fault of Scrutiny."
    )


def _process(receipt: Receipt) -> Receipt:
    try:
        tables = datasets.read(receipt)
    except datasets.Unreadable as fault:
        rejection = Rejection(fault.rule, fault.what, fault.where, fault.action)
        report_unreadable(receipt, rejection)
        return _save(receipt, "rejected", rejection, {})
    with OpenDelivery(receipt, tables) as delivery:
        result = validate(delivery)
        write_reports(delivery, result)
        staged = {} if result.rejection else stage(delivery, result)
        counts = {
            table: {
                "received": received,
                "staged": staged.get(table, 0),
                "set_aside": result.set_aside[table],
                "queried": result.queried[table],
            }
            for table, received in result.received.items()
            if table in tables  # what did not come is not the same as what came without rows
        }
    return _save(receipt, "rejected" if result.rejection else "accepted", result.rejection, counts)


def _save(
    receipt: Receipt, outcome: str, rejection: Rejection | None, tables: dict[str, dict[str, int]]
) -> Receipt:
    """Written last: until then the delivery counts as received, and a new run starts it again."""
    reason = asdict(rejection) if rejection else None
    done = receipt.model_validate(
        {**receipt.model_dump(), "outcome": outcome, "reason": reason, "tables": tables}
    )
    landing.save(done)
    return done
