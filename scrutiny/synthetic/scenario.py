"""Reads ``scenario.toml``: the story, the rates and the planted defects of the synthetic authority."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Defect:
    """One kind of dirty row: where it is planted, how, and in what share of the table's rows."""

    dataset: str
    table: str
    kind: str
    share: float
    column: str | None = None
    than: str | None = None
    value: str | None = None


@cache
def scenario() -> dict[str, Any]:
    """The scenario file as nested tables. Do not change what it returns: it is read once."""
    return tomllib.loads(Path(__file__).with_name("scenario.toml").read_text(encoding="utf-8"))


def simulated_time() -> tuple[np.datetime64, np.datetime64, float]:
    """The first and the last simulated day, and the years between them."""
    calendar = scenario()["calendar"]
    first, last = np.datetime64(calendar["lives_from"], "D"), np.datetime64(calendar["lives_to"], "D")
    return first, last, int((last - first) / np.timedelta64(1, "D")) / 365.25


def defects(dataset: str | None = None) -> list[Defect]:
    """The kinds of dirty rows planted on purpose, in every extract of their dataset."""
    return [Defect(**row) for row in scenario()["defects"] if dataset in (None, row["dataset"])]
