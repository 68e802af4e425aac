"""What an edition shows: the frozen figures arranged for a reader, with what is withheld already taken out.

The page, the workbook and the tables are all made from a ``Report``. The figures of the public edition come
without what is withheld, so nothing downstream can print what it does not have.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field, replace
from itertools import dropwhile, groupby
from typing import Any

from scrutiny import datasets
from scrutiny.periods import Month, Quarter
from scrutiny.reports import judgement, words
from scrutiny.reports.budget import Budget, budget
from scrutiny.reports.figures import Figures, PublicationError

THEMES = ("Front door", "Child protection", "Children looked after", "Care leavers", "Workforce")
OTHERS = "other families"
ADULTS = "Adult social care"
MOST_ON_A_PAGE = 12
WITHHELD = "withheld"
"""The status of a figure, and the direction of a comparison, that the public edition does not show."""
POSITION = "position"
"""The window of a figure at a date, whatever period it is reported for."""


@dataclass(frozen=True)
class Point:
    """One point of an indicator's series, at the same window as its headline figure."""

    month: Month
    label: str
    numerator: float | None
    denominator: float | None
    value: float | None
    is_withheld: bool = False


@dataclass(frozen=True)
class Event:
    """Something that happened and bears on the figures."""

    label: str
    start: Month
    end: Month

    @property
    def when(self) -> str:
        start, end = words.month_words(self.start), words.month_words(self.end)
        return start if start == end else f"{start} to {end}"


@dataclass(frozen=True)
class Comparison:
    """An earlier figure and how the present one compares with it, unless one of the two is withheld."""

    value: float | None
    text: str
    movement: str
    is_withheld: bool = False

    def said(self, since: str) -> str:
        """The comparison in words: ``Better than last quarter (70.0%)``."""
        if self.is_withheld:
            return f"The comparison with {since} is {words.WITHHELD}"
        if not self.movement:
            return f"No figure for {since} to compare with"
        return f"{self.movement} {_than(self.movement)} {since} ({self.text})"


@dataclass(frozen=True)
class Definition:
    """What an indicator counts. It is shown whatever is withheld."""

    indicator_id: str
    version: str
    title: str
    theme: str
    description: str
    numerator: str
    denominator: str
    exclusions: str
    polarity: str
    unit: str
    decimals: int
    measure_kind: str
    owner: str
    sources: str
    national_reference: str


@dataclass(frozen=True)
class Indicator:
    """An indicator as one edition shows it."""

    definition: Definition
    series_basis: str
    basis_label: str
    value: float | None
    numerator: float | None
    denominator: float | None
    status: str
    status_reason: str
    target: float | None
    rating: words.Rating
    rag_rule: str
    previous: Comparison
    last_year: Comparison
    benchmark: float | None
    benchmark_area: str
    benchmark_period: str
    commentary: str
    cause: str
    action: str
    action_owner: str
    action_due: dt.date | None
    author: str
    points: tuple[Point, ...]
    events: tuple[Event, ...]
    control: judgement.Control | None = None
    forecast: judgement.Forecast | None = None

    def shown(self, value: float | None) -> str:
        return words.figure(value, self.definition.unit, self.definition.decimals)

    @property
    def is_withheld(self) -> bool:
        return self.status == WITHHELD

    @property
    def window(self) -> str:
        """What its figures cover: month, quarter, year_to_date, rolling_12_months or position (at a date)."""
        return self.series_basis if self.definition.measure_kind == "flow" else POSITION

    @property
    def now(self) -> str:
        """The headline figure as shown in a table: without ``per 10,000``, and never blank if withheld."""
        return words.WITHHELD if self.is_withheld else self.plain(self.value)

    @property
    def withheld_points(self) -> int:
        return sum(point.is_withheld for point in self.points)

    @property
    def has_series(self) -> bool:
        """Whether any point of the series is shown."""
        return self.withheld_points < len(self.points)

    def plain(self, value: float | None) -> str:
        """A value as shown, but without ``per 10,000``."""
        return self.shown(value).removesuffix(words.SCALE_WORDS[self.definition.unit].lstrip("%"))

    def brief(self, value: float | None) -> str:
        """A value for use beside the title: without ``per 10,000`` where the title says it."""
        return self.plain(value) if self.per and self.per in self.title else self.shown(value)

    @property
    def per(self) -> str:
        """``per 10,000`` for a rate, else empty."""
        return words.SCALE_WORDS[self.definition.unit].lstrip("%").strip()

    @property
    def benchmark_label(self) -> str:
        return f"{self.benchmark_area} {self.benchmark_period}".strip()

    @property
    def against_benchmark(self) -> str:
        """``Better``, ``Worse`` or ``Same``; ``Higher`` or ``Lower`` where neither is good; else empty."""
        if self.value is None or self.benchmark is None:
            return ""
        if self.value == self.benchmark:
            return "Same"
        higher = self.value > self.benchmark
        if self.definition.polarity in ("high", "low"):
            return "Better" if higher == (self.definition.polarity == "high") else "Worse"
        return "Higher" if higher else "Lower"

    @property
    def benchmark_gap(self) -> str:
        """How far the figure is from the benchmark."""
        if self.value is None or self.benchmark is None:
            return ""
        return self._distance(abs(self.value - self.benchmark)).removesuffix(f" {self.per}")

    @property
    def outlook(self) -> str:
        """Whether the figure moved towards its target in the last quarter and how far there is to go."""
        if self.value is None or self.target is None:
            return "There is no figure or no target to judge by."
        gap = self._distance(abs(self.target - self.value))
        if self.previous.is_withheld:
            return f"The comparison with last quarter is {words.WITHHELD}; {gap} from the target."
        if self.previous.value is None or self.previous.movement == "No change":
            return f"No change since last quarter; {gap} from the target."
        if self.previous.movement == "Better":
            return f"Closer to the target than last quarter ({self.previous.text}), {gap} to go."
        return f"Not yet: further from the target than last quarter ({self.previous.text}), {gap} off."

    @property
    def prospect(self) -> str:
        """Whether it will come right, by the forecast; empty where there is none against a target."""
        made = self.forecast
        if made is None or not made.is_made or not made.chance:
            return ""
        return f"{made.outlook} Chance of meeting the target at the end of {made.year}: {made.chance}."

    @property
    def forecast_covers(self) -> str:
        """What a forecast speaks of: the position in March, the last quarter or the whole year."""
        made = self.forecast
        if made is None or made.year_end is None:
            return ""
        if self.definition.measure_kind != "flow":
            return f"at the end of {words.month_words(made.year_end)}"
        if self.definition.unit == "count" and self.series_basis == "quarter":
            return f"in {words.quarter_words(made.year_end.quarter)}"
        return f"in the whole of {made.year}"

    @property
    def forecast_said(self) -> str:
        """``574.1, with 80 chances in 100 between 537.9 and 615.5``."""
        made = self.forecast
        if made is None or not made.is_made:
            return ""
        return (
            f"{self.plain(made.outturn)}, with {made.interval_percent} chances in 100 between "
            f"{self.plain(made.lower)} and {self.plain(made.upper)}"
        )

    @property
    def control_span(self) -> str:
        """``April 2023 to September 2025``, the months of the control chart."""
        months = [words.month_words(point.month) for point in self.control_points]
        return f"{months[0]} to {months[-1]}" if months else ""

    @property
    def control_points(self) -> tuple[judgement.ControlPoint, ...]:
        return self.control.points if self.control else ()

    @property
    def draws_control(self) -> bool:
        """Whether the series itself is the monthly one that limits are reckoned from."""
        return (
            self.definition.measure_kind == "flow"
            and self.series_basis == "month"
            and len(self.control_points) > 0
        )

    @property
    def indicator_id(self) -> str:
        return self.definition.indicator_id

    @property
    def title(self) -> str:
        return self.definition.title

    @property
    def finding(self) -> str:
        """The headline of the chart: the figure, how it stands and where it is going."""
        if self.is_withheld:
            return f"{self.title}: {words.WITHHELD} to protect people"
        if self.status != "available":
            return f"{self.title}: {self.status_reason or self.status.replace('_', ' ')}"
        parts = [f"{self.title}: {self.brief(self.value)}"]
        if self.target is not None and self.rating.key != "none":
            parts.append(f"{self.rating.meaning} ({self.brief(self.target)})")
        if self.previous.movement:
            parts.append(f"{self.previous.movement.lower()} {_than(self.previous.movement)} last quarter")
        return ", ".join(parts)

    def _distance(self, difference: float) -> str:
        if self.definition.unit == "percent":
            return f"{words.number(difference, self.definition.decimals)} percentage points"
        return self.shown(difference)

    @property
    def subtitle(self) -> str:
        """What is plotted: unit, window, and the months from and to."""
        unit = words.UNIT_WORDS[self.definition.unit]
        span = f"{words.month_words(self.points[0].month)} to {words.month_words(self.points[-1].month)}"
        return f"{unit}, {words.window(self.series_basis, self.definition.measure_kind)}, {span}"


@dataclass(frozen=True)
class Withheld:
    """What the public edition does not show of an indicator: headline and points of its series."""

    definition: Definition
    headline: bool
    points: int
    of: int

    @property
    def text(self) -> str:
        """``this quarter's figure and 3 of 29 earlier ones``."""
        earlier = f"{self.points} of {self.of} earlier figures" if self.points else ""
        return words.listed([part for part in ("this quarter's figure" * self.headline, earlier) if part])


@dataclass(frozen=True)
class Revision:
    """A figure that is not what was published of it: first, last and now.

    The figure is of ``window`` (month, quarter, year_to_date, rolling_12_months or position) to ``month``. It
    may be as last published, and only differ from what was first: then ``is_since_last_time`` is false.
    """

    indicator_id: str
    window: str
    month: str
    first_published_in: str
    first_numerator: float | None
    first_denominator: float | None
    first_value: float | None
    last_published_in: str
    last_numerator: float | None
    last_denominator: float | None
    last_value: float | None
    numerator: float | None
    denominator: float | None
    value: float | None
    is_since_last_time: bool
    revision_class: str
    reason: str


@dataclass(frozen=True)
class Revised:
    """What changed since last time of one indicator; the newest period comes first."""

    item: Indicator
    revisions: tuple[Revision, ...]

    @property
    def newest(self) -> Revision:
        return self.revisions[0]

    @property
    def period(self) -> str:
        return words.month_words(Month.parse(self.newest.month))

    @property
    def why(self) -> str:
        return " ".join(dict.fromkeys(f"{revision.reason.rstrip('.')}." for revision in self.revisions))

    @property
    def first(self) -> str:
        """The newest figure as first published."""
        newest = self.newest
        return self._said(newest.first_value, newest.first_numerator, newest.first_denominator)

    @property
    def last(self) -> str:
        """The newest figure as last published."""
        newest = self.newest
        return self._said(newest.last_value, newest.last_numerator, newest.last_denominator)

    @property
    def now(self) -> str:
        return self._said(self.newest.value, self.newest.numerator, self.newest.denominator)

    def _said(self, value: float | None, numerator: float | None, denominator: float | None) -> str:
        """A figure; with its parts if it is still the same as rounded."""
        newest = self.newest
        shown = self.item.plain(value)
        if not newest.first_value == newest.last_value == newest.value or numerator is None:
            return shown
        of = f" of {words.count(denominator)}" if denominator is not None else ""
        return f"{shown} ({words.count(numerator)}{of})"


@dataclass(frozen=True)
class Changes:
    """Changes and revisions since last time; ``compared_with`` is blank if nothing was published before.

    ``said`` are sentences on what is new, gone or defined or judged in another way.
    """

    compared_with: str = ""
    said: tuple[str, ...] = ()
    revisions: tuple[Revision, ...] = ()

    nothing_revised = "No figure shown here differs from what was last published."

    @property
    def introduction(self) -> str:
        return (
            f"Compared with {self.compared_with}, which was published before. Figures are not fixed for "
            "ever: records are made late and mistakes are put right. What was published stays as it was."
        )


NOTHING_CHANGED = Changes()


@dataclass(frozen=True)
class Theme:
    """Indicators that are read together."""

    name: str
    indicators: tuple[Indicator, ...]

    @property
    def parts(self) -> tuple[tuple[str, tuple[Indicator, ...]], ...]:
        """Its pages: the file of each and the indicators on it, so few that no page is slow to load."""
        stem = re.sub(r"[^a-z]+", "-", self.name.lower()).strip("-")
        return tuple(
            (
                f"{stem}{f'-{number}' if number > 1 else ''}.html",
                self.indicators[first : first + MOST_ON_A_PAGE],
            )
            for number, first in enumerate(range(0, len(self.indicators), MOST_ON_A_PAGE), 1)
        )


@dataclass(frozen=True)
class Dataset:
    """What arrived of one extract in the quarter and how much of it could be used."""

    name: str
    deliveries: int
    rejected: int
    received: int
    set_aside: int
    completeness: float | None = None
    validity: float | None = None
    missing_months: tuple[Month, ...] = ()
    late_months: tuple[Month, ...] = ()

    @property
    def punctuality(self) -> str:
        """What did not come, or came late; ``on time`` if nothing."""
        said = []
        for word, months in (("not arrived for", self.missing_months), ("late for", self.late_months)):
            if months:
                said.append(f"{word} {words.listed([words.month_words(month) for month in months])}")
        return "; ".join(said) or "on time"

    @property
    def title(self) -> str:
        return datasets.dataset(self.name).title

    @property
    def usable(self) -> str:
        return f"{100 * (self.received - self.set_aside) / self.received:.1f}%" if self.received else "–"


@dataclass(frozen=True)
class Edition:
    """Who an edition is for and where it stands; printed on the page and the workbook."""

    name: str
    version: str
    status: str
    dated: dt.datetime
    approvals: tuple[str, ...] = ()
    replaces: str = ""

    @property
    def is_public(self) -> bool:
        return self.name == "public"

    @property
    def is_draft(self) -> bool:
        return self.version == "draft"


@dataclass(frozen=True)
class Report:
    """Everything one edition shows."""

    edition: Edition
    authority_name: str
    quarter: Quarter
    themes: tuple[Theme, ...]
    withheld: tuple[Withheld, ...]
    withheld_reason: str
    definitions: tuple[Definition, ...]
    datasets: tuple[Dataset, ...]
    direction_rules: tuple[str, ...]
    provenance: dict[str, str]
    hidden_counts: range = range(0)
    warnings: tuple[judgement.Warning, ...] = ()
    groups: tuple[judgement.Group, ...] = ()
    priorities: tuple[judgement.Priority, ...] = ()
    actions: tuple[judgement.Action, ...] = ()
    budget: Budget = field(default_factory=Budget)

    def serving(self, priority: judgement.Priority) -> tuple[Indicator, ...]:
        """The indicators of a priority, in reading order."""
        return tuple(item for item in self.indicators if item.indicator_id in priority.indicator_ids)

    def page_of(self, item: Indicator) -> str:
        """The file of the page that an indicator is on."""
        return next(
            file
            for theme in self.themes
            for file, items in theme.parts
            if any(each.indicator_id == item.indicator_id for each in items)
        )

    @property
    def by_id(self) -> dict[str, Indicator]:
        return {item.indicator_id: item for item in self.indicators}

    @property
    def moves(self) -> tuple[tuple[words.Rating, dict[str, int]], ...]:
        """How many indicators of each rating got better, worse, and so on, since last quarter."""
        kinds = ("Better", "Worse", "No change")
        return tuple(
            (
                rating,
                {kind: sum(item.previous.movement == kind for item in rated) for kind in kinds}
                | {"Other": sum(item.previous.movement not in kinds for item in rated)},
            )
            for rating in (*(words.RATINGS[key] for key in ("red", "amber", "green")), words.NO_RATING)
            for rated in [self.rated(rating.key)]
        )

    @property
    def forecast_withheld(self) -> tuple[Indicator, ...]:
        """Indicators of a public edition whose forecast it does not show."""
        return tuple(item for item in self.indicators if self.edition.is_public and item.forecast is None)

    @property
    def methods(self) -> tuple[str, ...]:
        """How the forecasts were made, and how often earlier ones held the figure that came."""
        return tuple(sorted({item.forecast.method for item in self.forecast if item.forecast}))

    @property
    def without_benchmark(self) -> tuple[Indicator, ...]:
        return tuple(item for item in self.indicators if item.benchmark is None)

    @property
    def without_forecast(self) -> tuple[Indicator, ...]:
        return tuple(item for item in self.indicators if item.forecast and not item.forecast.is_made)

    @property
    def overdue(self) -> tuple[judgement.Action, ...]:
        return tuple(action for action in self.actions if action.is_overdue(self.quarter.end))

    @property
    def open_actions(self) -> tuple[judgement.Action, ...]:
        return tuple(action for action in self.actions if action.is_open)

    def actions_on(self, item: Indicator) -> tuple[judgement.Action, ...]:
        return tuple(action for action in self.open_actions if action.indicator_id == item.indicator_id)

    @property
    def signals(self) -> tuple[Indicator, ...]:
        """Indicators whose newest month is beyond what chance explains."""
        return tuple(item for item in self.indicators if item.control and item.control.is_special)

    @property
    def forecast(self) -> tuple[Indicator, ...]:
        """Indicators with a forecast, the least likely to meet their target first; those without one last."""
        made = [item for item in self.indicators if item.forecast and item.forecast.is_made]
        return tuple(sorted(made, key=_likelihood))

    @property
    def context(self) -> tuple[Indicator, ...]:
        """What comes to the services: neither a high nor a low figure is good in itself."""
        return tuple(item for item in self.indicators if item.definition.polarity == "context")

    @property
    def compared(self) -> tuple[Indicator, ...]:
        """Indicators with a national figure, those worse than it first."""
        found = [item for item in self.indicators if item.benchmark is not None]
        return tuple(sorted(found, key=lambda item: item.against_benchmark != "Worse"))

    changes: Changes = NOTHING_CHANGED

    @property
    def revised(self) -> tuple[Revised, ...]:
        """The indicators with figures that changed since last time, in reading order."""
        found = []
        for item in self.indicators:
            changed = [
                revision
                for revision in self.changes.revisions
                if revision.indicator_id == item.indicator_id and revision.is_since_last_time
            ]
            if changed:
                newest_first = sorted(changed, key=lambda revision: revision.month, reverse=True)
                found.append(Revised(item, tuple(newest_first)))
        return tuple(found)

    def small_counts(self, item: Indicator) -> list[str]:
        """What the words about an indicator say that may be a count of few people, for officers to check."""
        if self.edition.is_public:
            return []
        return words.small_counts(" ".join((item.commentary, item.cause, item.action)), self.hidden_counts)

    def small_counts_of_action(self, action: judgement.Action) -> list[str]:
        """The same of an action and its progress."""
        if self.edition.is_public:
            return []
        return words.small_counts(f"{action.text} {action.progress}", self.hidden_counts)

    @property
    def actions_to_check(self) -> tuple[judgement.Action, ...]:
        return tuple(action for action in self.actions if self.small_counts_of_action(action))

    @property
    def to_check(self) -> tuple[Indicator, ...]:
        return tuple(item for item in self.indicators if self.small_counts(item))

    @property
    def title(self) -> str:
        return f"Social care performance, {words.quarter_words(self.quarter)}"

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        return tuple(indicator for theme in self.themes for indicator in theme.indicators)

    def rated(self, key: str) -> tuple[Indicator, ...]:
        return tuple(indicator for indicator in self.indicators if indicator.rating.key == key)

    @property
    def unavailable(self) -> tuple[Indicator, ...]:
        return tuple(
            indicator for indicator in self.indicators if indicator.status not in ("available", WITHHELD)
        )

    @property
    def summary(self) -> str:
        """One sentence on what is wrong and whether it is coming right."""
        reds = self.rated("red")
        rated = sum(len(self.rated(key)) for key in ("red", "amber", "green"))
        if not reds:
            return f"None of the {rated} indicators with a rating is red."
        verb = "is" if len(reds) == 1 else "are"
        text = f"{words.spelled(len(reds)).capitalize()} of the {rated} rated indicators {verb} red."
        moves = (
            ("Better", "is getting better", "are getting better"),
            ("Worse", "is getting worse", "are getting worse"),
            ("No change", "has not changed", "have not changed"),
        )
        said = []
        for movement, one, several in moves:
            moved = sum(indicator.previous.movement == movement for indicator in reds)
            if moved:
                said.append(f"{words.spelled(moved)} {one if moved == 1 else several}")
        return f"{text} Of these {words.listed(said)}." if said else text


def _likelihood(item: Indicator) -> tuple[bool, float, str]:
    probability = item.forecast.probability if item.forecast else None
    return probability is None, probability or 0.0, item.indicator_id


def series_basis(figures: Figures) -> dict[str, str]:
    """The window of each series: the headline's for events, each month end for positions."""
    register = figures.register()
    return {
        name: row["basis"] if register.get(name, {}).get("measure_kind") == "flow" else "month"
        for row in figures.rows("mart_scrutiny_quarter")
        for name in [row["indicator_id"]]
    }


def shown_points(figures: Figures) -> dict[str, tuple[Point, ...]]:
    """The series each indicator shows, oldest first.

    It starts with the first period that has a value, or whose value is withheld; later periods without one
    stay, as gaps.
    """
    basis = series_basis(figures)
    points: dict[str, list[Point]] = {indicator: [] for indicator in basis}
    for row in figures.rows("fct_indicator_value"):
        month = Month.parse(row["month"])
        wanted = basis.get(row["indicator_id"]) == row["basis"] and row["breakdown"] == "all"
        if wanted and (row["basis"] not in words.QUARTER_STEPS or month == month.quarter.months[2]):
            points[row["indicator_id"]].append(
                Point(
                    month,
                    row["period_label"],
                    row["numerator"],
                    row["denominator"],
                    row["value"],
                    row["status"] == WITHHELD,
                )
            )
    series = {}
    for indicator, found in points.items():
        found.sort(key=lambda point: point.month)
        series[indicator] = tuple(
            dropwhile(lambda point: point.value is None and not point.is_withheld, found)
        )
    return series


def report(
    figures: Figures,
    edition: Edition,
    withheld: frozenset[tuple[str, Month]],
    reason: str,
    direction_rules: tuple[str, ...],
    provenance: dict[str, str],
    hidden_counts: range = range(0),
    changes: Changes = NOTHING_CHANGED,
) -> Report:
    """Arrange figures for one edition: the frozen ones, or those of them that the public edition may show.

    ``withheld`` names what that one does not show, by indicator and month; both editions say so.
    Words of the service that name a number in ``hidden_counts`` are pointed out to officers.
    Raises PublicationError if an indicator of the quarter is not in the register.
    """
    definitions = _definitions(figures)
    basis, points = series_basis(figures), shown_points(figures)
    events = figures.rows("mart_event")
    controls, forecasts = judgement.controls(figures), judgement.forecasts(figures)
    headlines = [
        replace(
            _indicator(
                row,
                definitions[row["indicator_id"]],
                basis[row["indicator_id"]],
                points[row["indicator_id"]],
                events,
            ),
            control=controls.get(row["indicator_id"]),
            forecast=forecasts.get(row["indicator_id"]),
        )
        for row in figures.rows("mart_scrutiny_quarter")
    ]
    ordered = sorted(definitions.values(), key=_reading_order)
    return Report(
        edition=edition,
        authority_name=figures.authority["authority_name"],
        quarter=figures.quarter,
        themes=_themes(headlines),
        withheld=tuple(
            _withheld(definition, points[definition.indicator_id], withheld, figures.quarter.months[2])
            for definition in ordered
            if any(indicator_id == definition.indicator_id for indicator_id, _ in withheld)
        ),
        withheld_reason=reason,
        definitions=tuple(ordered),
        datasets=_datasets(figures),
        direction_rules=direction_rules,
        provenance=provenance,
        hidden_counts=hidden_counts,
        warnings=judgement.warnings(figures),
        groups=judgement.groups(figures),
        priorities=judgement.priorities(figures),
        actions=judgement.actions(figures),
        budget=budget(figures),
        changes=changes,
    )


def _withheld(
    definition: Definition, points: tuple[Point, ...], withheld: frozenset[tuple[str, Month]], end: Month
) -> Withheld:
    earlier = [point.month for point in points if point.month != end]
    hidden = sum((definition.indicator_id, month) in withheld for month in earlier)
    return Withheld(definition, (definition.indicator_id, end) in withheld, hidden, len(earlier))


def _than(movement: str) -> str:
    return {"No change": "since", "Up": "on", "Down": "on"}.get(movement, "than")


def _comparison(row: dict[str, Any], direction: str, earlier: str) -> Comparison:
    then = row[earlier]
    if row[direction] == WITHHELD:
        return Comparison(None, words.WITHHELD, "", is_withheld=True)
    text = words.figure(then, row["unit"], row["decimals"])
    return Comparison(then, text, words.movement(row[direction], row["value"], then))


def _indicator(
    row: dict[str, Any],
    definition: Definition,
    basis: str,
    points: tuple[Point, ...],
    events: list[dict[str, Any]],
) -> Indicator:
    return Indicator(
        definition=definition,
        series_basis=basis,
        basis_label=row["basis_label"] or "",
        value=row["value"],
        numerator=row["numerator"],
        denominator=row["denominator"],
        status=row["status"],
        status_reason=row["status_reason"] or "",
        target=row["target"],
        rating=words.RATINGS[row["rag"]],
        rag_rule=row["rag_rule"] or "",
        previous=_comparison(row, "direction_short", "previous_value"),
        last_year=_comparison(row, "direction_long", "same_quarter_last_year_value"),
        benchmark=row["benchmark_value"],
        benchmark_area=row["benchmark_area"] or "",
        benchmark_period=row["benchmark_period"] or "",
        commentary=row["commentary"] or "",
        cause=row["cause"] or "",
        action=row["action"] or "",
        action_owner=row["action_owner"] or "",
        action_due=row["action_due_date"],
        author=row["commentary_author"] or "",
        points=points,
        events=tuple(
            Event(event["label"], Month.parse(event["start_month"]), Month.parse(event["end_month"]))
            for event in events
            if _bears_on(event, row["indicator_id"])
        ),
    )


def _bears_on(event: dict[str, Any], indicator_id: str) -> bool:
    named = re.findall(r"[A-Z]{2}\d+", event["indicator_ids"] or "")
    return not named or indicator_id in named


def _definitions(figures: Figures) -> dict[str, Definition]:
    """The definition, in the version the headline figure was made with, of every indicator of the quarter."""
    register = figures.register()
    found = {}
    for headline in figures.rows("mart_scrutiny_quarter"):
        indicator_id = headline["indicator_id"]
        if indicator_id not in register:
            raise PublicationError(
                f"{indicator_id} has a headline for {figures.quarter} but no definition in its version: "
                "add it to seeds/indicators.csv and load the month again."
            )
        row = register[indicator_id]
        found[indicator_id] = Definition(
            indicator_id=indicator_id,
            version=row["version"],
            title=row["title"],
            theme=ADULTS if row["service"] == "Adults" else row["family"],
            description=row["description"] or "",
            numerator=row["numerator_definition"] or "",
            denominator=row["denominator_definition"] or "",
            exclusions=row["exclusions"] or "",
            polarity=row["polarity"],
            unit=row["unit"],
            decimals=row["decimals"],
            measure_kind=row["measure_kind"],
            owner=row["owner"] or "",
            sources=row["source_datasets"] or "",
            national_reference=row["national_reference"] or "",
        )
    return found


def _reading_order(definition: Definition) -> tuple[int, str, str]:
    """The themes of THEMES first, then any other family by name, and adults last; by id within a theme."""
    ranks = {theme: rank for rank, theme in enumerate((*THEMES, OTHERS, ADULTS))}
    return ranks.get(definition.theme, ranks[OTHERS]), definition.theme, definition.indicator_id


def _themes(indicators: list[Indicator]) -> tuple[Theme, ...]:
    ordered = sorted(indicators, key=lambda indicator: _reading_order(indicator.definition))
    grouped = groupby(ordered, key=lambda indicator: indicator.definition.theme)
    return tuple(Theme(name, tuple(found)) for name, found in grouped)


def _datasets(figures: Figures) -> tuple[Dataset, ...]:
    """The deliveries of the quarter's load months, by extract, and how good they were."""
    months = {str(month) for month in figures.quarter.months}
    rows = [row for row in figures.rows("mart_delivery") if row["load_month"] in months]
    quality = figures.rows("mart_data_quality")
    names = {row["dataset"] for row in rows} | {row["dataset"] for row in quality}
    return tuple(
        _dataset(
            name,
            [row for row in rows if row["dataset"] == name],
            [row for row in quality if row["dataset"] == name],
        )
        for name in sorted(names)
    )


def _dataset(name: str, deliveries: list[dict[str, Any]], quality: list[dict[str, Any]]) -> Dataset:
    def months(*statuses: str) -> tuple[Month, ...]:
        return tuple(Month.parse(row["load_month"]) for row in quality if row["status"] in statuses)

    return Dataset(
        name=name,
        deliveries=len(deliveries),
        rejected=sum(row["outcome"] == "rejected" for row in deliveries),
        received=sum(row["rows_received"] or 0 for row in deliveries),
        set_aside=sum(row["rows_set_aside"] or 0 for row in deliveries),
        completeness=_share(quality, "cells_required", "cells_missing"),
        validity=_share(quality, "checks_made", "checks_failed"),
        missing_months=months("not_arrived", "late"),
        late_months=tuple(
            Month.parse(row["load_month"])
            for row in quality
            if row["status"] not in ("not_arrived", "late") and (row["working_days_late"] or 0) > 0
        ),
    )


def _share(rows: list[dict[str, Any]], of: str, without: str) -> float | None:
    """In percent, to be printed with one decimal."""
    whole = sum(row[of] or 0 for row in rows)
    return 100 * (whole - sum(row[without] or 0 for row in rows)) / whole if whole else None
