"""What is looked after between the loads: versions, late extracts, what may go, room on the disk."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from scrutiny.feeds import Feed, arrivals
from scrutiny.feeds.fetching import fetch
from scrutiny.landing import late_feeds
from scrutiny.orchestration import ActionNeeded
from scrutiny.periods import Month
from scrutiny.settings import settings

_RELEASE = re.compile(r"\d{4}-\d{2}_r\d+")


class HousekeepingError(ActionNeeded):
    """Something between the loads that a person has to see to, and what to do."""


def verify_snapshots() -> int:
    """Check every published version against its manifest; gives how many there are.

    Raises HousekeepingError naming each that is not as it was published.
    """
    from scrutiny.snapshots import UNPUBLISHED, list_snapshots, verify

    kept = [each for each in list_snapshots() if each.status not in UNPUBLISHED]
    damaged = {f"{each.quarter} {each.version}": verify(each.path) for each in kept}
    told = [f"{name}: {' '.join(problems)}" for name, problems in damaged.items() if problems]
    if told:
        raise HousekeepingError(
            f"{len(told)} of {len(kept)} published versions are not as they were published. Put them back "
            f"from a backup, and find out who changed them. {' '.join(told)}"
        )
    return len(kept)


def overdue_feeds(on: dt.date) -> list[Feed]:
    """The feeds that have brought nothing for the month before a day, though it was due before that day.

    Months before loads start by themselves (``SCRUTINY_SCHEDULE_FROM``) are loaded by hand when their
    extracts are there: nothing of them is late.
    """
    month = Month(on.year, on.month) - 1
    scheduled_from = settings().schedule_start()
    if month < Month(scheduled_from.year, scheduled_from.month) - 1:
        return []
    return late_feeds(month, on)


def has_come(feed: Feed, month: Month) -> bool:
    """Whether the extract of a load month waits in the inbox, fetched from the feed's source if it is there.

    Raises FeedError if the source cannot be read.
    """
    fetch(feed, month)
    return any(arrival.load_month == month for arrival in arrivals(feed, month))


def purge(now: float | None = None) -> list[Path]:
    """Remove what newer things took the place of ``SCRUTINY_KEEP_SUPERSEDED_DAYS`` ago; gives what went.

    That is: reporting copies of a month that was promoted again, everywhere but the newest of each month and
    those that readers see now; and candidates of months that were promoted. What was received, staged or
    published is never removed here. ``now`` is in seconds since 1970, the present by default.
    """
    before = (now or time.time()) - settings().keep_superseded_days * 86_400
    gone = [path for path in _superseded() if path.lstat().st_mtime < before]
    for path in gone:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return gone


def _superseded() -> Iterator[Path]:
    reporting, candidates = settings().reporting, settings().warehouse / "candidates"
    for folder in (reporting, *(reporting / "authorities").glob("*")):
        shown = (folder / "current.duckdb").resolve()
        newest: dict[str, int] = {}
        releases = [path for path in folder.glob("*_r*") if _RELEASE.fullmatch(path.stem)]
        for path in releases:
            month, _, number = path.stem.partition("_r")
            newest[month] = max(newest.get(month, 0), int(number))
        for path in sorted(releases):
            month, _, number = path.stem.partition("_r")
            if int(number) < newest[month] and path.stem != shown.stem:
                yield path
    for candidate in sorted(candidates.glob("*")):
        if list(reporting.glob(f"{candidate.name}_r*.duckdb")):
            yield candidate


def require_room() -> float:
    """Make sure the disk that holds all state has room; gives what is free in GiB.

    Raises HousekeepingError if less than ``SCRUTINY_LEAST_FREE_GIB`` is free.
    """
    free = shutil.disk_usage(settings().home).free / 2**30
    if free < settings().least_free_gib:
        raise HousekeepingError(
            f"{free:.1f} GiB are free where {settings().home} is, less than {settings().least_free_gib:g}. "
            "A load that runs out of room stops and leaves readers what they had: make room before the next."
        )
    return free
