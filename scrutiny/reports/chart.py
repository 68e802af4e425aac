"""The geometry of a line chart. The drawing is in ``templates/chart.svg.jinja``; text stays text."""

from __future__ import annotations

import math
from dataclasses import dataclass
from string import ascii_uppercase

from scrutiny.periods import Month
from scrutiny.reports import words
from scrutiny.reports.view import Indicator

WIDTH, HEIGHT = 600, 300
LEFT, RIGHT, TOP, BOTTOM = 62, 492, 34, 258
MOST_TICKS = 5


@dataclass(frozen=True)
class Tick:
    """A position on an axis and what is written there."""

    at: float
    text: str


@dataclass(frozen=True)
class Band:
    """The months of an event, as a shaded band."""

    left: float
    width: float
    letter: str
    label: str


@dataclass(frozen=True)
class Chart:
    """A line chart in the units of its own view box."""

    title: str
    description: str
    line: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]
    last: Tick
    last_y: float
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    target_y: float | None
    benchmark_y: float | None
    bands: tuple[Band, ...]
    starts_at_zero: bool
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    top: int = TOP
    bottom: int = BOTTOM


def chart(indicator: Indicator) -> Chart | None:
    """The chart of an indicator's series; None where fewer than two points have a value."""
    plotted = [(point.month, point.value) for point in indicator.points if point.value is not None]
    if len(plotted) < 2:
        return None
    extras = [line for line in (indicator.target, indicator.benchmark) if line is not None]
    low, high, step = _scale([value for _, value in plotted] + extras, indicator.definition.unit == "percent")
    first, last = indicator.points[0].month, indicator.points[-1].month

    def x(month: Month) -> float:
        return round(LEFT + (RIGHT - LEFT) * _months(first, month) / _months(first, last), 1)

    def y(value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low), 1)

    end, end_value = plotted[-1]
    places = max(0, -math.floor(math.log10(step)))
    return Chart(
        title=indicator.finding,
        description=_described(indicator, plotted),
        line=tuple(_lines([(x(p.month), None if p.value is None else y(p.value)) for p in indicator.points])),
        dots=tuple((x(month), y(value)) for month, value in plotted),
        last=Tick(x(end), indicator.shown(end_value).split(" per ")[0]),
        last_y=y(end_value),
        x_ticks=tuple(
            Tick(x(month), words.month_short(month))
            for month in (first + offset for offset in range(_months(first, last) + 1))
            if _months(month, last) % 6 == 0
        ),
        y_ticks=tuple(
            Tick(y(low + step * index), words.number(low + step * index, places))
            for index in range(round((high - low) / step) + 1)
        ),
        target_y=None if indicator.target is None else y(indicator.target),
        benchmark_y=None if indicator.benchmark is None else y(indicator.benchmark),
        bands=tuple(
            Band(
                x(max(event.start, first)),
                max(x(min(event.end, last)) - x(max(event.start, first)), 4),
                letter,
                f"{event.label}, {event.when}",
            )
            for letter, event in zip(ascii_uppercase, indicator.events, strict=False)
            if event.start <= last and event.end >= first
        ),
        starts_at_zero=low == 0,
    )


def _months(first: Month, last: Month) -> int:
    return 12 * (last.year - first.year) + last.number - first.number


def _scale(values: list[float], is_percent: bool) -> tuple[float, float, float]:
    """Round numbers below and above the values, and the step between ticks; never below 0 or over 100%."""
    low, high = min(values), max(values)
    spread = high - low or max(abs(high), 1) * 0.2
    low, high = max(0.0, low - 0.15 * spread), high + 0.2 * spread
    if is_percent:
        high = min(high, 100.0)
    raw = (high - low) / (MOST_TICKS - 1)
    power = 10 ** math.floor(math.log10(raw))
    step = next(power * nice for nice in (1, 2, 5, 10) if power * nice >= raw)
    bottom, top = step * math.floor(low / step), step * math.ceil(high / step)
    return bottom, min(top, 100.0) if is_percent and 100 % step == 0 else top, step


def _lines(points: list[tuple[float, float | None]]) -> list[str]:
    """The point lists of the unbroken runs: a month without a value leaves a gap."""
    runs: list[list[str]] = [[]]
    for x, y in points:
        if y is None:
            runs.append([])
        else:
            runs[-1].append(f"{x},{y}")
    return [" ".join(run) for run in runs if run]


def _described(indicator: Indicator, plotted: list[tuple[Month, float]]) -> str:
    """The chart in words, for those who do not see it."""
    lowest = min(plotted, key=lambda point: point[1])
    highest = max(plotted, key=lambda point: point[1])
    said = [
        f"Line chart. {indicator.subtitle}.",
        f"It starts at {indicator.shown(plotted[0][1])} and ends at {indicator.shown(plotted[-1][1])}.",
        f"Lowest {indicator.shown(lowest[1])} in {words.month_words(lowest[0])}, "
        f"highest {indicator.shown(highest[1])} in {words.month_words(highest[0])}.",
    ]
    if indicator.target is not None:
        said.append(f"The target is {indicator.shown(indicator.target)}.")
    if indicator.benchmark is not None:
        said.append(f"{indicator.benchmark_label} was {indicator.shown(indicator.benchmark)}.")
    if indicator.withheld_points:
        said.append(f"Gaps: {indicator.withheld_points} of the figures are {words.WITHHELD}.")
    said += [f"{event.label}: {event.when}." for event in indicator.events]
    return " ".join(said)
