"""Reads ``scenario.toml``: the story, the rates and the planted defects of the synthetic authority."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


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


def defects(dataset: str | None = None) -> list[Defect]:
    """The kinds of dirty rows planted on purpose, in every extract of their dataset."""
    return [Defect(**row) for row in scenario()["defects"] if dataset in (None, row["dataset"])]
