"""The interval audit: can anybody work out a protected count from all that is published together?

What is published about counts is written as rows: sums of counts that nobody has seen, with the least and
the most they can be. For every protected count two integer programs, solved by HiGHS, find the least and the
most it can be with every row kept. If too few whole numbers lie between, it is given away, and the chain is a
set of rows that gives it away and of which none can be spared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import highspy
import numpy as np

Cell = tuple[str, ...]
Sum = tuple[tuple[Cell, float], ...]
"""Cells, each with the number it is multiplied by; sorted, so that equal sums are equal."""
Key = tuple[str, str, str]
"""What a figure is of: indicator, window and last month."""
_SLACK = 1e-6


@dataclass(frozen=True)
class Row:
    """``low <= sum <= high``, and how it is known. ``key`` names the figure it is from, if any.

    ``release`` is what published it: blank if it is known anyhow, None if it is not published yet.
    """

    sum: Sum
    low: float
    high: float
    said: str
    key: Key | None = None
    release: str | None = ""

    @property
    def is_settled(self) -> bool:
        """Whether it cannot be taken back."""
        return self.release is not None

    def holds(self, true: Mapping[Cell, float]) -> bool:
        """Whether it is true of these counts, as far as they are known."""
        found = total(self.sum, true)
        return found is None or self.low - _SLACK <= found <= self.high + _SLACK


@dataclass(frozen=True)
class Target:
    """A count, truly ``number``, of ``lowest`` to ``highest``, that must not be worked out.

    If the reader can see that it is withheld, and so knows that it may be of that size, every number from
    ``lowest`` to ``highest`` must stay possible. Else as many whole numbers must, wherever they lie.
    """

    sum: Sum
    said: str
    number: float
    lowest: int
    highest: int
    is_marked: bool

    def is_safe(self, least: float, most: float) -> bool:
        """Whether it may be known that it lies between these two."""
        if self.is_marked:
            return least <= self.lowest + _SLACK and most >= self.highest - _SLACK
        return most - least >= self.highest - self.lowest - _SLACK

    def is_given_away(self, least: float, most: float) -> bool:
        """Whether all that is known is that it lies between these two, too close together and rightly so."""
        return not self.is_safe(least, most) and least - _SLACK <= self.number <= most + _SLACK


@dataclass(frozen=True)
class Leak:
    """A protected count that must lie between ``least`` and ``most`` by the rows of ``chain``.

    In words it names the figures of the chain but no number, because messages are logged.
    """

    target: Target
    least: int
    most: int
    chain: tuple[Row, ...]

    def __str__(self) -> str:
        said = dict.fromkeys(row.said for row in self.chain)
        return "\n".join([f"{self.target.said} can be worked out from:", *(f"  - {line}" for line in said)])


def sum_of(terms: Iterable[tuple[Cell, float]]) -> Sum:
    """The sum of cells, each named once, without those that cancel out."""
    found: dict[Cell, float] = defaultdict(float)
    for cell, times in terms:
        found[cell] += times
    return tuple(sorted(((cell, times) for cell, times in found.items() if times)))


def total(cells: Sum, true: Mapping[Cell, float]) -> float | None:
    """What a sum is with these counts; None if one of them is not known."""
    if any(cell not in true for cell, _ in cells):
        return None
    return sum(times * true[cell] for cell, times in cells)


def audit(rows: Sequence[Row], targets: Sequence[Target]) -> list[Leak]:
    """The first leak of each group of rows and targets that have to do with one another.

    Cells are whole numbers, zero or more. Rows that contradict each other (figures of before and after a
    revision) are weakened by leaving out as few as possible, the older first: ``rows`` run from old to new.
    """
    return [
        leak
        for part_rows, part_targets in _groups(rows, targets)
        if (leak := _first_leak(part_rows, part_targets)) is not None
    ]


def _groups(
    rows: Sequence[Row], targets: Sequence[Target]
) -> list[tuple[tuple[Row, ...], tuple[Target, ...]]]:
    """The rows and targets divided into groups that share no cell; groups without a target are left out."""
    parent: dict[Cell, Cell] = {}

    def root(cell: Cell) -> Cell:
        while parent.setdefault(cell, cell) != cell:
            parent[cell] = cell = parent[parent[cell]]
        return cell

    for each in [*(row.sum for row in rows), *(target.sum for target in targets)]:
        for cell, _ in each[1:]:
            parent[root(cell)] = root(each[0][0])
    grouped_rows: dict[Cell, list[Row]] = defaultdict(list)
    grouped_targets: dict[Cell, list[Target]] = defaultdict(list)
    for row in rows:
        grouped_rows[root(row.sum[0][0])].append(row)
    for target in targets:
        grouped_targets[root(target.sum[0][0])].append(target)
    return [(tuple(grouped_rows[cell]), tuple(found)) for cell, found in grouped_targets.items()]


@lru_cache(maxsize=4096)
def _first_leak(rows: tuple[Row, ...], targets: tuple[Target, ...]) -> Leak | None:
    """The first target that is not safe. Kept, because a figure withheld changes only its own group."""
    program = _Program(rows, targets)
    least = np.full(len(targets), np.inf)
    most = np.full(len(targets), -np.inf)

    def witness(objective: np.ndarray) -> None:
        """Every solution shows, for all targets at once, a number that is possible."""
        counted = program.counted(objective)
        np.minimum(least, counted, out=least)
        np.maximum(most, counted, out=most)

    for sign in (1.0, -1.0):
        witness(sign * program.wanted.sum(axis=0))
    for place, target in enumerate(targets):
        for sign in (1.0, -1.0):
            if not target.is_safe(least[place], most[place]):
                witness(sign * program.wanted[place])
        if target.is_given_away(least[place], most[place]):
            return Leak(target, round(least[place]), round(most[place]), program.chain(place))
    return None


class _Program:
    """The rows of a group as one program, kept by HiGHS between questions so that each begins where the last
    ended."""

    def __init__(self, rows: tuple[Row, ...], targets: tuple[Target, ...]) -> None:
        self.rows, self.targets = rows, targets
        sums = [*(row.sum for row in rows), *(target.sum for target in targets)]
        cells = sorted({cell for each in sums for cell, _ in each})
        place = {cell: index for index, cell in enumerate(cells)}
        self.wanted = np.zeros((len(targets), len(place)))
        for index, target in enumerate(targets):
            for cell, times in target.sum:
                self.wanted[index, place[cell]] = times
        self.low = np.array([row.low for row in rows])
        self.high = np.array([row.high for row in rows])
        finite = [abs(bound) for row in rows for bound in (row.low, row.high) if np.isfinite(bound)]
        # More than any number here, so that what is not bounded stays free and every program has an end.
        top = 2 * max([*finite, *(target.highest for target in targets)]) + 2
        self.solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        self.solver.setOptionValue("output_flag", False)
        self.solver.setOptionValue("threads", 1)
        self.cells = np.arange(len(place), dtype=np.int32)
        self.solver.addVars(len(place), np.zeros(len(place)), np.full(len(place), top))
        for row in rows:
            places = np.array([place[cell] for cell, _ in row.sum], dtype=np.int32)
            factors = np.array([times for _, times in row.sum])
            self.solver.addRow(row.low, row.high, len(places), places, factors)
        self.used = np.ones(len(rows), bool)
        self._settle()

    def counted(self, objective: np.ndarray) -> np.ndarray:
        """How many each target counts where the objective is least."""
        return np.asarray(self.wanted @ self._solved(objective))

    def chain(self, target: int) -> tuple[Row, ...]:
        """The rows that give a target away, none of which can be spared.

        The settled alone are tried first. Then the prices of the two programs say which rows matter; of these
        the late ones, which are worth more to readers, are spared before others.
        """
        everything = self.used.copy()
        settled = everything & np.array([row.is_settled for row in self.rows])
        used = settled if self._gives_away(target, settled) else everything
        priced = used & self._priced(target, used)
        used = priced if self._gives_away(target, priced) else used
        for index in np.flatnonzero(used)[::-1]:
            fewer = used.copy()
            fewer[index] = False
            if self._gives_away(target, fewer):
                used = fewer
        self._use(everything)
        return tuple(row for row, kept in zip(self.rows, used, strict=True) if kept)

    def _priced(self, target: int, used: np.ndarray) -> np.ndarray:
        """The rows with a price (dual value) in the least or the most of a target."""
        self._use(used)
        priced = np.zeros(len(self.rows), bool)
        for sign in (1.0, -1.0):
            self._run(sign * self.wanted[target])
            priced |= np.abs(np.array(self.solver.getSolution().row_dual)) > _SLACK
        return priced

    def _gives_away(self, target: int, used: np.ndarray) -> bool:
        self._use(used)
        objective = self.wanted[target]
        least, most = (float(objective @ self._solved(sign * objective)) for sign in (1.0, -1.0))
        return self.targets[target].is_given_away(least, most)

    def _use(self, used: np.ndarray) -> None:
        """Let only these rows hold."""
        for index in np.flatnonzero(used != self.used):
            low, high = (self.low[index], self.high[index]) if used[index] else (-np.inf, np.inf)
            self.solver.changeRowBounds(int(index), low, high)
        self.used = used.copy()

    def _solved(self, objective: np.ndarray) -> np.ndarray:
        """The whole numbers that make the objective least.

        Sums of windows have solutions in whole numbers by themselves; only if not, HiGHS has to branch.
        """
        solution = self._run(objective)
        if solution is not None and not np.allclose(solution, np.round(solution), rtol=0, atol=_SLACK):
            self._make(highspy.HighsVarType.kInteger)
            solution = self._run(objective)
            self._make(highspy.HighsVarType.kContinuous)
        if solution is None:
            raise ArithmeticError("The audit's program has no solution, though one was found before.")
        return np.asarray(np.round(solution))

    def _run(self, objective: np.ndarray) -> np.ndarray | None:
        """The solution where the objective is least; None if the rows contradict each other."""
        self.solver.changeColsCost(len(self.cells), self.cells, objective)
        self.solver.run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return np.array(self.solver.getSolution().col_value)

    def _make(self, kind: highspy.HighsVarType) -> None:
        self.solver.changeColsIntegrality(len(self.cells), self.cells, np.full(len(self.cells), kind))

    def _settle(self) -> None:
        """Leave out the least of the rows, the older before the newer, if they cannot all hold."""
        if self._run(np.zeros(len(self.cells))) is not None:
            return
        count, first = len(self.rows), len(self.cells)
        for index in range(count):
            price = 1 + index / count
            for sign in (1.0, -1.0):
                row, times = np.array([index], dtype=np.int32), np.array([sign])
                self.solver.addCol(price, 0, np.inf, 1, row, times)
        self.solver.run()
        slack = np.array(self.solver.getSolution().col_value)[first:].reshape(count, 2).sum(axis=1)
        self.solver.deleteCols(2 * count, np.arange(first, first + 2 * count, dtype=np.int32))
        self._use(slack <= _SLACK)
