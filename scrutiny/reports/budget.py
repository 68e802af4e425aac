"""The budget update: money by service, savings, and what people and prices do to the money.

A variance is forecast less budget, as in the marts: positive is an overspend, or income that falls short.
Amounts are in pounds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from scrutiny.reports import words
from scrutiny.reports.figures import Figures


@dataclass(frozen=True)
class Line:
    """The money of a service area, of a directorate (``area`` is empty), or of all (both are)."""

    directorate: str
    area: str
    budget: float
    spent: float
    forecast: float
    reasons: tuple[str, ...] = ()

    @property
    def is_total(self) -> bool:
        return not self.area

    @property
    def name(self) -> str:
        return self.area or self.directorate or "all services"

    @property
    def variance(self) -> float:
        return self.forecast - self.budget

    @property
    def percent(self) -> float | None:
        """The variance in percent of the budget; None without a budget."""
        return 100 * self.variance / abs(self.budget) if self.budget else None

    @property
    def position(self) -> str:
        """``Over by £914,295``, ``Under by £1,200`` or ``On budget``."""
        if round(self.variance) == 0:
            return "On budget"
        return f"{'Over' if self.variance > 0 else 'Under'} by {words.figure(abs(self.variance), 'gbp', 0)}"


@dataclass(frozen=True)
class Saving:
    """A saving of the year: how much of it is in which state."""

    saving_id: str
    title: str
    directorate: str
    owner: str
    status: str
    target: float
    delivered: float
    on_track: float
    at_risk: float
    undeliverable: float
    narrative: str


@dataclass(frozen=True)
class Activity:
    """People and prices of a type of placement; what is None may not be shown or is not known."""

    placement_type: str
    people: float | None
    budgeted_people: float | None
    weekly_cost: float | None
    budgeted_weekly_cost: float | None
    volume_effect: float | None
    price_effect: float | None
    pressure: float | None


@dataclass(frozen=True)
class Budget:
    """The money at the end of the quarter: lines with their totals, savings, and activity."""

    lines: tuple[Line, ...] = ()
    savings: tuple[Saving, ...] = ()
    activities: tuple[Activity, ...] = ()

    @property
    def total(self) -> Line | None:
        return self.lines[-1] if self.lines else None

    @property
    def finding(self) -> str:
        """One sentence on what the year will cost."""
        total = self.total
        if total is None:
            return "No report of the ledger has come for the end of the quarter."
        if round(total.variance) == 0:
            return f"The services are forecast to spend their budget of {words.money(total.budget)}."
        over = "more" if total.variance > 0 else "less"
        share = "" if total.percent is None else f" ({words.number(abs(total.percent), 1)}%)"
        return (
            f"The services are forecast to spend {words.money(abs(total.variance))}{share} {over} than their "
            f"budget of {words.money(total.budget)}."
        )

    @property
    def savings_finding(self) -> str:
        """One sentence on what of the savings will come."""
        if not self.savings:
            return "No report of savings has come for the end of the quarter."
        wanted, delivered, on_track, at_risk, lost = (
            sum(getattr(saving, name) for saving in self.savings)
            for name in ("target", "delivered", "on_track", "at_risk", "undeliverable")
        )
        return (
            f"Of {words.money(wanted)} to be saved this year, {words.money(delivered)} is delivered, "
            f"{words.money(on_track)} on track, {words.money(at_risk)} at risk or late and "
            f"{words.money(lost)} not deliverable."
        )

    @property
    def shows_people(self) -> bool:
        """Whether numbers of people and what they do to the money may be shown."""
        return any(activity.people is not None for activity in self.activities)


def budget(figures: Figures) -> Budget:
    """The budget update of the quarter's last month."""
    rows = sorted(
        figures.rows("mart_budget_monitoring"),
        key=lambda row: (row["directorate"], row["service_area"], row["budget_line"], row["type_of_spend"]),
    )
    return Budget(
        lines=tuple(_lines(rows)),
        savings=tuple(
            Saving(
                saving_id=row["saving_id"],
                title=row["title"] or "",
                directorate=row["directorate"] or "",
                owner=row["owner"] or "",
                status=row["status"] or "",
                target=row["target"] or 0.0,
                delivered=row["delivered"] or 0.0,
                on_track=row["on_track"] or 0.0,
                at_risk=row["at_risk"] or 0.0,
                undeliverable=row["undeliverable"] or 0.0,
                narrative=row["narrative"] or "",
            )
            for row in sorted(figures.rows("mart_savings"), key=lambda row: row["saving_id"])
        ),
        activities=tuple(
            Activity(
                placement_type=row["placement_type"],
                people=row["people"],
                budgeted_people=row["budgeted_people"],
                weekly_cost=row["weekly_cost_at_month_end"],
                budgeted_weekly_cost=row["budgeted_weekly_cost"],
                volume_effect=row["volume_effect"],
                price_effect=row["price_effect"],
                pressure=row["pressure"],
            )
            for row in sorted(figures.rows("mart_budget_activity"), key=lambda row: row["placement_type"])
        ),
    )


def _lines(rows: list[dict[str, Any]]) -> Iterable[Line]:
    """The service areas, each directorate after its own, and all of them last."""
    for directorate, own in groupby(rows, key=lambda row: row["directorate"] or "No directorate"):
        held = list(own)
        for area, parts in groupby(held, key=lambda row: row["service_area"] or "No service area"):
            yield _summed(directorate, area, list(parts))
        yield _summed(directorate, "", held)
    if rows:
        yield _summed("", "", rows)


def _summed(directorate: str, area: str, rows: list[dict[str, Any]]) -> Line:
    def total(name: str) -> float:
        return sum(row[name] or 0.0 for row in rows)

    reasons = tuple(
        f"{row['budget_line']} ({words.lower_first(row['type_of_spend'] or 'all spending')}): {said}"
        for row in rows
        if area and (said := " ".join(filter(None, (row["reasons"], row["mitigations"]))))
    )
    return Line(
        directorate, area, total("budget"), total("actual_to_date"), total("forecast_outturn"), reasons
    )
