"""The geometry of a line chart. The drawing is in ``templates/chart.svg.jinja``; text stays text."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from string import ascii_uppercase

from scrutiny.periods import Month
from scrutiny.reports import words
from scrutiny.reports.judgement import ControlPoint
from scrutiny.reports.view import Event, Indicator

WIDTH, HEIGHT = 600, 300
LEFT, RIGHT, TOP, BOTTOM = 62, 492, 34, 258
SPARK_LEFT, SPARK_RIGHT, SPARK_TOP, SPARK_BOTTOM = 10, 290, 12, 58
MOST_TICKS = 5
SHAPES = {
    "improving": "square",
    "concerning": "triangle",
    "higher": "diamond",
    "lower": "diamond",
}
"""The shape of a point beyond what chance explains, so that colour is never needed to see it."""


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
class Mark:
    """A point of the line: a dot, ``hollow`` where an event leaves it out, or the shape of its signal."""

    x: float
    y: float
    shape: str


@dataclass(frozen=True)
class Fan:
    """A forecast: a line from the last figure to the middle of an interval at the year's end."""

    from_x: float
    from_y: float
    x: float
    y: float
    low_y: float
    high_y: float
    text: str


@dataclass(frozen=True)
class Chart:
    """A line chart in the units of its own view box."""

    title: str
    description: str
    line: tuple[str, ...]
    dots: tuple[Mark, ...]
    last: Tick
    last_y: float
    last_text_y: float
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    target_y: float | None
    benchmark_y: float | None
    bands: tuple[Band, ...]
    starts_at_zero: bool
    mean: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    fan: Fan | None = None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    top: int = TOP
    bottom: int = BOTTOM

    @property
    def shapes(self) -> frozenset[str]:
        """The shapes that need a key."""
        return frozenset(mark.shape for mark in self.dots) - {"dot"}


def chart(indicator: Indicator) -> Chart | None:
    """The chart of an indicator's series; None where fewer than two points have a value.

    It has the mean and limits of a control chart only where the series is the monthly one they are reckoned
    from: sums over several months would give false alarms.
    """
    control = indicator.control_points if indicator.draws_control else ()
    return _drawn(
        indicator,
        indicator.finding,
        _described(indicator, control),
        [(point.month, point.value) for point in indicator.points],
        control,
        [line for line in (indicator.target, indicator.benchmark) if line is not None],
        with_forecast=True,
    )


def control_chart(indicator: Indicator) -> Chart | None:
    """The months of an indicator alone, with mean and limits, beside a series that sums several of them."""
    control = indicator.control
    if control is None or indicator.draws_control or len(indicator.control_points) < 2:
        return None
    points = indicator.control_points
    return _drawn(
        indicator,
        f"{indicator.title}, month by month: {words.lower_first(control.text)}",
        _control_described(indicator),
        [(point.month, point.value) for point in points],
        points,
        [],
        with_forecast=False,
    )


@dataclass(frozen=True)
class Sparkline:
    """A line of months in so little room that it has no axis; ``at`` is where each month stands."""

    line: tuple[str, ...]
    target: tuple[str, ...]
    marks: tuple[Mark, ...]
    at: tuple[float, ...]


def sparkline(
    values: list[float | None], targets: list[float | None], variations: list[str]
) -> Sparkline | None:
    """The line of neighbouring months with their targets; None where fewer than two have a value.

    The three lists have one entry for each month. Months beyond chance have the shape of their signal.
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return None
    reach = known + [target for target in targets if target is not None]
    low, spread = min(reach), (max(reach) - min(reach)) or 1.0
    at = tuple(
        round(SPARK_LEFT + (SPARK_RIGHT - SPARK_LEFT) * place / (len(values) - 1), 1)
        for place in range(len(values))
    )

    def points(of: list[float | None]) -> list[tuple[float, float | None]]:
        height = SPARK_BOTTOM - SPARK_TOP
        return [
            (x, None if value is None else round(SPARK_BOTTOM - height * (value - low) / spread, 1))
            for x, value in zip(at, of, strict=True)
        ]

    placed = points(values)
    return Sparkline(
        line=tuple(_lines(placed)),
        target=tuple(_lines(points(targets))),
        marks=tuple(
            Mark(x, y, SHAPES.get(variation, "dot"))
            for (x, y), variation in zip(placed, variations, strict=True)
            if y is not None
        ),
        at=at,
    )


def _drawn(
    indicator: Indicator,
    title: str,
    description: str,
    points: list[tuple[Month, float | None]],
    control: tuple[ControlPoint, ...],
    lines: list[float],
    with_forecast: bool,
) -> Chart | None:
    plotted = [(month, value) for month, value in points if value is not None]
    if len(plotted) < 2:
        return None
    ahead = indicator.forecast if with_forecast else None
    first, last = points[0][0], points[-1][0]
    end = last
    reach = [line for point in control for line in (point.mean, point.upper, point.lower) if line is not None]
    if ahead is not None and ahead.is_made and ahead.year_end is not None and ahead.year_end > last:
        end = ahead.year_end
        reach += [value for value in (ahead.lower, ahead.upper) if value is not None]
    values = [value for _, value in plotted] + lines + reach
    low, high, step = _scale(values, indicator.definition.unit == "percent")

    def x(month: Month) -> float:
        return round(LEFT + (RIGHT - LEFT) * _months(first, month) / _months(first, end), 1)

    def y(value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low), 1)

    last_month, last_value = plotted[-1]
    fan = None
    if ahead is not None and end > last:
        outturn, lower, upper = ahead.outturn or 0.0, ahead.lower or 0.0, ahead.upper or 0.0
        said = indicator.shown(ahead.outturn).split(" per ")[0]
        fan = Fan(x(last_month), y(last_value), x(end), y(outturn), y(lower), y(upper), said)
    places = max(0, -math.floor(math.log10(step)))
    signals = {point.month: _shape(point) for point in control}
    return Chart(
        title=title,
        description=description,
        line=tuple(_lines([(x(month), None if value is None else y(value)) for month, value in points])),
        dots=tuple(Mark(x(month), y(value), signals.get(month, "dot")) for month, value in plotted),
        last=Tick(x(last_month), indicator.shown(last_value).split(" per ")[0]),
        last_y=y(last_value),
        last_text_y=_beside(y(plotted[-2][1]), y(last_value)),
        x_ticks=tuple(
            Tick(x(month), words.month_short(month))
            for month in (first + offset for offset in range(_months(first, end) + 1))
            if _months(month, end) % 6 == 0
        ),
        y_ticks=tuple(
            Tick(y(low + step * index), words.number(low + step * index, places))
            for index in range(round((high - low) / step) + 1)
        ),
        target_y=None if not lines or indicator.target is None else y(indicator.target),
        benchmark_y=None if not lines or indicator.benchmark is None else y(indicator.benchmark),
        bands=tuple(_bands(indicator.events, first, last, x)),
        starts_at_zero=low == 0,
        mean=tuple(_phases(control, lambda point: point.mean, x, y)),
        limits=tuple(
            line
            for limit in (lambda point: point.upper, lambda point: point.lower)
            for line in _phases(control, limit, x, y)
        ),
        fan=fan,
    )


def _beside(before_y: float, y: float) -> float:
    """The base line of a label above or below the last point, where the line does not come from."""
    above = (before_y >= y and y > TOP + 20) or y > BOTTOM - 40
    return y - 13 if above else y + 28


def _shape(point: ControlPoint) -> str:
    return "hollow" if point.is_left_out else SHAPES.get(point.variation, "dot")


def _bands(
    events: tuple[Event, ...], first: Month, last: Month, x: Callable[[Month], float]
) -> Iterable[Band]:
    for letter, event in zip(ascii_uppercase, events, strict=False):
        if event.start <= last and event.end >= first:
            left = x(max(event.start, first))
            width = max(x(min(event.end, last)) - left, 4)
            yield Band(left, width, letter, f"{event.label}, {event.when}")


def _phases(
    control: tuple[ControlPoint, ...],
    line: Callable[[ControlPoint], float | None],
    x: Callable[[Month], float],
    y: Callable[[float], float],
) -> Iterable[str]:
    """The point lists of a mean or limit: a new phase begins a new line."""
    for _, points in groupby(control, key=lambda point: point.phase):
        placed = ((x(point.month), line(point)) for point in points)
        yield from _lines([(at, None if value is None else y(value)) for at, value in placed])


def _months(first: Month, last: Month) -> int:
    return 12 * (last.year - first.year) + last.number - first.number


def _scale(values: list[float], is_percent: bool) -> tuple[float, float, float]:
    """Round numbers below and above the values, and the step between ticks; never over 100%.

    Below zero only where a value is.
    """
    low, high = min(values), max(values)
    spread = high - low or max(abs(high), 1) * 0.2
    low, high = max(min(0.0, low), low - 0.15 * spread), high + 0.2 * spread
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


def _described(indicator: Indicator, control: tuple[ControlPoint, ...]) -> str:
    """The chart in words, for those who do not see it."""
    plotted = [(point.month, point.value) for point in indicator.points if point.value is not None]
    if not plotted:
        return ""
    said = [f"Line chart. {indicator.subtitle}.", *_ends(indicator, plotted)]
    if indicator.target is not None:
        said.append(f"The target is {indicator.shown(indicator.target)}.")
    if indicator.benchmark is not None:
        said.append(f"{indicator.benchmark_label} was {indicator.shown(indicator.benchmark)}.")
    if control and indicator.control:
        said += _limits_said(indicator, control)
    made = indicator.forecast
    if made is not None and made.is_made:
        said.append(f"Forecast {indicator.forecast_covers}: {indicator.forecast_said}.")
    if indicator.withheld_points:
        said.append(f"Gaps: {indicator.withheld_points} of the figures are {words.WITHHELD}.")
    said += [f"{event.label}: {event.when}." for event in indicator.events]
    return " ".join(said)


def _control_described(indicator: Indicator) -> str:
    points = indicator.control_points
    said = [f"Control chart of single months, {indicator.control_span}."]
    said += _ends(indicator, [(point.month, point.value) for point in points])
    said += _limits_said(indicator, points)
    said += [f"{event.label}: {event.when}." for event in indicator.events]
    return " ".join(said)


def _ends(indicator: Indicator, plotted: list[tuple[Month, float]]) -> list[str]:
    lowest = min(plotted, key=lambda point: point[1])
    highest = max(plotted, key=lambda point: point[1])
    return [
        f"It starts at {indicator.shown(plotted[0][1])} and ends at {indicator.shown(plotted[-1][1])}.",
        f"Lowest {indicator.shown(lowest[1])} in {words.month_words(lowest[0])}, "
        f"highest {indicator.shown(highest[1])} in {words.month_words(highest[0])}.",
    ]


def _limits_said(indicator: Indicator, control: tuple[ControlPoint, ...]) -> list[str]:
    """Mean and limits of the newest month, and the months with a signal."""
    now = control[-1]
    said = []
    if now.mean is not None:
        reach = (
            f"between {indicator.shown(now.lower)} and {indicator.shown(now.upper)}"
            if now.lower is not None
            else f"below {indicator.shown(now.upper)}"
        )
        said.append(f"The mean is {indicator.shown(now.mean)}; chance alone explains figures {reach}.")
    for variation in SHAPES:
        months = [words.month_words(point.month) for point in control if point.variation == variation]
        if months:
            said.append(f"Beyond chance ({variation}): {words.listed(months)}.")
    return said
