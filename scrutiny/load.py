"""The monthly load of one feed: receive what has arrived, check it, stage it."""

from __future__ import annotations

import traceback
from collections.abc import Set
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scrutiny import datasets, landing
from scrutiny.feeds.fetching import fetch
from scrutiny.periods import Month
from scrutiny.settings import SettingsError, settings
from scrutiny.staging import is_staged, require_same_key, stage, withdraw, write_empty_tables
from scrutiny.validation import (
    OpenDelivery,
    Rejection,
    SuiteError,
    ValidationBug,
    held_against,
    report_unreadable,
    validate,
    withdraw_reports,
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
    are gone, or one that was held against other deliveries than there are now: running twice ends where
    running once does, whatever the order in which the deliveries of different months came. Raises
    SettingsError without a pseudonym key or with another than before, FeedError if the source cannot be read,
    and LoadBug for anything unforeseen.
    """
    _prepare(feed)
    fetch(feed, month)
    new = {receipt.delivery_id for receipt in landing.receive(feed, month)}
    return load_received(feed, month, new)


def load_received(feed: Feed, month: Month, new: Set[str] = frozenset()) -> FeedLoad:
    """Read, validate and stage every delivery of a feed that is in the landing store and waits for it.

    ``new`` names those just received, which are counted whatever becomes of them. Raises as ``load_feed``.
    """
    _prepare(feed)
    touched = set(new)
    # Again until nothing waits: a delivery that is rejected changes what others repeat or are held against.
    while loaded := _load_waiting(feed, month):
        touched |= loaded
    done = [
        receipt
        for receipt in landing.receipts(feed.authority_code, feed.dataset)
        if receipt.delivery_id in touched
    ]
    rows = [counts for receipt in done if receipt.outcome == "accepted" for counts in receipt.tables.values()]
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


def _prepare(feed: Feed) -> None:
    require_same_key(settings().secret())
    write_empty_tables(feed.dataset)


def _load_waiting(feed: Feed, month: Month) -> set[str]:
    """Settle which deliveries repeat others, then load each that waits, in turn; gives the ids of these."""
    known = {
        receipt.delivery_id: receipt
        for receipt in landing.receipts(feed.authority_code)
        if receipt.load_month <= str(month)
    }
    settled = landing.settle_duplicates(feed, [r for r in known.values() if r.dataset == feed.dataset])
    known |= {receipt.delivery_id: receipt for receipt in settled}
    ours = [receipt for receipt in settled if receipt.feed == feed.feed]
    loaded = set()
    # Those that could not be recognised come last: their reports say what became of the one before.
    for receipt in sorted(ours, key=lambda receipt: (receipt.period_end is None, receipt.turn)):
        if receipt.outcome == "duplicate":
            withdraw(receipt)
            withdraw_reports(receipt)
            continue
        against = held_against(receipt, list(known.values()))
        if _waits(receipt, against):
            known[receipt.delivery_id] = _load(receipt, against)
            loaded.add(receipt.delivery_id)
    return loaded


def _waits(receipt: Receipt, against: dict[str, str]) -> bool:
    """Whether a delivery is still to be loaded, or anew, also because an earlier run was killed."""
    if receipt.outcome == "received" or receipt.held_against != against:
        return True
    if receipt.outcome == "accepted":
        return not is_staged(receipt)
    return not (settings().quarantine / receipt.delivery_id / "report.html").is_file()


def _load(receipt: Receipt, against: dict[str, str]) -> Receipt:
    """Load one delivery. A fault unforeseen is told by kind and place: its own words may hold values."""
    try:
        return _process(receipt, against)
    except (OSError, SettingsError, SuiteError, ValidationBug):
        raise  # these speak of files, settings and rules only
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        fault = f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
    # Raised here, where the fault is no longer at hand: a traceback would carry its words and its variables.
    raise LoadBug(
        f"delivery {receipt.delivery_id} could not be loaded: {fault}. This is a fault of Scrutiny."
    )


def _process(receipt: Receipt, against: dict[str, str]) -> Receipt:
    if receipt.period_end is None and receipt.reason:
        rejection = Rejection(**receipt.reason.model_dump())
        report_unreadable(receipt, rejection)
        return _save(receipt, "rejected", rejection, {}, against)
    try:
        tables = datasets.read(receipt)
    except datasets.Unreadable as fault:
        rejection = Rejection(fault.rule, fault.what, fault.where, fault.action)
        report_unreadable(receipt, rejection)
        return _save(receipt, "rejected", rejection, {}, against)
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
    outcome = "rejected" if result.rejection else "accepted"
    return _save(receipt, outcome, result.rejection, counts, against)


def _save(
    receipt: Receipt,
    outcome: str,
    rejection: Rejection | None,
    tables: dict[str, dict[str, int]],
    against: dict[str, str],
) -> Receipt:
    """Written last: until then the delivery counts as it did before, and a new run starts it again."""
    if outcome == "rejected":
        withdraw(receipt)
    reason = asdict(rejection) if rejection else None
    done = receipt.model_validate(
        {
            **receipt.model_dump(),
            "outcome": outcome,
            "reason": reason,
            "tables": tables,
            "held_against": against,
        }
    )
    landing.save(done)
    return done
