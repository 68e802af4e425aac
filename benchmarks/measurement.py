"""One measurement of a benchmark, and how to time and weigh a piece of work."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Measurement:
    """A line of the table: what was measured, against what, and whether it reached what it must."""

    what: str
    measured: str
    compared_with: str
    ratio: str
    must_reach: str
    reached: bool


def seconds(work: Callable[[], object], repeats: int = 1) -> float:
    """The fastest of ``repeats`` runs of ``work``, in seconds of wall time."""
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def speed_ratio(what: str, ours: float, name: str, theirs: float, at_least: float) -> Measurement:
    """A speed as a multiple of a named alternative's on the same input (above 1 = ours is faster)."""
    ratio = theirs / ours
    return Measurement(
        what,
        f"{ours:.2f} s",
        f"{name}: {theirs:.2f} s",
        f"{ratio:.2f}",
        f">= {at_least:g}",
        ratio >= at_least,
    )


def limit(what: str, value: float, unit: str, at_most: float) -> Measurement:
    """A measured amount against a fixed limit."""
    return Measurement(
        what,
        f"{value:.1f} {unit}",
        "a fixed limit",
        f"{value / at_most:.2f}" if at_most else "",
        f"<= {at_most:g} {unit}",
        value <= at_most,
    )
