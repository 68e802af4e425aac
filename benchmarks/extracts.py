"""Synthetic extracts: a county's lives simulated and written in the real formats."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.inputs import POPULATION, county
from benchmarks.measurement import Measurement, limit


def run() -> Iterator[Measurement]:
    """Every extract of one month, from nothing."""
    yield limit(f"simulate {POPULATION:,} people and write a month's extracts", county()[1], "s", 60)
