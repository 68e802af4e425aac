"""Files that appear whole or not at all, so that a killed process leaves nothing half written to be read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path`` to write to; rename it into place if the block succeeds.

    The temporary name is always the same, so what a killed process left is overwritten by the next run.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    yield temporary
    temporary.replace(path)
