"""Homes of the demo: how to make one and what is in it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

POPULATION = 20_000
DEMO_TAKES = 900  # seconds, on a machine busy with other things
MONTHS = ("2025-07", "2025-08", "2025-09")


@dataclass(frozen=True)
class PublishedHome:
    """What the demo left: its home, what it said, and how long it took."""

    home: Path
    output: str
    seconds: float

    @property
    def snapshot(self) -> Path:
        return self.home / "snapshots" / "2025-26-Q2" / "v1.0.0"

    def release(self, month: str, number: int = 1) -> dict[str, pa.Table]:
        """The marts of one release of a month, by name."""
        folder = self.home / "reporting" / f"{month}_r{number}"
        return {file.stem: pq.read_table(file) for file in sorted(folder.glob("*.parquet"))}


def demo_command() -> list[str]:
    return [str(Path(sys.executable).with_name("scrutiny")), "demo", "--population", str(POPULATION)]


def demo_environment(home: Path) -> dict[str, str]:
    return os.environ | {"SCRUTINY_HOME": str(home), "COLUMNS": "200"}


def processes_on(home: Path) -> list[str]:
    """Commands of the processes whose environment points at a home."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes().split(b"\0")
            if f"SCRUTINY_HOME={home}".encode() in environment:
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue  # ended meanwhile, or another user's
    return found
