"""Copies the files of a feed from a place with folders: a mounted share, an SFTP server, an object store.

A place is written as a path with ``{yyyy}`` and ``{mm}`` where the load month stands. If it ends with ``/``
everything below that folder is the month's; otherwise its last part is a file name, in which ``*`` stands for
any text.
"""

from __future__ import annotations

import logging
import posixpath
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from scrutiny.feeds.incoming import BEING_WRITTEN, Incoming, Origin
from scrutiny.periods import Month
from scrutiny.settings import settings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """A file or folder in a store. ``version`` changes when the file does."""

    name: str
    is_folder: bool
    version: str = ""


class Store(Protocol):
    """Somewhere files lie in folders."""

    def entries(self, folder: str) -> Iterable[Entry]:
        """What is in a folder; links are left out."""

    def copy(self, path: str, target: Path) -> None:
        """Copy a file to this machine, with the time it was last written to."""


@dataclass(frozen=True)
class Found:
    """A file of a month: its path in the store, and its version there."""

    path: str
    version: str


def copy_new(store: Store, place: str, inbox: Path, until: Month, kind: str, connection: str | None) -> None:
    """Copy what is new at a place for a load month and the months before into the feed's inbox folder.

    A month is left alone while anything of it is still being written: a name says so, or the second look,
    ``settling_seconds`` after the first, finds something else than the first did.
    """
    begun = time.monotonic()
    first = look(store, place, until)
    fetched = {}
    for month, files in first.items():
        incoming = Incoming(inbox / str(month))
        versions = {
            name: Origin(kind=kind, connection=connection, place=file.path, version=file.version)
            for name, file in files.items()
        }
        new = {name: origin for name, origin in versions.items() if incoming.lacks(name, origin)}
        unfinished = next((name for name in files if name.endswith(BEING_WRITTEN)), None)
        if new and unfinished:
            log.warning("%s of %s is left alone: %s is still being written", month, place, unfinished)
        elif new:
            for name, origin in new.items():
                store.copy(origin.place, incoming.path(name))
            fetched[month] = incoming, new
    if not fetched:
        return
    time.sleep(max(0.0, begun + settings().settling_seconds - time.monotonic()))
    second = look(store, place, until)
    for month, (incoming, new) in fetched.items():
        if second.get(month) == first[month]:
            incoming.arrive(new)
        else:
            incoming.abandon()
            log.warning("%s of %s is left alone: its files are still being written", month, place)


def look(store: Store, place: str, until: Month) -> dict[Month, dict[str, Found]]:
    """The files at a place, by load month up to ``until`` and by the name they are to have in the inbox."""
    fixed, slash, rest = place[: place.index("{")].rpartition("/")
    root = (fixed or "/") if slash else "."
    *folders, last = (rest + place[place.index("{") :]).split("/")
    found: dict[Month, dict[str, Found]] = {}
    for month, name, file in _search(store, root, folders, last, {}):
        if month > until:
            continue
        if _is_safe(name):
            found.setdefault(month, {})[name] = file
        else:
            log.warning("%a in %s is not taken: give it a plain name", name, place)
    return dict(sorted(found.items()))


def _search(
    store: Store, folder: str, folders: list[str], last: str, known: dict[str, str]
) -> Iterator[tuple[Month, str, Found]]:
    """Descend only into folders that may lead to the place; ``known`` is what of the month is known."""
    if not folders and not last:
        month = Month(int(known["yyyy"]), int(known["mm"]))
        yield from ((month, name, file) for name, file in _below(store, folder))
        return
    wanted = _pattern(folders[0] if folders else last, known)
    for entry in _visible(store, folder):
        match = wanted.fullmatch(entry.name)
        if match and entry.is_folder and folders:
            path = posixpath.join(folder, entry.name)
            yield from _search(store, path, folders[1:], last, known | match.groupdict())
        elif match and not entry.is_folder and not folders:
            parts = known | match.groupdict()
            file = Found(posixpath.join(folder, entry.name), entry.version)
            yield Month(int(parts["yyyy"]), int(parts["mm"])), entry.name, file


def _below(store: Store, folder: str) -> Iterator[tuple[str, Found]]:
    for entry in _visible(store, folder):
        path = posixpath.join(folder, entry.name)
        if entry.is_folder:
            yield from ((f"{entry.name}/{name}", file) for name, file in _below(store, path))
        else:
            yield entry.name, Found(path, entry.version)


def _visible(store: Store, folder: str) -> Iterator[Entry]:
    return (entry for entry in store.entries(folder) if not entry.name.startswith("."))


def _pattern(part: str, known: dict[str, str]) -> re.Pattern[str]:
    """What a name must look like; what is known of the month, or stands twice, must be the same each time."""
    pattern = re.escape(part).replace(re.escape("*"), "[^/]*")
    for name, digits in (("yyyy", r"\d{4}"), ("mm", "0[1-9]|1[0-2]")):
        token = re.escape(f"{{{name}}}")
        if name in known:
            pattern = pattern.replace(token, known[name])
        else:
            pattern = pattern.replace(token, f"(?P<{name}>{digits})", 1).replace(token, f"(?P={name})")
    return re.compile(pattern)


def _is_safe(name: str) -> bool:
    """Whether a name from elsewhere stays inside the folder it is written to."""
    parts = name.split("/")
    return all(part and part not in (".", "..") and part.isprintable() for part in parts) and "\\" not in name
