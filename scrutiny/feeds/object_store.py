"""Extracts in an object store (S3, Azure and what else Airflow has a file system for)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scrutiny.feeds.copying import Entry, copy_new
from scrutiny.periods import Month

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem


@dataclass(frozen=True)
class ObjectStore:
    """A URL that Airflow's ObjectStoragePath understands, and the Airflow connection that opens it."""

    connection: str
    url: str

    @property
    def check(self) -> str:
        return (
            f"Check the Airflow connection {self.connection} (account, key, endpoint), that the store can be "
            f"reached from here, and that {self.url} begins with a bucket or container that exists."
        )

    def fetch(self, dataset: str, inbox: Path, month: Month) -> None:
        """Copy what is new for a load month and those before into the feed's inbox folder."""
        from airflow.sdk import ObjectStoragePath

        scheme, _, place = self.url.partition("://")
        bucket = place.partition("/")[0]
        store = _Store(ObjectStoragePath(f"{scheme}://{bucket}", conn_id=self.connection).fs)
        copy_new(store, place, inbox, month, "object_store", self.connection)


@dataclass(frozen=True)
class _Store:
    system: AbstractFileSystem

    def entries(self, folder: str) -> Iterator[Entry]:
        self.system.invalidate_cache()
        try:
            found = self.system.ls(folder, detail=True)
        except FileNotFoundError as error:
            if error.__cause__ or error.__context__:
                raise  # it was the store that said so: there is no such bucket
            return  # a store has no empty folders, only ones nothing has been put into yet
        for status in found:
            path = status["name"].rstrip("/")
            name = path.rpartition("/")[2]
            if path == folder.rstrip("/"):
                continue  # an object without content that stands for the folder
            if status["type"] == "directory":
                yield Entry(name, is_folder=True)
            else:
                tag = status.get("ETag") or status.get("etag") or status.get("mtime") or status.get("created")
                yield Entry(name, False, f"{status['size']} bytes, {tag}")

    def copy(self, path: str, target: Path) -> None:
        self.system.get_file(path, str(target))
        with suppress(NotImplementedError):  # not every kind of store says when an object was written
            modified = self.system.modified(path).timestamp()
            os.utime(target, (modified, modified))
