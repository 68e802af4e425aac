"""An attacker who has every published figure and none of the code that protects them.

Two ways of solving are tried. Linear algebra: is a count a combination of published sums? Narrowing: starting
from zero and a large number, how far do the sums and the parts of wholes push its limits together? He is told
which figures were revised since, so that he never mixes what does not belong together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from histories import Known, Numbers

from scrutiny.periods import Month
from scrutiny.snapshots.ledger import Figure, Release

LARGE = 10_000.0
LENGTHS = {"month": 1, "quarter": 3, "rolling_12_months": 12, "position": 1}
Terms = tuple[tuple[str, int, float], ...]
"""Counts by name, so many months back, so many times."""


@dataclass(frozen=True)
class Public:
    """What everybody knows: what each indicator counts, parts of wholes, and sums that are always zero."""

    numerators: dict[str, str]
    denominators: dict[str, str]
    zero: tuple[Terms, ...] = ()


def span(window: str, last: Month) -> list[Month]:
    length = (last.number - 4) % 12 + 1 if window == "year_to_date" else LENGTHS[window]
    return [last - back for back in range(length)]


class Attacker:
    """Everything that follows from one reading of the published figures."""

    def __init__(self, figures: Iterable[Figure], public: Public) -> None:
        equal: dict[frozenset[tuple[str, Month]], float] = {}
        for figure in figures:
            months = span(figure.window, Month.parse(figure.month))
            for names, number in (
                (public.numerators, figure.numerator),
                (public.denominators, figure.denominator),
            ):
                if number is not None and figure.indicator_id in names:
                    name = names[figure.indicator_id]
                    equal.setdefault(frozenset((name, month) for month in months), number)
        published = sorted({cell for cells in equal for cell in cells})
        months = sorted({month for _, month in published})
        counted = {name for name, _ in published}
        counted |= {
            name for terms in public.zero if counted & {each[0] for each in terms} for name, *_ in terms
        }
        cells = sorted({*published, *((name, month) for name in counted for month in months)})
        self.place = {cell: index for index, cell in enumerate(cells)}
        rows, bounds = [], []
        for summed, number in equal.items():
            rows.append(self._row((cell, 1.0) for cell in summed))
            bounds.append((number, number))
        for terms in public.zero:
            for month in months:
                row = [((name, month - back), times) for name, back, times in terms]
                if all(cell in self.place for cell, _ in row):
                    rows.append(self._row(row))
                    bounds.append((0.0, 0.0))
        exact = len(rows)
        wholes = {(public.numerators[name], whole) for name, whole in public.denominators.items()}
        for part, whole in sorted(wholes):
            for month in months:
                if (part, month) in self.place and (whole, month) in self.place:
                    rows.append(self._row([((whole, month), 1.0), ((part, month), -1.0)]))
                    bounds.append((0.0, LARGE))
        self.matrix, self.bounds = np.array(rows), np.array(bounds)
        _, sizes, vectors = np.linalg.svd(self.matrix[:exact])
        self.free = vectors[int((sizes > 1e-8).sum()) :]
        self.solution = np.linalg.lstsq(self.matrix[:exact], self.bounds[:exact, 0], rcond=None)[0]
        self.low, self.high = self._narrowed()

    def _row(self, terms: Iterable[tuple[tuple[str, Month], float]]) -> np.ndarray:
        row = np.zeros(len(self.place))
        for cell, times in terms:
            row[self.place[cell]] += times
        return row

    def _narrowed(self) -> tuple[np.ndarray, np.ndarray]:
        low, high = np.zeros(len(self.place)), np.full(len(self.place), LARGE)
        used = self.matrix != 0
        times = np.where(used, self.matrix, 1.0)
        for _ in range(25):
            least = np.where(used, np.where(self.matrix > 0, self.matrix * low, self.matrix * high), 0.0)
            most = np.where(used, np.where(self.matrix > 0, self.matrix * high, self.matrix * low), 0.0)
            above = (self.bounds[:, 1:] - (least.sum(1, keepdims=True) - least)) / times
            below = (self.bounds[:, :1] - (most.sum(1, keepdims=True) - most)) / times
            up = np.where(used, np.where(self.matrix > 0, above, below), np.inf).min(0)
            down = np.where(used, np.where(self.matrix > 0, below, above), -np.inf).max(0)
            low, high = np.maximum(low, np.ceil(down - 1e-6)), np.minimum(high, np.floor(up + 1e-6))
        return low, high

    def answer(self, terms: list[tuple[tuple[str, Month], float]]) -> float | None:
        """What a sum of counts must be; None if more than one number is possible."""
        if any(cell not in self.place for cell, _ in terms):
            return None
        row = self._row(terms)
        if np.abs(self.free @ row).max(initial=0.0) < 1e-6:
            return float(round(row @ self.solution, 6))
        low = np.where(row > 0, row * self.low, row * self.high).sum()
        high = np.where(row > 0, row * self.high, row * self.low).sum()
        return float(low) if low == high else None


def readings(releases: list[Release], truths: Iterable[list[Known]]) -> Iterator[list[Figure]]:
    """All figures ever published that were true at the time of each release: he knows what was revised."""
    for known in truths:
        named = {each.indicator_id: each for each in known}
        yield [
            figure
            for release in releases
            for figure in release.figures
            if named[figure.indicator_id].figure(Month.parse(figure.month))[:2]
            in ((figure.numerator, figure.denominator), (None, None))
        ]


def given_away(
    releases: list[Release], public: Public, truths: list[list[Known]], hidden: range
) -> list[str]:
    """The counts in ``hidden`` that the attacker finds, of those that were true when any release was made."""
    found = set()
    for known, figures in zip(truths, readings(releases, truths), strict=True):
        attacker = Attacker(figures, public)
        for each in known:
            name = public.numerators[each.indicator_id]
            whole = public.denominators.get(each.indicator_id)
            wanted: list[tuple[str, dict[str, float], Numbers]] = [(name, {name: 1.0}, each.numerators)]
            if whole and each.denominators:
                rest = {month: each.denominators[month] - number for month, number in each.numerators.items()}
                wanted += [(whole, {whole: 1.0}, each.denominators)]
                wanted += [(f"{whole} less {name}", {whole: 1.0, name: -1.0}, rest)]
            for said, signs, numbers in wanted:
                for month in numbers:
                    for window in ("month", "quarter") if each.measure_kind == "flow" else ("position",):
                        months = span(window, month)
                        if all(one in numbers for one in months):
                            number = sum(numbers[one] for one in months)
                            terms = [((part, one), sign) for part, sign in signs.items() for one in months]
                            if number in hidden and attacker.answer(terms) == number:
                                found.add(f"{said}, {window} to {month}")
    return sorted(found)
