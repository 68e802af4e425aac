"""What published figures say about the counts behind them: the identities an audit has to know.

A count is what the numerator or denominator of an indicator counts, month by month. A figure of a
quarter, of the year to date or of twelve months is the sum of its months; a position is a count at a date; a
part is no larger than its whole; a percentage or rate bounds its parts by how it is rounded. Two indicators
may count the same (re-referrals out of referrals, referrals to a population), or one the rest of the other.
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, count, takewhile
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from scrutiny.periods import Month
from scrutiny.reports.figures import Figures
from scrutiny.snapshots.audit import Cell, Row, Sum, sum_of
from scrutiny.snapshots.ledger import POSITION, Figure

WINDOWS = ("month", "quarter", "year_to_date", "rolling_12_months")
NUMERATOR, DENOMINATOR = "numerator", "denominator"
AVERAGES = ("mean", "median")
_SCALES = {"percent": 100, "rate_per_10000": 10_000, "rate_per_100000": 100_000}
_FEWEST_SHARED_MONTHS = 6
_FEWEST_DIFFERENT_COUNTS = 3
Count = tuple[str, str]
"""An indicator and which part of it: ``("CP10", "denominator")``."""


@dataclass(frozen=True)
class Elsewhere:
    """A figure that somebody else has published: a partner, a partnership, the government."""

    area: str
    figure: Figure
    source: str


@dataclass(frozen=True)
class Identity:
    """A sum of counts that is zero (``is_exact``) or not below zero in every month."""

    name: str
    terms: tuple[tuple[Count, int, float], ...]
    is_exact: bool


def months_of(window: str, month: Month) -> tuple[Month, ...]:
    """The months a window sums up, oldest first; of a position the one it is the end of."""
    length = {
        "month": 1,
        "quarter": 3,
        "year_to_date": (month.number - 4) % 12 + 1,
        "rolling_12_months": 12,
        POSITION: 1,
    }[window]
    return tuple(month - back for back in reversed(range(length)))


def true_counts(figures: Figures) -> dict[Count, dict[str, float]]:
    """The counts of each month as frozen, by indicator and part."""
    table = figures.tables["fct_measure_month"]
    found: dict[Count, dict[str, float]] = defaultdict(dict)
    for row in table.filter(pc.equal(table["breakdown"], "all")).to_pylist():
        for part in (NUMERATOR, DENOMINATOR):
            if row[part] is not None:
                found[row["indicator_id"], part][row["month"]] = row[part]
    return found


class Counts:
    """The counts of an authority's indicators, with what they truly are where that is known.

    ``history`` are the frozen figures of published quarters and the new one, oldest first: the newest says
    what the counts are.
    """

    def __init__(self, area: str, history: Iterable[Figures], rules: Path, exempt_service: str) -> None:
        self.area = area
        self.register: dict[str, dict[str, Any]] = {}
        self.true: dict[Count, dict[str, float]] = defaultdict(dict)
        for figures in history:
            for row in (*figures.rows("dim_indicator"), *figures.register().values()):
                if row["service"] != exempt_service:
                    self.register[row["indicator_id"]] = row
            for named, numbers in true_counts(figures).items():
                if named[0] in self.register:
                    self.true[named].update(numbers)
        self._same = self._same_counts()
        self.identities = [
            identity
            for identity in (*_identities(rules), *self._rests())
            if all(term[0][0] in self.register for term in identity.terms) and self._holds(identity)
        ]
        self.members = _members(rules)
        self._shares = [name for name in sorted(self.register) if self.statistic(name) == "share"]

    def cell(self, count: Count, month: Month, area: str | None = None) -> Cell:
        return (area or self.area, *self._same.get(count, count), str(month))

    def cells(self, true: Mapping[Count, dict[str, float]]) -> dict[Cell, float]:
        """True counts by the cell they are in."""
        return {
            self.cell(named, Month.parse(month)): number
            for named, numbers in true.items()
            for month, number in numbers.items()
        }

    def statistic(self, indicator_id: str) -> str:
        """How the figure is made. Snapshots older than the column hold shares and rates only."""
        row = self.register[indicator_id]
        return row.get("statistic") or ("rate" if row["unit"].startswith("rate") else "share")

    def is_flow(self, indicator_id: str) -> bool:
        return bool(self.register[indicator_id]["measure_kind"] == "flow")

    def people(self, figure: Figure) -> list[tuple[str, Sum, float | None]]:
        """What a figure counts people with: the part, its sum of cells, and the number if it is printed.

        The denominator of a rate is a population, which everybody knows; the numerator of an average is a
        quantity. The rest of a share (denominator less numerator) is a count too.
        """
        statistic = self.statistic(figure.indicator_id)
        parts = {
            "share": (NUMERATOR, DENOMINATOR, "rest"),
            "mean": (DENOMINATOR,),
            "median": (DENOMINATOR,),
        }.get(statistic, (NUMERATOR,))
        return [(part, self.part(figure, part), _number(figure, part)) for part in parts]

    def part(self, figure: Figure, part: str, areas: Iterable[str] = ()) -> Sum:
        """The sum of cells that is the numerator, the denominator or the rest of a figure."""
        months = months_of(figure.window, Month.parse(figure.month))
        signed = {"rest": ((DENOMINATOR, 1.0), (NUMERATOR, -1.0))}.get(part, ((part, 1.0),))
        return sum_of(
            (self.cell((figure.indicator_id, name), month, area), sign)
            for name, sign in signed
            for month in months
            for area in (tuple(areas) or (self.area,))
        )

    def rows(
        self, figure: Figure, said: str, release: str | None, areas: Iterable[str] = ()
    ) -> Iterator[Row]:
        """What a figure says once ``release`` has published it; None for a figure not published yet.

        ``areas`` are those it is the sum of; the authority's own if none.
        """
        areas = tuple(areas)
        statistic = self.statistic(figure.indicator_id)
        parts = {"rate": (NUMERATOR,), "mean": (DENOMINATOR,), "median": (DENOMINATOR,)}.get(
            statistic, (NUMERATOR, DENOMINATOR)
        )
        for part in parts:
            number = _number(figure, part)
            if number is not None and number == round(number):  # pounds and part-time posts are no people
                yield Row(self.part(figure, part, areas), number, number, said, figure.key, release)
        if figure.value is not None and figure.numerator is None:
            for found, low, high in self._rounded(figure, statistic, areas):
                yield Row(found, low, high, said, figure.key, release)

    def _rounded(
        self, figure: Figure, statistic: str, areas: tuple[str, ...]
    ) -> Iterator[tuple[Sum, float, float]]:
        """What a value says of its numerator, which is not printed, by how it is rounded."""
        row = self.register[figure.indicator_id]
        half = 0.5 / 10 ** row["decimals"]
        value = figure.value or 0.0
        numerator = self.part(figure, NUMERATOR, areas)
        if statistic == "count":
            yield numerator, math.ceil(value - half), math.floor(value + half)
            return
        scale: float = _SCALES.get(row["unit"], 1)
        if figure.denominator is not None:
            months = len(months_of(figure.window, Month.parse(figure.month)))
            if statistic == "rate" and self.is_flow(figure.indicator_id):
                scale *= 12 / months
            each = figure.denominator / scale
            yield numerator, math.ceil((value - half) * each - 1e-9), math.floor((value + half) * each + 1e-9)
        elif statistic == "share":
            denominator = self.part(figure, DENOMINATOR, areas)
            for bound, sign in ((value - half, 1.0), (value + half, -1.0)):
                terms = [(cell, sign * scale * times) for cell, times in numerator]
                terms += [(cell, -sign * bound * times) for cell, times in denominator]
                yield sum_of(terms), 0.0, math.inf

    def structure(self, cells: Iterable[Cell]) -> Iterator[Row]:
        """What is true of counts, published or not, in every month from the first of ``cells`` to the last:
        parts are no larger than their wholes, and the identities hold.
        """
        named = list(cells)
        if not named:
            return
        first, last = Month.parse(min(cell[-1] for cell in named)), max(cell[-1] for cell in named)
        months = list(takewhile(lambda month: str(month) <= last, (first + index for index in count(0))))
        for area in sorted({cell[0] for cell in named}):
            for month in months:
                for indicator_id in self._shares:
                    part, whole = (
                        self.cell((indicator_id, name), month, area) for name in (NUMERATOR, DENOMINATOR)
                    )
                    if whole != part:
                        said = f"{indicator_id}: a part is no larger than its whole"
                        yield Row(sum_of([(whole, 1.0), (part, -1.0)]), 0.0, math.inf, said)
        for identity in self.identities:
            for month in months:
                found = sum_of((self.cell(name, month - back), times) for name, back, times in identity.terms)
                if found:
                    yield Row(found, 0.0, 0.0 if identity.is_exact else math.inf, identity.name)

    def _same_counts(self) -> dict[Count, Count]:
        """Counts that agree in every month both are known are taken for the same one, as a reader would."""
        same: dict[Count, Count] = {}
        for one, other in combinations(sorted(self.true), 2):
            if one not in same and other not in same and self._agree(self.true[one], self.true[other]):
                same[other] = one
        return same

    def _rests(self) -> Iterator[Identity]:
        """Counts that are the rest of a share: denominator less numerator."""
        for indicator_id in sorted(self.register):
            if self.statistic(indicator_id) != "share":
                continue
            part, whole = (indicator_id, NUMERATOR), (indicator_id, DENOMINATOR)
            known = self.true[part].keys() & self.true[whole].keys()
            rest = {month: self.true[whole][month] - self.true[part][month] for month in known}
            for other in sorted(self.true):
                if (
                    other not in self._same
                    and other[0] != indicator_id
                    and self._agree(rest, self.true[other])
                ):
                    yield Identity(
                        f"{' '.join(other)} is the rest of {indicator_id}",
                        ((whole, 0, 1.0), (part, 0, -1.0), (other, 0, -1.0)),
                        is_exact=True,
                    )

    @staticmethod
    def _agree(one: dict[str, float], other: dict[str, float]) -> bool:
        newest = max(one.keys() & other.keys(), default=None)
        if newest is None or one[newest] != other[newest]:
            return False
        shared = one.keys() & other.keys()
        return (
            len(shared) >= _FEWEST_SHARED_MONTHS
            and len({one[month] for month in shared}) >= _FEWEST_DIFFERENT_COUNTS
            and all(one[month] == other[month] for month in shared)
        )

    def _holds(self, identity: Identity) -> bool:
        """Whether the true counts keep to an identity: one that they break helps nobody."""
        months: set[str] = set.intersection(*(set(self.true[count]) for count, _, _ in identity.terms))
        for month in sorted(months):
            terms = [
                (self.true[count].get(str(Month.parse(month) - back)), times)
                for count, back, times in identity.terms
            ]
            known = [times * number for number, times in terms if number is not None]
            if len(known) == len(terms):
                total = sum(known)
                if total < 0 or (identity.is_exact and total > 0):
                    return False
        return True


def _number(figure: Figure, part: str) -> float | None:
    if part == "rest":
        if figure.numerator is None or figure.denominator is None:
            return None
        return figure.denominator - figure.numerator
    return figure.numerator if part == NUMERATOR else figure.denominator


def _identities(rules: Path) -> list[Identity]:
    """The identities of ``disclosure_identities.csv``."""
    grouped: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in read_rules(rules, "disclosure_identities"):
        grouped[row["identity"]].append(row)
    return [
        Identity(
            name,
            tuple(
                ((row["indicator_id"], row["part"]), int(row["months_back"]), float(row["times"]))
                for row in rows
            ),
            rows[0]["relation"] == "zero",
        )
        for name, rows in grouped.items()
    ]


def _members(rules: Path) -> dict[str, tuple[str, ...]]:
    """The authorities of each partnership."""
    members: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for row in read_rules(rules, "partnerships"):
        members[row["partnership_code"]] += (row["authority_code"],)
    return members


def published_elsewhere(rules: Path) -> list[Elsewhere]:
    """The figures of ``published_elsewhere.csv``."""
    return [
        Elsewhere(
            row["area_code"],
            Figure(
                row["indicator_id"],
                row["window"],
                row["month"],
                *(float(row[name]) if row[name] else None for name in (NUMERATOR, DENOMINATOR, "value")),
            ),
            row["source"],
        )
        for row in read_rules(rules, "published_elsewhere")
    ]


def read_rules(rules: Path, name: str) -> list[dict[str, str]]:
    """The rows of a rule set."""
    with (rules / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
