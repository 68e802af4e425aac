"""Forecasts of indicators by simulation, and how often earlier forecasts would have been right.

The dbt models ``int_forecast__outturns`` and ``int_forecast__backtests`` call this within the build. Each
series is simulated from a seed made of its own name and month, so that a figure depends neither on the others
nor on the day it is made.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Numbers = npt.NDArray[np.float64]

LONGEST_WINDOW = 12
MONTHS_BETWEEN_BACKTESTS = 3
BACKTESTED_MONTHS_AHEAD = 6

_WEIGHTS = np.array(list(itertools.product((0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1), (0.8, 0.85, 0.9, 0.95)))).T
"""Tried for a damped trend: what part of a surprise a step takes up, and what part of it the next keeps."""

OUTTURNS = pa.schema(
    [
        ("authority_code", pa.string()),
        ("indicator_id", pa.string()),
        ("year_end_month_index", pa.int32()),
        ("figure_to_date", pa.float64()),
        ("straight_line", pa.float64()),
        ("outturn", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("probability_of_meeting", pa.float64()),
        ("is_met_now", pa.bool_()),
        ("expected_month_index", pa.int32()),
    ]
)
BACKTESTS = pa.schema(
    [
        ("authority_code", pa.string()),
        ("indicator_id", pa.string()),
        ("method", pa.string()),
        ("from_month_index", pa.int32()),
        ("months_ahead", pa.int32()),
        ("lower", pa.float64()),
        ("median", pa.float64()),
        ("upper", pa.float64()),
        ("straight_line", pa.float64()),
        ("actual", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Series:
    """One indicator of one authority by month, without a gap.

    ``numerator``, ``denominator`` and ``value`` have one number a month, the first of ``first_month`` (months
    counted from year 0, January being 1). ``targets`` are those of the newest month and the months after it,
    NaN where there is none. A figure over a window is the numerators by the denominators of its months
    (``is_rate``: by the last denominator, brought to a year; ``is_count``: numerators alone), times
    ``scale``; of a position it is the value.
    """

    authority_code: str
    indicator_id: str
    method: str
    first_month: int
    numerator: Numbers
    denominator: Numbers
    value: Numbers
    targets: Numbers
    better_sign: int
    scale: float
    decimals: int
    is_rate: bool
    is_count: bool
    lowest: float
    highest: float
    window_months: int
    outturn_months: int
    history_months: int
    minimum_months: int
    draws: int
    interval_percent: float

    @property
    def months(self) -> int:
        return len(self.value)

    @property
    def last_month(self) -> int:
        return self.first_month + self.months - 1

    @property
    def months_to_year_end(self) -> int:
        """Months from the newest to March of its financial year."""
        return (3 - self.last_month) % 12

    @property
    def is_position(self) -> bool:
        return self.method == "damped_trend"

    def until(self, months: int) -> Series:
        """The series as it was when only its first ``months`` months were known."""
        return replace(
            self,
            numerator=self.numerator[:months],
            denominator=self.denominator[:months],
            value=self.value[:months],
        )

    def figures(self, numerator: Numbers, denominator: Numbers, window: int) -> Numbers:
        """Draws by months: the figure over ``window`` months up to each, NaN before there are enough."""
        summed = _trailing(numerator, window)
        if self.is_count:
            return summed * self.scale
        below = denominator * window / 12 if self.is_rate else _trailing(denominator, window)
        return self.scale * summed / np.where(below > 0, below, np.nan)

    def meets(self, figures: Numbers, targets: Numbers | np.float64) -> npt.NDArray[np.bool_]:
        """Whether figures, rounded as they are shown, meet targets."""
        unit = 10.0**self.decimals
        shown = np.sign(figures) * np.floor(np.abs(figures) * unit + 0.5) / unit
        return np.asarray((shown - targets) * self.better_sign >= 0)


@dataclass(frozen=True)
class Simulation:
    """Draws by months, past ones included: the figure over the headline's window and over the outturn's."""

    headline: Numbers
    outturn: Numbers


def simulate(series: Series, months_ahead: int) -> Simulation:
    """Draw the months to come; the past is the same in every draw."""
    name = f"{series.authority_code} {series.indicator_id} {series.last_month}"
    random = np.random.default_rng(zlib.crc32(name.encode()))
    if series.is_position:
        ahead = _damped_trend(series.value[-series.history_months :], months_ahead, series.draws, random)
        drawn = np.clip(_after(series.value, ahead), series.lowest, series.highest)
        return Simulation(drawn, drawn)
    numerator, denominator = _events(series, months_ahead, random)
    numerator, denominator = _after(series.numerator, numerator), _after(series.denominator, denominator)
    return Simulation(
        series.figures(numerator, denominator, series.window_months),
        series.figures(numerator, denominator, series.outturn_months),
    )


def outturns(months: pa.Table) -> pa.Table:
    """The forecast of each series of ``int_forecast__months``, as ``OUTTURNS``; figures are not rounded.

    ``probability_of_meeting``, ``is_met_now`` and ``expected_month_index`` (the first month in which at least
    half of the draws meet the target) are null without a target.
    """
    return pa.Table.from_pylist([_outturn(series) for series in series_of(months)], schema=OUTTURNS)


def _outturn(series: Series) -> dict[str, object]:
    now, year_end = series.months - 1, series.months - 1 + series.months_to_year_end
    drawn = simulate(series, max(len(series.targets) - 1, series.months_to_year_end))
    at_year_end = drawn.outturn[:, year_end]
    lower, median, upper = _interval(series, at_year_end)
    figures = drawn.headline[:, now : now + len(series.targets)]
    chances = np.where(np.isnan(series.targets), np.nan, series.meets(figures, series.targets).mean(axis=0))
    likely = np.flatnonzero(chances[1:] >= 0.5)
    has_target = not np.isnan(series.targets[0])
    target = series.targets[min(series.months_to_year_end, len(series.targets) - 1)]
    return {
        "authority_code": series.authority_code,
        "indicator_id": series.indicator_id,
        "year_end_month_index": series.last_month + series.months_to_year_end,
        "figure_to_date": _known(_to_date(series)),
        "straight_line": _known(_straight_line(series)),
        "outturn": _known(median),
        "lower": _known(lower),
        "upper": _known(upper),
        "probability_of_meeting": None
        if np.isnan(target)
        else float(series.meets(at_year_end, target).mean()),
        "is_met_now": bool(chances[0] >= 0.5) if has_target else None,
        "expected_month_index": int(series.last_month + 1 + likely[0]) if likely.size else None,
    }


def backtests(months: pa.Table) -> pa.Table:
    """What earlier forecasts would have said, and what came: every third month, up to six months ahead.

    A forecast made from the months known then is compared with the figure over the outturn's window up to the
    month it is for. Gives ``BACKTESTS``, one row a series, month of forecast and months ahead.
    """
    rows = [row for series in series_of(months) for row in _backtested(series)]
    return pa.Table.from_pylist(rows, schema=BACKTESTS)


def _backtested(series: Series) -> Iterator[dict[str, object]]:
    if series.is_position:
        actual = series.value
    else:
        actual = series.figures(series.numerator[None], series.denominator[None], series.outturn_months)[0]
    for known in range(series.minimum_months, series.months, MONTHS_BETWEEN_BACKTESTS):
        then = series.until(known)
        ahead = min(BACKTESTED_MONTHS_AHEAD, series.months - known)
        drawn = simulate(then, ahead).outturn
        for step in range(1, ahead + 1):
            month = known - 1 + step
            lower, median, upper = _interval(series, drawn[:, month])
            if np.isnan([lower, actual[month]]).any():
                continue
            yield {
                "authority_code": series.authority_code,
                "indicator_id": series.indicator_id,
                "method": series.method,
                "from_month_index": then.last_month,
                "months_ahead": step,
                "lower": lower,
                "median": median,
                "upper": upper,
                "straight_line": _known(_straight_line(then, step)),
                "actual": float(actual[month]),
            }


def series_of(months: pa.Table) -> Iterator[Series]:
    """The series of ``int_forecast__months``: rows of history, then of months with a target alone."""
    table = months.sort_by(
        [(name, "ascending") for name in ("authority_code", "indicator_id", "month_index")]
    )
    names = list(zip(table["authority_code"].to_pylist(), table["indicator_id"].to_pylist(), strict=True))
    starts = [row for row, name in enumerate(names) if row == 0 or name != names[row - 1]]
    for start, end in itertools.pairwise([*starts, len(names)]):
        rows = table.slice(start, end - start)
        first = rows.slice(0, 1).to_pylist()[0]
        column = {
            name: rows[name].to_numpy(zero_copy_only=False).astype(float)
            for name in ("numerator", "denominator", "value", "target")
        }
        history = int(np.count_nonzero(rows["is_history"].to_numpy(zero_copy_only=False)))
        yield Series(
            authority_code=first["authority_code"],
            indicator_id=first["indicator_id"],
            method=first["method"],
            first_month=first["month_index"],
            numerator=column["numerator"][:history],
            denominator=column["denominator"][:history],
            value=column["value"][:history],
            targets=column["target"][history - 1 :],
            **{
                name: first[name]
                for name in (
                    "better_sign", "scale", "decimals", "is_rate", "is_count", "lowest", "highest",
                    "window_months", "outturn_months", "history_months", "minimum_months", "draws",
                    "interval_percent",
                )
            },
        )  # fmt: skip


def _events(series: Series, months_ahead: int, random: np.random.Generator) -> tuple[Numbers, Numbers]:
    """Numerators and denominators of months to come, by the method of the series: draws by months."""
    numerator = series.numerator[-series.history_months :]
    denominator = series.denominator[-series.history_months :]
    shape = (series.draws, months_ahead)
    if series.method == "seasonal_bootstrap":
        calendar = (
            np.arange(series.last_month - len(numerator) + 1, series.last_month + months_ahead + 1) % 12
        )
        past, future = calendar[: len(numerator)], calendar[len(numerator) :]
        apart = (past[:, None] - future) % 12
        drawn = [random.choice(numerator[np.isin(month, (0, 1, 11))], series.draws) for month in apart.T]
        expected = np.array(drawn).T.reshape(shape)
        return random.poisson(expected).astype(float), np.full(shape, denominator[-1])
    months = random.integers(0, len(numerator), shape)
    if series.method != "binomial_bootstrap":
        return numerator[months], denominator[months]
    people = np.round(denominator[months])
    rates = _rates(numerator, denominator)
    return random.binomial(people.astype(int), random.choice(rates, shape)).astype(float), people


def _rates(numerator: Numbers, denominator: Numbers) -> Numbers:
    """The rates of months, drawn to their mean by as much of their scatter as chance alone explains."""
    has_people = denominator > 0
    numerator, denominator = numerator[has_people], denominator[has_people]
    if not denominator.size:
        return np.zeros(1)
    rates, mean = numerator / denominator, numerator.sum() / denominator.sum()
    scatter = np.average((rates - mean) ** 2, weights=denominator)
    by_chance = mean * (1 - mean) * len(rates) / denominator.sum()
    real = np.sqrt(max(0.0, 1 - by_chance / scatter)) if scatter > 0 else 0.0
    drawn_in: Numbers = np.clip(mean + real * (rates - mean), 0, 1)
    return drawn_in


def _damped_trend(values: Numbers, months_ahead: int, draws: int, random: np.random.Generator) -> Numbers:
    """Positions to come: each month keeps part of the step before it (weights chosen by least squares)."""
    taken_up, kept = _WEIGHTS
    step = np.zeros(len(kept))
    surprises = []
    for change in np.diff(values):
        surprise = change - kept * step
        surprises.append(surprise)
        step = kept * step + taken_up * surprise
    best = int(np.argmin(np.square(surprises).sum(axis=0)))
    scatter = np.array(surprises)[:, best]
    # two weights and a mean were fitted to these surprises, which makes them look smaller than they are
    scatter = (scatter - scatter.mean()) * np.sqrt(len(scatter) / (len(scatter) - 3))
    steps, changes = np.full(draws, step[best]), np.empty((draws, months_ahead))
    for month in range(months_ahead):
        surprise = random.choice(scatter, draws)
        changes[:, month] = kept[best] * steps + surprise
        steps = kept[best] * steps + taken_up[best] * surprise
    return np.asarray(values[-1] + changes.cumsum(axis=1))


def _to_date(series: Series) -> float:
    """The newest position, or the figure of the financial year so far."""
    if series.is_position:
        return float(series.value[-1])
    so_far = min(12 - series.months_to_year_end, series.months)
    return float(series.figures(series.numerator[None], series.denominator[None], so_far)[0, -1])


def _straight_line(series: Series, months_ahead: int | None = None) -> float:
    """The naive forecast: a position stays; months to come are as those of the last year on average."""
    if series.is_position:
        return float(series.value[-1])
    ahead = series.months_to_year_end if months_ahead is None else months_ahead
    year = slice(-LONGEST_WINDOW, None)
    numerator = _after(series.numerator, np.full((1, ahead), series.numerator[year].mean()))
    usual = series.denominator[-1] if series.is_rate else series.denominator[year].mean()
    denominator = _after(series.denominator, np.full((1, ahead), usual))
    return float(series.figures(numerator, denominator, series.outturn_months)[0, -1])


def _after(past: Numbers, ahead: Numbers) -> Numbers:
    return np.hstack([np.broadcast_to(past, (len(ahead), len(past))), ahead])


def _trailing(amounts: Numbers, window: int) -> Numbers:
    total = np.cumsum(amounts, axis=1)
    before = np.hstack([np.zeros((len(total), 1)), total])[:, :-window]
    missing = np.full((len(total), min(window - 1, total.shape[1])), np.nan)
    return np.hstack([missing, total[:, window - 1 :] - before])


def _interval(series: Series, figures: Numbers) -> tuple[float, float, float]:
    """Lower end, median and upper end of the middle ``interval_percent`` of the draws."""
    tail = (100 - series.interval_percent) / 200
    lower, median, upper = np.quantile(figures, [tail, 0.5, 1 - tail])
    return float(lower), float(median), float(upper)


def _known(figure: float) -> float | None:
    return None if np.isnan(figure) else float(figure)
