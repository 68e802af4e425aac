"""What the marts conclude from the figures: control charts, forecasts, warnings, joint pictures and actions.

Nothing is reckoned here. What the public edition may not show is taken out of the frozen tables before
(``snapshots/disclosure.py``), so what is not there is simply not drawn.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from scrutiny import datasets
from scrutiny.periods import Month
from scrutiny.reports import words
from scrutiny.reports.figures import SERIES_MONTHS, Figures

ROLES = {
    "outcome": "What is wanted",
    "driver": "What moves it",
    "consequence": "What follows from it",
    "balancing": "What may suffer for it",
}


@dataclass(frozen=True)
class ControlPoint:
    """One month of a control chart. ``variation`` is empty where the month is not judged."""

    month: Month
    value: float
    mean: float | None
    upper: float | None
    lower: float | None
    phase: str
    is_left_out: bool
    variation: str


@dataclass(frozen=True)
class Control:
    """What the control chart of an indicator says of its newest month, and its points if they may be shown.

    ``reason`` says the signal in words, or why there is no chart.
    """

    variation: str
    reason: str
    assurance: str
    points: tuple[ControlPoint, ...]

    @property
    def is_judged(self) -> bool:
        return bool(self.variation)

    @property
    def is_special(self) -> bool:
        """Whether the newest month is beyond what chance explains."""
        return self.variation not in ("", "common cause")

    @property
    def text(self) -> str:
        """``Concerning, above what chance explains``; why there is no chart where there is none."""
        if not self.is_judged:
            return self.reason
        if not self.is_special:
            return "Steady, within what chance explains"
        return f"{self.variation.capitalize()}, {words.lower_first(self.reason)}"

    @property
    def assurance_text(self) -> str:
        """What to expect of the target if nothing changes; empty where there is none."""
        return {
            "consistently met": "If nothing changes, the target will be met every month.",
            "consistently missed": "If nothing changes, the target will be missed every month.",
            "met or missed by chance": "If nothing changes, chance decides whether the target is met.",
        }.get(self.assurance, "")


@dataclass(frozen=True)
class Forecast:
    """Where a figure will stand at the year's end; ``outturn`` is None if there is no forecast."""

    year: str
    year_end: Month | None
    outturn: float | None
    lower: float | None
    upper: float | None
    interval_percent: int | None
    target: float | None
    probability: float | None
    rating: words.Rating
    expected: Month | None
    outlook: str
    method: str
    coverage: float | None

    @property
    def is_made(self) -> bool:
        return self.outturn is not None

    @property
    def chance(self) -> str:
        """How likely the target is to be met, never as if it were certain."""
        return "" if self.probability is None else words.chance(self.probability)


@dataclass(frozen=True)
class Warning:
    """Something that changed for the worse, and the indicators it bears on.

    ``is_new`` is None where that is not known.
    """

    position: int
    rule_id: str
    warns_of: str
    indicator_id: str
    subject: str
    finding: str
    is_new: bool | None
    owner: str
    indicator_ids: tuple[str, ...]

    @property
    def newness(self) -> str:
        return {True: "New", False: "Seen before", None: "Not known"}[self.is_new]


@dataclass(frozen=True)
class Member:
    """An indicator of a group, its part in it and why it belongs there."""

    indicator_id: str
    role: str
    why: str


@dataclass(frozen=True)
class Group:
    """Indicators that are read together. ``picture`` is empty where it would give away what is withheld."""

    name: str
    title: str
    picture: str
    members: tuple[Member, ...]


@dataclass(frozen=True)
class Priority:
    """A priority of the service plan and the indicators that tell how it is going."""

    name: str
    title: str
    description: str
    is_area_for_improvement: bool
    indicator_ids: tuple[str, ...]


@dataclass(frozen=True)
class Action:
    """A recommendation of members or an undertaking of officers, with where it stands."""

    action_id: str
    kind: str
    raised: dt.date
    raised_by: str
    indicator_id: str
    text: str
    owner: str
    due: dt.date | None
    status: str
    is_open: bool
    progress: str
    closed: dt.date | None

    def is_overdue(self, day: dt.date) -> bool:
        return self.is_open and self.due is not None and self.due < day


def controls(figures: Figures) -> dict[str, Control]:
    """What is said of each indicator's monthly figures, with the newest thirty-six points."""
    points: dict[str, list[ControlPoint]] = defaultdict(list)
    for row in sorted(figures.rows("mart_spc_point"), key=lambda row: row["month"]):
        points[row["indicator_id"]].append(
            ControlPoint(
                month=Month.parse(row["month"]),
                value=row["value"],
                mean=row["mean"],
                upper=row["shown_upper_limit"],
                lower=row["shown_lower_limit"],
                phase=row["phase_start_month"],
                is_left_out=row["is_left_out"],
                variation=row["variation"] or "",
            )
        )
    return {
        row["indicator_id"]: Control(
            variation=row["variation"] or "",
            reason=row["variation_reason"] or "",
            assurance=row["assurance"] or "",
            points=tuple(points[row["indicator_id"]][-SERIES_MONTHS:]),
        )
        for row in figures.rows("mart_spc_series")
    }


def forecasts(figures: Figures) -> dict[str, Forecast]:
    """The forecast of each indicator, or why there is none."""
    return {row["indicator_id"]: _forecast(row) for row in figures.rows("mart_forecast")}


def _forecast(row: dict[str, Any]) -> Forecast:
    return Forecast(
        year=row["financial_year"] or "",
        year_end=Month.parse(row["year_end_month"]) if row["year_end_month"] else None,
        outturn=row["outturn"],
        lower=row["lower_outturn"],
        upper=row["upper_outturn"],
        interval_percent=row["interval_percent"],
        target=row["target"],
        probability=row["probability_of_meeting"],
        rating=words.FORECAST_RATINGS[row["forecast_rag"]],
        expected=Month.parse(row["expected_month"]) if row["expected_month"] else None,
        outlook=row["outlook"] or "",
        method=row["method_in_words"] or "",
        coverage=row["coverage_of_method"],
    )


def warnings(figures: Figures) -> tuple[Warning, ...]:
    """What changed for the worse, the most pressing first."""
    return tuple(
        Warning(
            position=position,
            rule_id=row["rule_id"],
            warns_of=row["warns_of"],
            indicator_id=row["indicator_id"] or "",
            subject=row["subject"] if row["indicator_id"] else _extract(row["subject"]),
            finding=row["finding"],
            is_new=row["is_new"],
            owner=row["owner"] or "",
            indicator_ids=tuple(name for name in (row["indicator_ids"] or "").split("; ") if name),
        )
        for position, row in enumerate(
            sorted(figures.rows("mart_early_warning"), key=lambda row: row["position"]), 1
        )
    )


def _extract(subject: str) -> str:
    """``early_help, contacts`` by the title of the extract."""
    name, _, table = subject.partition(", ")
    return f"{datasets.dataset(name).title}: {table.replace('_', ' ')}".removesuffix(": ")


def groups(figures: Figures) -> tuple[Group, ...]:
    """The groups of indicators that are read together, with what their joint movement is called."""
    pictures = {row["reading_group"]: row["picture"] for row in figures.rows("mart_read_together")}
    roles = list(ROLES)
    ordered = sorted(
        figures.rows("dim_read_together"),
        key=lambda row: (row["title"], row["reading_group"], roles.index(row["role"]), row["indicator_id"]),
    )
    return tuple(
        Group(
            name,
            title,
            pictures.get(name) or "",
            tuple(Member(row["indicator_id"], ROLES[row["role"]], row["why"]) for row in rows),
        )
        for (title, name), rows in groupby(ordered, key=lambda row: (row["title"], row["reading_group"]))
    )


def priorities(figures: Figures) -> tuple[Priority, ...]:
    """The priorities of the service plan that have an indicator here, in its order."""
    ordered = sorted(figures.rows("dim_priority"), key=lambda row: (row["position"], row["indicator_id"]))
    return tuple(
        Priority(
            name=name,
            title=rows[0]["title"],
            description=rows[0]["description"],
            is_area_for_improvement=rows[0]["is_area_for_improvement"],
            indicator_ids=tuple(row["indicator_id"] for row in rows),
        )
        for name, found in groupby(ordered, key=lambda row: row["priority_id"])
        for rows in [list(found)]
    )


def actions(figures: Figures) -> tuple[Action, ...]:
    """Actions that are open or were closed in the quarter: open ones first, by when they are due."""
    found = [
        Action(
            action_id=row["action_id"],
            kind=row["kind"],
            raised=row["raised_date"],
            raised_by=row["raised_by_body"] or "",
            indicator_id=row["indicator_id"] or "",
            text=row["action_text"],
            owner=row["owner_role"] or "",
            due=row["due_date"],
            status=row["status"],
            is_open=row["is_open"],
            progress=row["progress"] or "",
            closed=row["closed_date"],
        )
        for row in figures.rows("mart_action")
    ]
    return tuple(sorted(found, key=lambda each: (not each.is_open, each.due or dt.date.max, each.action_id)))
