"""The landing store: bytes as received, each once, under their SHA-256, read-only."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import IO

from scrutiny.landing.receipts import StoredFile
from scrutiny.settings import settings

_CHUNK = 1 << 20


def keep(source: IO[bytes], name: str, limit: int | None = None) -> StoredFile:
    """Store what ``source`` holds, unless the store already has it.

    The hash is taken of the very bytes that are written, so a file that changes meanwhile cannot come to
    lie under the wrong name. Raises OverflowError once more than ``limit`` bytes have been read.
    """
    folder = settings().landing / "files"
    folder.mkdir(parents=True, exist_ok=True)
    # receive() lets one process in at a time, so a fixed name will do, and a kill leaves no others behind.
    temporary = folder / "incoming.tmp"
    temporary.unlink(missing_ok=True)
    digest = hashlib.sha256()
    size = 0
    with temporary.open("wb") as target:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if limit is not None and size > limit:
                temporary.unlink()
                raise OverflowError(f"more than {limit} bytes")
            digest.update(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    stored = StoredFile(name=name, sha256=digest.hexdigest(), size_bytes=size)
    if stored.path.exists():
        temporary.unlink()
    else:
        stored.path.parent.mkdir(exist_ok=True)
        temporary.chmod(0o444)
        temporary.replace(stored.path)
    return stored


def fingerprint(path: Path, name: str) -> StoredFile:
    """The hash and size of a file that is not stored (yet)."""
    with path.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256")
        return StoredFile(name=name, sha256=digest.hexdigest(), size_bytes=source.tell())
