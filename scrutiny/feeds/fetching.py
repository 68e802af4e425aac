"""Brings what a feed's source holds into the inbox, whatever kind of source it is."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Protocol

from scrutiny.declarations import Feed, FeedError
from scrutiny.feeds.folder import Folder
from scrutiny.feeds.object_store import ObjectStore
from scrutiny.feeds.sftp import Sftp
from scrutiny.feeds.sql import Sql
from scrutiny.files import locked
from scrutiny.periods import Month
from scrutiny.settings import settings


class Source(Protocol):
    """Where the extracts of a feed come from; its fields are those of ``source`` in ``seeds/feeds.yaml``."""

    @property
    def check(self) -> str:
        """What to check if it cannot be read."""

    def fetch(self, dataset: str, inbox: Path, month: Month) -> None:
        """Put what is new for a load month, and for files those before, into the feed's inbox folder."""


KINDS: dict[str, type[Source]] = {"folder": Folder, "sftp": Sftp, "object_store": ObjectStore, "sql": Sql}


def fetch(feed: Feed, month: Month) -> None:
    """Bring what has newly arrived at a feed's source for a load month into the inbox, whole or not at all.

    Nothing is fetched twice unless it changed or its file is gone from the inbox. Raises FeedError saying
    what to check if the source cannot be read. The kind of a fault is told and not its own words, which may
    hold values of a row or secrets of the connection.
    """
    source = KINDS[feed.source["kind"]](**{name: v for name, v in feed.source.items() if name != "kind"})
    if source == Folder():
        return  # files are dropped into the inbox itself
    inbox = settings().inbox / feed.location
    try:
        with locked(inbox / ".lock"):
            source.fetch(feed.dataset, inbox, month)
        return
    except FeedError as error:
        said = str(error)
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        words = f", {error.strerror}" if isinstance(error, OSError) and error.strerror else ""
        kind = type(error).__name__
        said = f"it cannot be fetched ({kind}{words}, at {Path(last.filename).name}:{last.lineno}). "
        said += source.check
    # Raised here, where the fault is no longer at hand: a traceback would carry its words and its variables.
    raise FeedError(f"{feed.feed}, {month}: {said}")
