"""Random draws and small array helpers that every part of the simulation uses.

Dates are ``datetime64[D]`` arrays, ``NaT`` for none. A simulated table is a dict of equally long arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Table = dict[str, Array]
Rng = np.random.Generator

NEVER = np.datetime64("NaT", "D")
DAYS_A_YEAR = 365.25


def stream(seed: int, *name: int) -> Rng:
    """An independent random stream for one part of the simulation; parts do not disturb each other."""
    return np.random.default_rng([seed, *name])


def spread(rng: Rng, n: int, block: int = 20) -> Array:
    """``n`` numbers in [0, 1), evenly spread within every run of ``block`` of them.

    Shares drawn with it come out close to their rate even in a small authority or a short period, as long
    as the rows are in order of date.
    """
    blocks = -(-n // block)
    ranks = rng.random((blocks, block)).argsort(axis=1)
    drawn: Array = ((ranks + rng.random((blocks, block))) / block).ravel()[:n]
    return drawn


def pick(rng: Rng, weights: Mapping[str, float], n: int) -> Array:
    """``n`` of the keys of ``weights`` in proportion to their values (object array of str)."""
    bounds = np.cumsum(list(weights.values()))
    return np.array(list(weights), dtype=object)[
        np.searchsorted(bounds / bounds[-1], spread(rng, n), "right")
    ]


def between(rng: Rng, low: int, high: int, n: int) -> Array:
    """``n`` whole numbers from ``low`` to ``high``, both included."""
    return rng.integers(low, high + 1, n)


def days(rng: Rng, first: str | np.datetime64, last: str | np.datetime64, n: int) -> Array:
    """``n`` dates between two dates, both included, in order."""
    start, end = np.asarray(first, dtype="datetime64[D]"), np.asarray(last, dtype="datetime64[D]")
    return np.sort(start + rng.integers(0, (end - start).astype(int) + 1, n))


def working_day(dates: Array, offset: Array | int = 0) -> Array:
    """The date ``offset`` weekdays on; a weekend date first rolls forward to Monday."""
    return np.busday_offset(dates, offset, roll="forward").astype("datetime64[D]")


def birthday(birth: Array, age: Array | int) -> Array:
    """The date of the ``age``-th birthday (1 March for those born on 29 February in other years)."""
    months = birth.astype("datetime64[M]")
    day = (birth - months.astype("datetime64[D]")).astype(int)
    moved = (months + 12 * np.asarray(age)).astype("datetime64[D]")
    shifted: Array = moved + day
    return shifted


def age(birth: Array, at: Array | np.datetime64) -> Array:
    """Completed years of age at a date; -1 before birth."""
    at = np.broadcast_to(np.asarray(at, dtype="datetime64[D]"), birth.shape)
    years = at.astype("datetime64[Y]").astype(int) - birth.astype("datetime64[Y]").astype(int)
    completed: Array = years - (birthday(birth, years) > at)
    return completed


def recorded(rng: Rng, dates: Array, share: float, lag: tuple[int, int] | list[int]) -> Array:
    """When each event was recorded: on its date, or ``lag`` days later for a ``share`` of them."""
    late = rng.random(len(dates)) < share
    result: Array = either(late, dates + between(rng, lag[0], lag[1], len(dates)), dates)
    return result


def either(condition: Any, yes: Any, no: Any) -> Array:
    """``yes`` where the condition holds, ``no`` elsewhere; each an array, one value, or None."""
    result: Array = np.where(condition, yes, no)
    return result


def choose(table: Table, rows: Array) -> Table:
    """The rows of a table given by a mask or by positions."""
    return {name: column[rows] for name, column in table.items()}


def stack(tables: list[Table]) -> Table:
    """Tables with the same columns, one below the other."""
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}


def running_max(values: Array, group: Array) -> Array:
    """The largest date so far within each group; the rows of a group must lie together in order."""
    numbers = values.astype("datetime64[D]").astype(np.int64)
    _, rank = np.unique(group, return_inverse=True)
    step = np.int64(1 << 32)
    result: Array = (np.maximum.accumulate(numbers + rank * step) - rank * step).astype("datetime64[D]")
    return result


def first_of_group(group: Array) -> Array:
    """True on the first row of every run of equal values."""
    return np.concatenate([[True], group[1:] != group[:-1]]) if len(group) else np.zeros(0, dtype=bool)


def last_of_group(group: Array) -> Array:
    """True on the last row of every run of equal values."""
    return np.concatenate([group[1:] != group[:-1], [True]]) if len(group) else np.zeros(0, dtype=bool)


def repeat_dates(rng: Rng, start: Array, end: Array, a_year: Array) -> tuple[Array, Array]:
    """Random dates strictly inside each interval, at a yearly rate: (row of the interval, date)."""
    length = np.maximum((end - start).astype(int) - 1, 0)
    count = rng.poisson(np.maximum(a_year, 0) * length / DAYS_A_YEAR)
    row = np.repeat(np.arange(len(start)), count)
    date = start[row] + 1 + np.floor(rng.random(len(row)) * length[row]).astype(int)
    order = np.lexsort((date, row))
    return row[order], date[order]
