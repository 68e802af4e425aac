"""The release ledger: every figure the public edition ever showed, kept in ``snapshots/ledger.csv``.

The ledger only grows. It is written from the public tables of published versions, and whenever it is read it
is checked against those still there: a version that is not in it yet is added, a version that says otherwise
stops the reading. A version that is gone from the disk stays in it, since its readers still have it.
"""

from __future__ import annotations

import csv
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from scrutiny.periods import Quarter
from scrutiny.reports.figures import Figures, PublicationError, read_figures
from scrutiny.reports.view import POSITION as POSITION
from scrutiny.snapshots.manifest import MANIFEST, changed, sha256

LEDGER = "ledger.csv"
_SOURCES = (
    "public/tables/indicators.parquet",
    "public/tables/series.parquet",
    "figures/dim_indicator.parquet",
    "figures/fct_indicator_value.parquet",
    "figures/mart_scrutiny_quarter.parquet",
)


@dataclass(frozen=True, order=True)
class Figure:
    """A figure as it is published: its parts where they are printed, and the value as rounded.

    ``window`` is month, quarter, year_to_date, rolling_12_months or position; ``month`` its last month.
    """

    indicator_id: str
    window: str
    month: str
    numerator: float | None
    denominator: float | None
    value: float | None

    @property
    def key(self) -> tuple[str, str, str]:
        """What the figure is of, whatever it says."""
        return self.indicator_id, self.window, self.month


@dataclass(frozen=True)
class Release:
    """A published version and the figures it shows, in a fixed order."""

    quarter: str
    version: str
    published_at: str
    manifest: str
    figures: tuple[Figure, ...]

    @property
    def name(self) -> str:
        return f"{self.quarter} v{self.version}"


@contextmanager
def locked(snapshots: Path) -> Iterator[None]:
    """Hold the ledger: nobody else may publish until what is decided on it is published too."""
    snapshots.mkdir(parents=True, exist_ok=True)
    with (snapshots / ".ledger.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def releases(snapshots: Path) -> list[Release]:
    """Everything published, oldest first, with the ledger brought up to date. Needs the lock.

    Raises PublicationError if the ledger and a version on disk do not agree.
    """
    path = snapshots / LEDGER
    held = {(release.quarter, release.version): release for release in _read(path)}
    found = sorted(
        (_release(version) for version in snapshots.glob("*-Q*/v*") if (version / MANIFEST).is_file()),
        key=lambda release: (release.published_at, release.name),
    )
    for release in found:
        kept = held.setdefault((release.quarter, release.version), release)
        if kept != release:
            raise PublicationError(
                f"{path} and {release.name} do not say the same was published: one of them was changed. "
                "Restore it from a backup; nothing is published until they agree."
            )
    ordered = sorted(held.values(), key=lambda release: (release.published_at, release.name))
    if found and any((release.quarter, release.version) not in _names(path) for release in found):
        _write(path, ordered)
    return ordered


def figures_shown(
    indicators: list[dict[str, Any]], series: list[dict[str, Any]], windows: dict[str, str], quarter: Quarter
) -> tuple[Figure, ...]:
    """The figures in the published tables of indicators and series, each once.

    ``windows`` says what the figures of each indicator cover. An earlier value that is not a point of the
    series is a figure whose parts are not printed.
    """
    found: dict[tuple[str, str, str], Figure] = {}

    def add(figure: Figure) -> None:
        if figure.numerator is not None or figure.value is not None:
            found.setdefault(figure.key, figure)

    for row in series:
        add(Figure(row["indicator_id"], windows[row["indicator_id"]], row["month"], row["numerator"],
                   row["denominator"], row["value"]))  # fmt: skip
    end = quarter.months[2]
    for row in indicators:
        name, window = row["indicator_id"], windows[row["indicator_id"]]
        add(Figure(name, window, str(end), row["numerator"], row["denominator"], row["value"]))
        for back, column in ((3, "previous_value"), (12, "last_year_value")):
            add(Figure(name, window, str(end - back), None, None, row[column]))
    return tuple(sorted(found.values(), key=lambda figure: figure.key))


def windows_of(figures: Figures) -> dict[str, str]:
    """The window of each indicator's headline and series: events have their basis, the rest a position."""
    register = figures.register()
    return {
        row["indicator_id"]: row["basis"]
        if register.get(row["indicator_id"], {}).get("measure_kind") == "flow"
        else POSITION
        for row in figures.rows("mart_scrutiny_quarter")
    }


def _release(version: Path) -> Release:
    """What a published version on disk shows. Raises PublicationError if its tables were changed."""
    problems = changed(version, _SOURCES)
    if problems:
        raise PublicationError(
            f"{version.parent.name} {version.name} is damaged, so it is not known what was published: "
            f"{' '.join(problems)} Restore it from a backup."
        )
    indicators, series = (pq.read_table(version / name).to_pylist() for name in _SOURCES[:2])
    origin = json.loads((version / "provenance.json").read_text(encoding="utf-8"))
    quarter = Quarter.parse(version.parent.name)
    windows = windows_of(read_figures(version / "figures", quarter))
    return Release(
        quarter=version.parent.name,
        version=version.name.removeprefix("v"),
        published_at=origin["published_at"],
        manifest=sha256(version / MANIFEST),
        figures=figures_shown(indicators, series, windows, quarter),
    )


_COLUMNS = ("quarter", "version", "published_at", "manifest", *(field.name for field in fields(Figure)))


def _read(path: Path) -> list[Release]:
    if not path.exists():
        return []
    rows: dict[tuple[str, str, str, str], list[Figure]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines)
        if tuple(next(reader, ())) != _COLUMNS:
            raise PublicationError(f"{path} is not a release ledger: restore it from a backup.")
        for quarter, version, published_at, manifest, *figure in reader:
            indicator_id, window, month, *numbers = figure
            numerator, denominator, value = (float(text) if text else None for text in numbers)
            rows.setdefault((quarter, version, published_at, manifest), []).append(
                Figure(indicator_id, window, month, numerator, denominator, value)
            )
    return [Release(*named, figures=tuple(figures)) for named, figures in rows.items()]


def _names(path: Path) -> set[tuple[str, str]]:
    return {(release.quarter, release.version) for release in _read(path)}


def _write(path: Path, ordered: list[Release]) -> None:
    """Replace the ledger in one step, so that it is always the old one or the new one."""
    unfinished = path.with_name(f".{path.name}")
    with unfinished.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for release in ordered:
            named = (release.quarter, release.version, release.published_at, release.manifest)
            writer.writerows((*named, *astuple(figure)) for figure in release.figures)
        lines.flush()
        os.fsync(lines.fileno())
    unfinished.replace(path)
