"""The number of the next version of a quarter, and the reason that a second one needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scrutiny.periods import Quarter
from scrutiny.reports.figures import Figures, PublicationError, read_figures
from scrutiny.settings import settings
from scrutiny.snapshots.states import numbers, versions


def require_reason(quarter: Quarter, reason: str | None) -> None:
    """Raise PublicationError if the quarter is published already and no reason for a correction is given."""
    published = versions(settings().snapshots / str(quarter))
    if published and not (reason and reason.strip()):
        raise PublicationError(
            f"{quarter} is published already as {published[-1].name}, which stays as it is. "
            "To publish a correction, give the reason for it."
        )


def next_version(folder: Path, figures: Figures, reason: str | None) -> tuple[str, dict[str, str] | None]:
    """The number of the next version and what it supersedes."""
    published = versions(folder)
    if not published:
        return "1.0.0", None
    latest = published[-1]
    if not reason or not reason.strip():
        raise PublicationError(
            f"{folder.name} is published already as {latest.name}, which stays as it is. "
            "To publish a correction, give the reason for it."
        )
    before, after = (_content(read_figures(latest / "figures", figures.quarter)), _content(figures))
    major, minor, patch = numbers(latest)
    if before.keys() - after.keys():
        number = f"{major + 1}.0.0"
    elif before != after:
        number = f"{major}.{minor + 1}.0"
    else:
        number = f"{major}.{minor}.{patch + 1}"
    return number, {"version": latest.name.removeprefix("v"), "reason": reason.strip()}


def _content(figures: Figures) -> dict[tuple[str, ...], tuple[Any, ...]]:
    """The figures that a version number speaks of: headlines with their ratings, and every window."""
    headlines: dict[tuple[str, ...], tuple[Any, ...]] = {
        (row["indicator_id"],): (row["value"], row["status"], row["target"], row["rag"])
        for row in figures.rows("mart_scrutiny_quarter")
    }
    windows: dict[tuple[str, ...], tuple[Any, ...]] = {
        (row["indicator_id"], row["basis"], row["month"], row["breakdown"], row["breakdown_value"]): (
            row["numerator"],
            row["denominator"],
            row["value"],
        )
        for row in figures.rows("fct_indicator_value")
    }
    return headlines | windows
