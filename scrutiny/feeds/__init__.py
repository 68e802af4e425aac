"""Where extracts come from: the feeds' sources, and what has arrived in their inbox folders.

``inbox/<location>/<YYYY-MM>/`` holds what a feed dropped, or what was fetched from its source, for one load
month. Files stay where they are: landing takes copies.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scrutiny.datasets.layouts import layout
from scrutiny.datasets.names import collection_year_in
from scrutiny.declarations import Feed, feeds
from scrutiny.feeds.incoming import BEING_WRITTEN as _BEING_WRITTEN
from scrutiny.periods import Month, PeriodError
from scrutiny.settings import settings

__all__ = ["Arrival", "Feed", "arrivals", "feeds", "printable", "unclaimed"]


@dataclass(frozen=True)
class Arrival:
    """Files that belong together and make one delivery.

    ``location`` is relative to the inbox, with ``/`` between its parts; for loose files that make one
    delivery it ends in a pattern, such as ``2017-*.csv``. ``files`` may hold one archive.
    """

    location: str
    load_month: Month
    files: tuple[Path, ...]

    @property
    def name(self) -> str:
        """The delivery's name as the sender gave it: a file, a folder or a pattern."""
        return self.location.rsplit("/", 1)[-1]

    @property
    def sent_at(self) -> dt.datetime:
        """When the last of its files was written to its end."""
        newest = max(path.lstat().st_mtime for path in self.files)
        return dt.datetime.fromtimestamp(newest, dt.UTC).replace(microsecond=0)


def printable(name: str) -> str:
    """A file name that can be written down: bytes that are no text are shown by their numbers."""
    return name.encode(errors="backslashreplace").decode()


def arrivals(feed: Feed, month: Month) -> list[Arrival]:
    """What the feed has dropped for ``month`` and the months before, in order of month and name.

    Hidden files and files still being written (``.part``, ``.tmp``, ``.filepart``) are left alone, and so is
    a whole folder while it holds a file still being written: half a delivery must not be taken for a whole.
    """
    found = []
    for load_month, folder in _month_folders(feed):
        if load_month <= month:
            found += _arrivals_in(folder, feed.dataset, load_month)
    return found


def unclaimed(inbox: Path) -> list[Path]:
    """Files in the inbox that no feed will pick up, relative to it: unknown folders, wrong month names,
    files still being written. Hidden files are not listed.
    """
    claimed = {
        path
        for feed in feeds()
        for load_month, folder in _month_folders(feed)
        for arrival in _arrivals_in(folder, feed.dataset, load_month)
        for path in arrival.files
    }
    return sorted(path.relative_to(inbox) for path in _walk(inbox) if path not in claimed)


def _month_folders(feed: Feed) -> Iterator[tuple[Month, Path]]:
    folder = settings().inbox / feed.location
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        try:
            month = Month.parse(path.name)
        except PeriodError:
            continue  # reported by unclaimed()
        if path.is_dir() and not path.is_symlink():
            yield month, path


def _arrivals_in(folder: Path, dataset: str, load_month: Month) -> list[Arrival]:
    """The arrivals of one month folder: sub-folders, loose files that belong together, single files."""
    inbox = settings().inbox
    groups: dict[str, tuple[Path, ...]] = {}
    loose = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if not _is_folder(path):
            loose.append(path)
            continue
        files = tuple(_walk(path))
        if any(file.suffix in _BEING_WRITTEN for file in files):
            continue
        if layout(dataset).is_sent_together:
            groups[path.name] = files
        else:
            groups |= {file.relative_to(folder).as_posix(): (file,) for file in files}
    groups |= _loose(loose, dataset)
    prefix = folder.relative_to(inbox).as_posix()
    return [
        Arrival(printable(f"{prefix}/{name}"), load_month, files)
        for name, files in sorted(groups.items())
        if files
    ]


def _loose(paths: list[Path], dataset: str) -> dict[str, tuple[Path, ...]]:
    groups: dict[str, tuple[Path, ...]] = {}
    for path in paths:
        if path.suffix in _BEING_WRITTEN:
            continue
        name = path.name
        if layout(dataset).is_sent_together and path.suffix.lower() == ".csv":
            year, stem = collection_year_in(name), re.match(r"20\d\d-(?=[A-Za-z])", name)
            name = f"{stem[0]}*.csv" if stem else f"*{year}*.csv" if year else "*.csv"
        groups[name] = (*groups.get(name, ()), path)
    return groups


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _walk(folder: Path) -> Iterator[Path]:
    """Every file below a folder, hidden ones left out, links not followed."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if _is_folder(path):
            yield from _walk(path)
        else:
            yield path
