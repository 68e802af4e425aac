"""Extracts in a folder of this machine, such as a mounted share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scrutiny.feeds.copying import Entry, copy_new
from scrutiny.periods import Month


@dataclass(frozen=True)
class Folder:
    """A folder; without a ``path`` it is the feed's own folder in the inbox, where files are dropped."""

    path: str | None = None

    @property
    def check(self) -> str:
        return f"Check that the share is mounted and may be read, and that the folders of {self.path} exist."

    def fetch(self, dataset: str, inbox: Path, month: Month) -> None:
        """Copy what is new for a load month and those before into the feed's inbox folder."""
        if self.path:
            copy_new(self, self.path, inbox, month, "folder", None)

    def entries(self, folder: str) -> Iterator[Entry]:
        with os.scandir(folder) as found:
            for entry in found:
                if entry.is_dir(follow_symlinks=False):
                    yield Entry(entry.name, is_folder=True)
                elif entry.is_file(follow_symlinks=False):
                    status = entry.stat()
                    yield Entry(entry.name, False, f"{status.st_size} bytes, {status.st_mtime_ns}")

    def copy(self, path: str, target: Path) -> None:
        shutil.copyfile(path, target)
        status = Path(path).stat()
        os.utime(target, (status.st_atime, status.st_mtime))
