"""Where extracts come from: the feeds' sources, and what has arrived in their inbox folders.

``inbox/<location>/<YYYY-MM>/`` holds what a feed dropped, or what was fetched from its source, for one load
month. Files stay where they are: landing takes copies.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scrutiny.datasets.layouts import layout
from scrutiny.datasets.names import collection_year_in
from scrutiny.declarations import Feed, FeedError, feeds
from scrutiny.feeds.incoming import BEING_WRITTEN as _BEING_WRITTEN
from scrutiny.periods import Month, PeriodError
from scrutiny.settings import settings

_DEEPEST = 20
"""How many folders may lie in each other, counted from the inbox."""

__all__ = ["Arrival", "Feed", "arrivals", "feeds", "printable", "unclaimed"]


@dataclass(frozen=True)
class Arrival:
    """Files that belong together and make one delivery.

    ``location`` is relative to the inbox, with ``/`` between its parts; for loose files that make one
    delivery it ends in a pattern, such as ``2017-*.csv``. ``files`` may hold one archive. A folder that may
    not be read, or lies too deep, stands among them in place of what is in it.
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
    Raises FeedError if the feed's own folder may not be read.
    """
    found = []
    for load_month, folder in _month_folders(feed):
        if load_month <= month:
            found += _arrivals_in(folder, feed.dataset, load_month)
    return found


def unclaimed(inbox: Path, on: dt.date) -> list[Path]:
    """What lies in the inbox that no feed picks up, relative to it, as seen on a day.

    That is what lies in unknown folders, under wrong month names or in months more than one ahead, files
    still being written, and folders that may not be read. Hidden files are not listed.
    """
    if not inbox.is_dir():
        return []
    claimed = {
        path
        for feed in feeds()
        for load_month, folder in _readable_month_folders(feed)
        if load_month <= Month.of(on) + 1
        for arrival in _arrivals_in(folder, feed.dataset, load_month)
        for path in arrival.files
    }
    return sorted(path.relative_to(inbox) for path in _walk(inbox) if path not in claimed)


def _readable_month_folders(feed: Feed) -> list[tuple[Month, Path]]:
    try:
        return list(_month_folders(feed))
    except FeedError:
        return []


def _month_folders(feed: Feed) -> Iterator[tuple[Month, Path]]:
    folder = settings().inbox / feed.location
    if not os.path.lexists(folder):
        return
    found = _listed(folder)
    if found is None:
        raise FeedError(
            f"{feed.feed}: {feed.location} in the inbox is no folder that may be read. "
            "Give the account that runs the loads permission to read it."
        )
    for path, is_folder in found:
        try:
            month = Month.parse(path.name)
        except PeriodError:
            continue  # reported by unclaimed()
        if is_folder:
            yield month, path


def _arrivals_in(folder: Path, dataset: str, load_month: Month) -> list[Arrival]:
    """The arrivals of one month folder: sub-folders, loose files that belong together, single files."""
    inbox = settings().inbox
    groups: dict[str, tuple[Path, ...]] = {}
    loose = []
    found = _listed(folder)
    if found is None:
        return [Arrival(folder.relative_to(inbox).as_posix(), load_month, (folder,))]
    for path, is_folder in found:
        if not is_folder:
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


def _listed(folder: Path) -> list[tuple[Path, bool]] | None:
    """What is in a folder by name, hidden files left out, and whether it is a folder itself; links are not.

    None if the folder may not be read, is gone, or lies too deep to go on.
    """
    if len(folder.parts) - len(settings().inbox.parts) > _DEEPEST:
        return None
    try:
        with os.scandir(folder) as entries:
            return sorted(
                (Path(entry.path), entry.is_dir(follow_symlinks=False))
                for entry in entries
                if not entry.name.startswith(".")
            )
    except OSError:
        return None


def _walk(folder: Path) -> Iterator[Path]:
    """Every file below a folder in order, hidden ones left out, and folders that cannot be listed."""
    found = _listed(folder)
    if found is None:
        yield folder
        return
    for path, is_folder in found:
        if is_folder:
            yield from _walk(path)
        else:
            yield path
