"""Made-up councils whose counts are known month by month, for the tests of disclosure control."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from reporting_copy import Tables, arrow

from scrutiny.periods import Month, Quarter
from scrutiny.reports.figures import Figures, columns_of, first_month
from scrutiny.settings import PROJECT
from scrutiny.snapshots.counts import POSITION, months_of
from scrutiny.snapshots.disclosure import Decision, decide
from scrutiny.snapshots.ledger import Release

FIRST = Quarter.parse("2024-25-Q1")
Numbers = dict[Month, float]


@dataclass(frozen=True)
class Known:
    """An indicator and its true counts by month. A rate has its population in every month."""

    indicator_id: str
    numerators: Numbers
    denominators: Numbers | None = None
    measure_kind: str = "flow"
    basis: str = "quarter"
    statistic: str = "share"
    unit: str = "percent"
    decimals: int = 1

    @property
    def window(self) -> str:
        return self.basis if self.measure_kind == "flow" else POSITION

    def figure(self, month: Month) -> tuple[float | None, float | None, float | None]:
        """Numerator, denominator and value of the window to a month; nothing if a month is missing."""
        months = months_of(self.window, month)
        if not all(each in self.numerators for each in months):
            return None, None, None
        numerator = sum(self.numerators[each] for each in months)
        if self.denominators is None:
            return numerator, None, numerator
        if self.statistic == "rate":
            denominator = self.denominators[month]
        else:
            denominator = sum(self.denominators[each] for each in months)
        if not denominator:
            return numerator, denominator, None
        scale = {"percent": 100, "rate_per_10000": 10_000}[self.unit]
        if self.statistic == "rate" and self.measure_kind == "flow":
            scale *= 12 / len(months)
        return numerator, denominator, round(scale * numerator / denominator + 1e-9, self.decimals)


def count(indicator_id: str, numerators: Numbers, basis: str = "quarter", kind: str = "flow") -> Known:
    """An indicator that is a plain number."""
    return Known(indicator_id, numerators, None, kind, basis, "count", "count", 0)


def by_month(numbers: Iterable[float], first: Month | None = None) -> Numbers:
    """Numbers of consecutive months."""
    start = first or FIRST.months[0]
    return {start + index: number for index, number in enumerate(numbers)}


def frozen(quarter: Quarter, known: Iterable[Known]) -> Figures:
    """The frozen figures of a quarter: what is known by its end, in every window shown."""
    tables: Tables = {name: [] for name in columns_of()}
    tables["dim_authority"] = [{"authority_code": "999", "authority_name": "Fallowmere Council"}]
    end = quarter.months[2]
    for each in known:
        shared = {
            "indicator_id": each.indicator_id,
            "title": each.indicator_id,
            "family": "Front door",
            "service": "Children",
            "polarity": "low",
            "unit": each.unit,
            "decimals": each.decimals,
        }
        tables["dim_indicator"].append(
            shared
            | {
                "version": "1",
                "measure_kind": each.measure_kind,
                "statistic": each.statistic,
                "headline_basis": each.basis,
            }
        )
        for month in sorted(month for month in each.numerators if first_month(quarter) <= month <= end):
            place = {"indicator_id": each.indicator_id, "month": str(month), "breakdown": "all"}
            denominator = None if each.denominators is None else each.denominators[month]
            tables["fct_measure_month"].append(
                place | {"numerator": each.numerators[month], "denominator": denominator}
            )
            numerator, denominator, value = each.figure(month)
            tables["fct_indicator_value"].append(
                place
                | {
                    "indicator_version": "1",
                    "basis": each.basis if each.measure_kind == "flow" else "month",
                    "period_label": f"to {month}",
                    "numerator": numerator,
                    "denominator": denominator,
                    "value": value,
                    "status": "available" if value is not None else "not_applicable",
                }
            )
        numerator, denominator, value = each.figure(end)
        tables["mart_scrutiny_quarter"].append(
            shared
            | {
                "basis": each.basis,
                "numerator": numerator,
                "denominator": denominator,
                "value": value,
                "previous_value": each.figure(end - 3)[2],
                "same_quarter_last_year_value": each.figure(end - 12)[2],
                "status": "available" if value is not None else "not_applicable",
                "rag": "not rated",
            }
        )
    return Figures(quarter, arrow(tables))


def released(quarter: Quarter, decision: Decision, version: str = "1.0.0") -> Release:
    """The entry of the ledger that a decision becomes when it is published."""
    figures = tuple(sorted(decision.shown.values(), key=lambda figure: figure.key))
    return Release(str(quarter), version, f"{quarter.months[2] + 1} v{version}", "", figures)


def published(
    history: Iterable[tuple[Quarter, list[Known]]], rules: Path = PROJECT / "seeds"
) -> tuple[list[Release], list[Decision]]:
    """Publish quarter after quarter, each with what is known at the time."""
    releases: list[Release] = []
    decisions: list[Decision] = []
    earlier: dict[str, Figures] = {}
    for quarter, known in history:
        figures = frozen(quarter, known)
        decisions.append(decide(figures, rules, releases, earlier))
        releases.append(released(quarter, decisions[-1], f"1.0.{len(releases)}"))
        earlier[releases[-1].name] = figures
    return releases, decisions


def rules_with(folder: Path, **rows: str) -> Path:
    """A copy of the rule sets with rows added to some of them."""
    rules = folder / "rules"
    shutil.copytree(PROJECT / "seeds", rules)
    for name, added in rows.items():
        with (rules / f"{name}.csv").open("a", encoding="utf-8") as lines:
            lines.write(added)
    return rules
