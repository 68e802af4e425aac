"""Fills a month's folder of the inbox from elsewhere: everything new appears at once or not at all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from scrutiny.files import written_whole

BEING_WRITTEN = (".part", ".tmp", ".filepart")
_LEDGER = ".fetched.json"


class Origin(BaseModel):
    """Where a file of the inbox was fetched from.

    ``place`` is a path, a URL or a table's query; ``version`` changes when the file there does: size and time
    or tag, or the SHA-256 of the query's text.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    connection: str | None
    place: str
    version: str


def origins(folder: Path) -> dict[str, Origin]:
    """Where the files of a month's folder were fetched from, by their path in it; those dropped have none."""
    ledger = folder / _LEDGER
    known = json.loads(ledger.read_bytes()) if ledger.exists() else {}
    return {name: Origin(**origin) for name, origin in known.items()}


class Incoming:
    """Files on their way into a month's folder. They lie hidden in it until ``arrive``.

    Only one process at a time may fill a folder. What a killed one left behind is thrown away by the next.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known = origins(folder)
        self._waiting = folder / ".fetching"
        shutil.rmtree(self._waiting, ignore_errors=True)

    def lacks(self, name: str, origin: Origin) -> bool:
        """Whether this version of a file has not been fetched, or is not there any more."""
        return self._known.get(name) != origin or not (self.folder / name).is_file()

    def path(self, name: str) -> Path:
        """Where to write a file that is to arrive under a name, which may have folders."""
        path = self._waiting / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def arrive(self, fetched: dict[str, Origin]) -> None:
        """Put the files written into place. The ledger comes last: until then they count as not fetched."""
        for name in fetched:
            target = self.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            (self._waiting / name).replace(target)
        ledger = {name: origin.model_dump() for name, origin in sorted((self._known | fetched).items())}
        with written_whole(self.folder / _LEDGER) as path:
            path.write_text(json.dumps(ledger, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        self.abandon()

    def abandon(self) -> None:
        """Throw away what was written."""
        shutil.rmtree(self._waiting, ignore_errors=True)
