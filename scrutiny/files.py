"""Files that appear whole or not at all, so that a killed process leaves nothing half written to be read."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path`` to write to; rename it into place if the block succeeds.

    Two that write the same file at once do not meet, and the last one stands. What a killed process leaves is
    hidden and ends in ``.tmp``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """Wait until no other process holds the lock file; gives its file descriptor.

    The lock goes with the process, so a kill frees it, unless a child that was given the descriptor lives on.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()
