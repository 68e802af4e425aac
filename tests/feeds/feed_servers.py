"""Servers on loopback that stand for a council's, and feeds that name them."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import asyncssh
import psycopg

from scrutiny.declarations import Feed

Connect = Callable[..., None]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def feed_of(dataset: str, **source: Any) -> Feed:
    """A feed of the synthetic council whose extracts come from ``source``."""
    return Feed(dataset, "999", dataset, f"999/{dataset}", "test", "monthly", 5, "a team", source=source)


class SftpServer:
    """Serves ``root`` to one user with a password; ``opened`` are the files that were opened, in order."""

    user, password = "council", "SENTINEL-password"

    def __init__(self, root: Path) -> None:
        self.root, self.port = root, free_port()
        self.opened: list[str] = []
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    @property
    def host_key(self) -> str:
        return self._key.export_public_key().decode().strip()

    def __enter__(self) -> SftpServer:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(30)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        async def close() -> None:
            self._listener.close()
            await self._listener.wait_closed()

        asyncio.run_coroutine_threadsafe(close(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _listen(self) -> None:
        serving = self

        class Login(asyncssh.SSHServer):
            def begin_auth(self, username: str) -> bool:
                return True

            def password_auth_supported(self) -> bool:
                return True

            def validate_password(self, username: str, password: str) -> bool:
                return (username, password) == (serving.user, serving.password)

        class Files(asyncssh.SFTPServer):
            def __init__(self, channel: Any) -> None:
                super().__init__(channel, chroot=str(serving.root))

            def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
                serving.opened.append(path.decode())
                return super().open(path, pflags, attrs)

        self._listener = await asyncssh.listen(
            "127.0.0.1", self.port, server_host_keys=[self._key], server_factory=Login, sftp_factory=Files
        )


@dataclass(frozen=True)
class Azure:
    """An account of a server that speaks as Azure's blob storage does."""

    url: str
    name: str
    key: str

    @property
    def connection_string(self) -> str:
        return (
            f"DefaultEndpointsProtocol=http;AccountName={self.name};AccountKey={self.key};"
            f"BlobEndpoint={self.url}/{self.name};"
        )


@dataclass(frozen=True)
class Postgres:
    """A database of a PostgreSQL server."""

    port: int
    user: str = "reader"
    password: str = "SENTINEL-password"  # noqa: S105 - of a server that lives as long as the tests
    database: str = "cases"

    def run(self, sql: str) -> None:
        with psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=self.user,
            password=self.password,
            dbname=self.database,
            autocommit=True,
        ) as connection:
            connection.execute(sql)  # type: ignore[arg-type]
