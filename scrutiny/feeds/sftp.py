"""Extracts on an SFTP server, reached through Airflow's provider."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scrutiny.feeds.copying import Entry, copy_new
from scrutiny.periods import Month

if TYPE_CHECKING:
    from paramiko import SFTPClient


@dataclass(frozen=True)
class Sftp:
    """A path on the server of an Airflow connection of type SFTP."""

    connection: str
    path: str

    @property
    def check(self) -> str:
        return (
            f"Check the Airflow connection {self.connection} (host, port, user, key or password, and the "
            f"server's own key in host_key), that the server can be reached from here, and that the folders "
            f"of {self.path} exist."
        )

    def fetch(self, dataset: str, inbox: Path, month: Month) -> None:
        """Copy what is new for a load month and those before into the feed's inbox folder."""
        from airflow.providers.sftp.hooks.sftp import SFTPHook

        hook = SFTPHook(self.connection, conn_retry_attempts=1)  # it is Airflow's tasks that try again
        with hook.get_managed_conn() as client:
            copy_new(_Server(client), self.path, inbox, month, "sftp", self.connection)


@dataclass(frozen=True)
class _Server:
    client: SFTPClient

    def entries(self, folder: str) -> Iterator[Entry]:
        for found in self.client.listdir_attr(folder):
            mode = found.st_mode or 0
            if stat.S_ISDIR(mode):
                yield Entry(found.filename, is_folder=True)
            elif stat.S_ISREG(mode):
                yield Entry(found.filename, False, f"{found.st_size} bytes, {found.st_mtime}")

    def copy(self, path: str, target: Path) -> None:
        self.client.get(path, str(target))
        modified = self.client.stat(path).st_mtime
        if modified:
            os.utime(target, (modified, modified))
