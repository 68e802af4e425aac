"""Takes what feeds have dropped into the landing store and writes a receipt for every delivery."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import stat
from pathlib import Path

from scrutiny import datasets
from scrutiny.datasets import Unreadable
from scrutiny.feeds import Arrival, Feed, arrivals, printable
from scrutiny.feeds.incoming import Origin, origins
from scrutiny.files import locked
from scrutiny.landing import archives, store
from scrutiny.landing.receipts import Receipt, StoredFile, reason_of, receipts, save
from scrutiny.periods import Month
from scrutiny.settings import settings


def receive(feed: Feed, month: Month) -> list[Receipt]:
    """Land everything the feed has dropped up to ``month`` that has no receipt yet; returns the new receipts.

    A delivery that cannot be used gets a receipt with outcome ``rejected`` and a reason, one that repeats
    what is in force for its period one with outcome ``duplicate``. The receipt is written last: a run that
    was killed is simply run again. A second process waits until the first has done.
    """
    new = []
    with locked(settings().landing / "lock"):
        known = receipts(feed.authority_code, feed.dataset)
        for arrival in arrivals(feed, month):
            receipt = _receive(feed, arrival, known)
            if receipt:
                known.append(save(receipt))
                new.append(receipt)
    return new


def _receive(feed: Feed, arrival: Arrival, known: list[Receipt]) -> Receipt | None:
    """The receipt of an arrival, its files stored; None if they were the last to be received at its place."""
    at_its_place = [receipt for receipt in known if receipt.location == arrival.location and receipt.files]
    last = at_its_place[-1] if at_its_place else None
    archive: StoredFile | None = None
    files: tuple[StoredFile, ...] = ()
    unreadable: Unreadable | None = None
    received_at = dt.datetime.now(dt.UTC).replace(microsecond=0)
    sent_at = received_at
    try:
        sent_at = arrival.sent_at
        try:
            _check_plain(arrival)
            as_sent = tuple(store.fingerprint(path, _name(arrival, path)) for path in arrival.files)
            if last and as_sent == ((last.archive,) if last.archive else last.files):
                return None
            if len(arrival.files) == 1 and archives.is_archive(arrival.files[0]):
                archive = as_sent[0]
            files = _store(arrival, unpack=archive is not None)
        except Unreadable as error:
            unreadable = error
            if archive is not None:
                archive, files = None, _store(arrival, unpack=False)
    except OSError as error:
        # A file of the sender's that cannot be opened is the delivery's fault; anything else is ours.
        path = next((path for path in arrival.files if str(path) == error.filename), None)
        if path is None:
            raise
        archive, files, unreadable = None, (), _gone_or_unreadable(arrival, path)
    delivery_id = _delivery_id(feed, arrival, files)
    if any(receipt.delivery_id == delivery_id for receipt in known):
        if last is None or files in ((), last.files):
            return None
        # Put back in its place after another.
        delivery_id = _delivery_id(feed, arrival, files, last.delivery_id)
    receipt = Receipt(
        delivery_id=delivery_id,
        feed=feed.feed,
        authority_code=feed.authority_code,
        dataset=feed.dataset,
        source_system=feed.source_system,
        identifiers_of=dict(feed.identifiers_of),
        load_month=str(arrival.load_month),
        sequence=max((receipt.sequence for receipt in known), default=0) + 1,
        name_as_sent=arrival.name,
        location=arrival.location,
        files=files,
        archive=archive,
        origins=_origins(feed, arrival) if files else {},
        # A sender's clock may be ahead of ours.
        sent_at=min(sent_at, received_at),
        received_at=received_at,
        outcome="received",
    )
    if unreadable:
        return receipt.model_copy(update={"outcome": "rejected", "reason": reason_of(unreadable)})
    return _repeated(feed, _described(receipt, arrival), known)


def settle_duplicates(feed: Feed, known: list[Receipt]) -> list[Receipt]:
    """Decide anew which deliveries of a feed repeat another, as if all had come in their order.

    ``known`` holds all receipts of the feed's authority and dataset up to a load month; gives them as they
    are now. What arrives late can make a repeat of what was loaded before, or come between a delivery and
    its repeat; and what seemed to repeat a delivery that was then rejected is looked at for itself.
    """
    settled: list[Receipt] = []
    for receipt in sorted(known, key=lambda receipt: receipt.order):
        if receipt.feed == feed.feed and receipt.period_end:
            now = _repeated(feed, receipt, settled)
            if now != receipt:
                receipt = save(now)
        settled.append(receipt)
    return settled


def _repeated(feed: Feed, receipt: Receipt, known: list[Receipt]) -> Receipt:
    """The receipt as a duplicate if it repeats what is in force for its period, otherwise as one to load.

    Only what can be used matters: a delivery that was rejected neither supersedes another nor is repeated.
    What a new system sent before it counted was never in force: sent again, it is loaded.
    """
    if receipt.period_end is None:
        return receipt
    last = max(
        (
            other
            for other in known
            if other.outcome in ("received", "accepted")
            and other.order < receipt.order
            and feed.counts(Month.parse(other.load_month)) == feed.counts(Month.parse(receipt.load_month))
            and _takes_the_place_of(receipt, other)
        ),
        key=lambda other: other.order,
        default=None,
    )
    if last and _content(last) == _content(receipt):
        changes: dict[str, object] = {"reason": None, "tables": {}, "held_against": {}}
        return receipt.model_copy(
            update={"outcome": "duplicate", "duplicate_of": last.delivery_id, **changes}
        )
    if receipt.outcome == "duplicate":
        return receipt.model_copy(update={"outcome": "received", "duplicate_of": None})
    return receipt


def _takes_the_place_of(receipt: Receipt, other: Receipt) -> bool:
    """Whether the later of two deliveries is about what the other was: the same day or, in part, its months.

    A return for a year that is not over, and whatever tells what is known at the end of its load month,
    stands for another day in each load month, even if nothing changed.
    """
    if receipt.source_system != other.source_system or not (
        receipt.period_start and receipt.period_end and other.period_start and other.period_end
    ):
        return False
    if datasets.dataset(receipt.dataset).period == "months":
        return receipt.period_start <= other.period_end and other.period_start <= receipt.period_end
    return (receipt.period_end, receipt.as_at_date) == (other.period_end, other.as_at_date)


def _content(receipt: Receipt) -> tuple[object, ...]:
    """What two deliveries have in common if one repeats the other; names can tell several files apart."""
    names = [file.name.rsplit("/", 1)[-1] if len(receipt.files) > 1 else "" for file in receipt.files]
    files = sorted(zip(names, (file.sha256 for file in receipt.files), strict=True))
    return receipt.collection_year, receipt.period_start, receipt.period_end, receipt.identifiers_of, files


def _described(receipt: Receipt, arrival: Arrival) -> Receipt:
    try:
        description = datasets.describe(
            receipt.dataset, receipt.files, arrival.name, receipt.authority_code, arrival.load_month
        )
    except Unreadable as error:
        return receipt.model_copy(update={"outcome": "rejected", "reason": reason_of(error)})
    return receipt.model_copy(
        update={
            "collection_year": str(description.collection_year),
            "schema_version": description.schema_version,
            "period_start": description.period_start,
            "period_end": description.period_end,
        }
    )


def _store(arrival: Arrival, unpack: bool) -> tuple[StoredFile, ...]:
    if unpack:
        return archives.unpack(arrival.files[0])
    stored = []
    for path in arrival.files:
        with path.open("rb") as source:
            stored.append(store.keep(source, _name(arrival, path)))
    return tuple(stored)


def _check_plain(arrival: Arrival) -> None:
    for path in arrival.files:
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            raise _no_way_in(arrival, path)
        if not stat.S_ISREG(mode):
            raise Unreadable(
                "not_a_file",
                "This is a link or a device, not a file",
                _name(arrival, path),
                "Put the extract itself into the folder.",
            )
        if not os.access(path, os.R_OK):
            raise _gone_or_unreadable(arrival, path)


def _no_way_in(arrival: Arrival, path: Path) -> Unreadable:
    """Why a folder stands in an arrival in place of its files."""
    try:
        os.scandir(path).close()
    except OSError:
        return _gone_or_unreadable(arrival, path)
    return Unreadable(
        "too_deep",
        "Too many folders lie in each other",
        _name(arrival, path),
        "Put the extract's files into one folder.",
    )


def _gone_or_unreadable(arrival: Arrival, path: Path) -> Unreadable:
    try:
        path.lstat()
        is_gone = False
    except OSError as error:
        is_gone = isinstance(error, FileNotFoundError)
    if is_gone:
        return Unreadable(
            "gone",
            "The file went away while it was taken in",
            _name(arrival, path),
            "Put the whole extract there again, and leave it there.",
        )
    return Unreadable(
        "not_readable",
        "It may not be read",
        _name(arrival, path),
        "Give the account that runs the loads permission to read it.",
    )


def _name(arrival: Arrival, path: Path) -> str:
    """A file's name inside its delivery: below the folder that makes the delivery, or the plain name."""
    folder = settings().inbox / arrival.location
    inside = path.relative_to(folder) if folder in path.parents else Path(path.name)
    return printable(inside.as_posix())


def _origins(feed: Feed, arrival: Arrival) -> dict[str, Origin]:
    """Where the files of an arrival were fetched from, by their names inside it."""
    folder = settings().inbox / feed.location / str(arrival.load_month)
    known = origins(folder)
    named = {path.relative_to(folder).as_posix(): _name(arrival, path) for path in arrival.files}
    return {name: known[place] for place, name in named.items() if place in known}


def _delivery_id(feed: Feed, arrival: Arrival, files: tuple[StoredFile, ...], *after: str) -> str:
    named = sorted(f"{file.name} {file.sha256}" for file in files)
    parts = (feed.authority_code, feed.dataset, arrival.location, *named, *after)
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:10]
    return f"{feed.authority_code}-{feed.dataset}-{arrival.load_month}-{digest}"
