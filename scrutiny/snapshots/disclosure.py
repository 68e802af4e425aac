"""Which indicators the public edition withholds, so that nobody in a small group can be recognised."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scrutiny.periods import Quarter
from scrutiny.reports.figures import Figures, PublicationError
from scrutiny.reports.view import Point, shown_points
from scrutiny.snapshots.rules import rules_in_force

AVERAGES = ("mean", "median")


@dataclass(frozen=True)
class DisclosureRule:
    """Counts of people from ``lowest_hidden`` to ``highest_hidden`` are hidden, and their complements."""

    version: str
    lowest_hidden: int
    highest_hidden: int
    exempt_service: str
    wording: str

    def protects(self, numerator: float | None, denominator: float | None, statistic: str = "share") -> bool:
        """True if the numerator, or the denominator less the numerator, is a count to hide.

        The numerator of a mean or median is no count of people: theirs is the denominator. A value whose
        numerator is not known cannot be shown to be safe, so it is protected too.
        """
        if numerator is None:
            return True
        if statistic in AVERAGES:
            counts = [denominator or 0]
        else:
            counts = [numerator] if denominator is None else [numerator, denominator - numerator]
        return any(self.lowest_hidden <= count <= self.highest_hidden for count in counts)


def disclosure_rule(rules: Path, quarter: Quarter) -> DisclosureRule:
    """The rule of the public edition for a quarter. Raises PublicationError unless exactly one applies."""
    found = [row for row in rules_in_force(rules, "disclosure_rules", quarter) if row["rule_id"] == "public"]
    if len(found) != 1:
        raise PublicationError(
            f"disclosure_rules.csv has {len(found)} public rules for {quarter.financial_year}: keep one."
        )
    row = found[0]
    return DisclosureRule(
        version=row["version"],
        lowest_hidden=int(row["lowest_hidden"]),
        highest_hidden=int(row["highest_hidden"]),
        exempt_service=row["exempt_service"],
        wording=row["wording"],
    )


def withheld(figures: Figures, rule: DisclosureRule) -> frozenset[str]:
    """The indicators with a protected count behind any figure the public edition would show.

    Shown are the headline, the series, and the two earlier values the headline is compared with. The earlier
    values are points of the series; one that is not there cannot be checked, and withholds its indicator.
    """
    points = shown_points(figures)
    months = [figures.quarter.months[2] - back for back in (3, 12)]
    statistics = {name: row["statistic"] for name, row in figures.register().items()}
    found = set()
    for row in figures.rows("mart_scrutiny_quarter"):
        if row["service"] == rule.exempt_service:
            continue
        series = points[row["indicator_id"]]
        checked = {point.month for point in series if point.value is not None}
        compared = zip(months, (row["previous_value"], row["same_quarter_last_year_value"]), strict=True)
        headline = Point(figures.quarter.months[2], "", row["numerator"], row["denominator"], row["value"])
        protected = any(
            rule.protects(point.numerator, point.denominator, statistics.get(row["indicator_id"], ""))
            for point in (headline, *series)
            if point.value is not None or point.numerator is not None
        )
        unchecked = any(value is not None and month not in checked for month, value in compared)
        if protected or unchecked:
            found.add(row["indicator_id"])
    return frozenset(found)
