"""Figures that are not what was published: found when a quarter is frozen, classified and explained.

A figure is what was counted of an indicator in one window, at one month. It is compared with what the last
release said of it, which tells what changed since last time, and with the first, which tells whether it is
still as first published. Officers compare what was frozen; the public edition compares what it showed, so
that its list holds no number that is not published anyhow.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from scrutiny.reports.figures import Figures, PublicationError
from scrutiny.reports.tables import write_table
from scrutiny.reports.view import Revision, shown_points
from scrutiny.snapshots.ledger import Figure, Release, windows_of

REVISIONS = "revisions"
"""The frozen list: ``revisions.parquet`` and ``.csv`` in the folder of a draft or version."""
DEFINITION, CORRECTION, LATE, METHOD = (
    "definition changed",
    "correction of data",
    "late data",
    "method changed",
)

Key = tuple[str, str, str]
Said = Mapping[Key, Figure]
"""What a release says, by what it is of."""


@dataclass(frozen=True)
class Published:
    """A release and what was frozen behind it: None where its folder is gone."""

    release: Release
    figures: Figures | None
    origin: Mapping[str, Any]


def figures_said(figures: Figures) -> dict[Key, Figure]:
    """Every figure the officer edition shows: the series, and the headline where the series lacks it."""
    windows = windows_of(figures)
    found = [
        Figure(name, windows[name], str(point.month), point.numerator, point.denominator, point.value)
        for name, points in shown_points(figures).items()
        for point in points
    ]
    end = str(figures.quarter.months[2])
    found += [
        Figure(name, windows[name], end, row["numerator"], row["denominator"], row["value"])
        for row in figures.rows("mart_scrutiny_quarter")
        for name in [row["indicator_id"]]
    ]
    said: dict[Key, Figure] = {}
    for figure in found:
        if figure.numerator is not None or figure.value is not None:
            said.setdefault(figure.key, figure)
    return said


def frozen_revisions(
    figures: Figures, origin: Mapping[str, Any], published: Sequence[Published], rules: Path
) -> tuple[Revision, ...]:
    """What officers are shown: frozen figures that differ from those frozen for earlier releases."""
    history = [
        (each.release.name, figures_said(each.figures)) for each in published if each.figures is not None
    ]
    return _revisions(figures_said(figures), history, _explained(figures, origin, published, rules))


def public_revisions(
    figures: Figures, shown: Said, origin: Mapping[str, Any], published: Sequence[Published], rules: Path
) -> tuple[Revision, ...]:
    """What everybody is shown: figures of the public edition that differ from what it showed before.

    ``shown`` is what it shows now. Figures it shows as published before, because they changed by few people,
    do not differ, and those it withholds are not in it: that they changed is told nowhere.
    """
    history = [
        (each.release.name, {figure.key: figure for figure in each.release.figures}) for each in published
    ]
    return _revisions(shown, history, _explained(figures, origin, published, rules))


def first_published(published: Sequence[Published]) -> dict[Key, Figure]:
    """What the public edition first said of every figure."""
    first: dict[Key, Figure] = {}
    for each in published:
        for figure in each.release.figures:
            first.setdefault(figure.key, figure)
    return first


def _revisions(
    now: Said, history: Sequence[tuple[str, Said]], explained: Callable[[Figure, str], tuple[str, str]]
) -> tuple[Revision, ...]:
    first: dict[Key, tuple[str, Figure]] = {}
    last: dict[Key, tuple[str, Figure]] = {}
    for name, said in history:
        for key, figure in said.items():
            first.setdefault(key, (name, figure))
            last[key] = (name, figure)
    found = []
    for key in sorted(now.keys() & first.keys()):
        (first_in, then), (last_in, before), figure = first[key], last[key], now[key]
        if same(figure, then) and same(figure, before):
            continue
        # Explained by what happened since the figure was last another.
        kind, reason = explained(figure, first_in if same(figure, before) else last_in)
        found.append(
            Revision(
                *key, first_in, then.numerator, then.denominator, then.value,
                last_in, before.numerator, before.denominator, before.value,
                figure.numerator, figure.denominator, figure.value,
                is_since_last_time=not same(figure, before), revision_class=kind, reason=reason,
            )
        )  # fmt: skip
    return tuple(found)


def same(one: Figure, other: Figure) -> bool:
    """Whether two figures say the same, where both say it: an earlier value is printed without its parts."""
    pairs = (
        (one.numerator, other.numerator),
        (one.denominator, other.denominator),
        (one.value, other.value),
    )
    if one.value != other.value:
        return False
    return all(mine == theirs or mine is None or theirs is None for mine, theirs in pairs)


def _explained(
    figures: Figures, origin: Mapping[str, Any], published: Sequence[Published], rules: Path
) -> Callable[[Figure, str], tuple[str, str]]:
    """Gives the class and the reason of a revision, from what differs since a release."""
    releases = {each.release.name: each for each in published}
    wordings = {row["revision_class"]: row["wording"] for row in _rows(rules, "revision_classes")}
    reasons = [row for row in _rows(rules, "revision_reasons") if row["quarter"] == str(figures.quarter)]
    datasets = {
        name: {each.strip() for each in (row["source_datasets"] or "").split(";")}
        for name, row in figures.register().items()
    }
    versions = {name: _versions(each.figures) for name, each in releases.items() if each.figures is not None}
    mine = _versions(figures)

    def explained(figure: Figure, since: str) -> tuple[str, str]:
        version = (figure.indicator_id, figure.month)
        if since in versions and versions[since].get(version) not in (None, mine.get(version)):
            kind = DEFINITION
        else:
            kind = _by_deliveries(
                releases[since].origin.get("deliveries", []),
                origin["deliveries"],
                datasets.get(figure.indicator_id, set()),
            )
        for row in reasons:
            within = (row["first_month"] or "0") <= figure.month <= (row["last_month"] or "9")
            if within and row["indicator_id"] in ("", figure.indicator_id):
                kind = row["revision_class"] or kind
                return kind, row["reason"]
        if kind not in wordings:
            raise PublicationError(f"seeds/revision_classes.csv has no class '{kind}': add its row.")
        return kind, wordings[kind]

    return explained


def _versions(figures: Figures) -> dict[tuple[str, str], str]:
    """The version of the definition each figure was made by, by indicator and month."""
    return {
        (row["indicator_id"], row["month"]): row["indicator_version"]
        for row in figures.rows("fct_indicator_value")
    }


def _by_deliveries(
    before: Iterable[Mapping[str, Any]], now: Iterable[Mapping[str, Any]], datasets: set[str]
) -> str:
    """What happened to the deliveries an indicator rests on.

    One that is not used any more, while another of the same load month and period is, was sent again. Others
    that came since brought what was recorded late. If they are the same, something else changed.
    """
    then = {each["delivery_id"]: _place(each) for each in before if each["dataset"] in datasets}
    used = {each["delivery_id"]: _place(each) for each in now if each["dataset"] in datasets}
    came = {used[name] for name in used.keys() - then.keys()}
    if came & {then[name] for name in then.keys() - used.keys()}:
        return CORRECTION
    return LATE if came else METHOD


def _place(delivery: Mapping[str, Any]) -> tuple[str, str, str]:
    return delivery["dataset"], delivery["load_month"], delivery["period_end"]


def _rows(rules: Path, name: str) -> list[dict[str, str]]:
    with (rules / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


_TYPES = {"str": pa.string(), "float | None": pa.float64(), "bool": pa.bool_()}
_SCHEMA = pa.schema([(field.name, _TYPES[str(field.type)]) for field in fields(Revision)])


def write_revisions(found: Sequence[Revision], folder: Path) -> None:
    """Keep the list in a draft or version, as officers see it."""
    rows = [{field.name: getattr(each, field.name) for field in fields(Revision)} for each in found]
    write_table(pa.Table.from_pylist(rows, _SCHEMA), folder / REVISIONS)


def read_revisions(folder: Path) -> tuple[Revision, ...]:
    """The list kept in a draft or version; empty for one made before such lists were."""
    path = folder / f"{REVISIONS}.parquet"
    return tuple(Revision(**row) for row in pq.read_table(path).to_pylist()) if path.exists() else ()
