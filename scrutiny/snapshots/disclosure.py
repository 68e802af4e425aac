"""What the public edition may show: the primary rules, and the decision figure by figure.

A figure is withheld because it counts few people (primary), because it was revised by few since it was
published (revision), or because with all that is published it would give a protected count away (secondary).
The interval audit (``audit.py``) over the release ledger and the new release is what guarantees it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from scrutiny.periods import Month, Quarter
from scrutiny.reports.figures import Figures, PublicationError
from scrutiny.reports.view import WITHHELD, shown_points
from scrutiny.snapshots.audit import Cell, Key, Leak, Row, Sum, Target, audit, total
from scrutiny.snapshots.counts import (
    AVERAGES,
    DENOMINATOR,
    NUMERATOR,
    WINDOWS,
    Count,
    Counts,
    Elsewhere,
    months_of,
    published_elsewhere,
    true_counts,
)
from scrutiny.snapshots.ledger import POSITION, Figure, Release, windows_of
from scrutiny.snapshots.rules import rules_in_force

PRIMARY, REVISION, SECONDARY = "primary", "revision", "secondary"


@dataclass(frozen=True)
class DisclosureRule:
    """Counts of people from ``lowest_hidden`` to ``highest_hidden`` are hidden, and their complements."""

    version: str
    lowest_hidden: int
    highest_hidden: int
    exempt_service: str
    wording: str

    def hides(self, count: float) -> bool:
        """True if a count of people is one to hide."""
        return self.lowest_hidden <= count <= self.highest_hidden

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
        return any(self.hides(count) for count in counts)


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


@dataclass(frozen=True)
class Decision:
    """What the public edition shows of a quarter, and why it does not show the rest.

    ``shown`` holds each figure as it is to be printed; those in ``kept`` as they were published before.
    ``protected`` is how many counts the audit found safe.
    """

    rule: DisclosureRule
    shown: dict[Key, Figure]
    withheld: dict[Key, str]
    kept: frozenset[Key]
    protected: int

    @property
    def share_withheld(self) -> float:
        """The share of figures the public edition does not show, 0 to 1."""
        figures = len(self.shown) + len(self.withheld)
        return len(self.withheld) / figures if figures else 0.0

    def summary(self) -> dict[str, Any]:
        """The decision for the people who sign off, ready to be written as JSON."""
        return {
            "rule_version": self.rule.version,
            "figures_shown": len(self.shown),
            "figures_withheld": len(self.withheld),
            "withheld_by_reason": dict(sorted(Counter(self.withheld.values()).items())),
            "protected_counts_audited": self.protected,
            "withheld": [[*key, reason] for key, reason in sorted(self.withheld.items())],
            "shown_as_published_before": sorted(list(key) for key in self.kept),
        }


@dataclass(frozen=True)
class _Candidate:
    """A figure that the edition would show, and what it is worth to readers: headlines most."""

    figure: Figure
    rank: int

    @property
    def worth(self) -> tuple[int, str, str]:
        return self.rank, self.figure.month, self.figure.indicator_id


def decide(
    figures: Figures, rules: Path, releases: list[Release], history: Mapping[str, Figures] | None = None
) -> Decision:
    """Decide what the public edition of a quarter shows.

    ``releases`` is all that was ever published, oldest first; ``history`` the frozen figures behind those
    that are still on disk, by the name of the release. Raises PublicationError, with the chain of figures
    that gives a count away, if that cannot be mended by withholding anything new.
    """
    rule = disclosure_rule(rules, figures.quarter)
    frozen = [(release, (history or {}).get(release.name)) for release in releases]
    counts = Counts(
        figures.authority["authority_code"],
        [*(each for _, each in frozen if each is not None), figures],
        rules,
        rule.exempt_service,
    )
    shown: dict[Key, Figure] = {}
    withheld: dict[Key, str] = {}
    kept: set[Key] = set()
    candidates = _candidates(figures)
    published = _Published(counts, releases)
    exempt = {
        row["indicator_id"]
        for row in figures.rows("mart_scrutiny_quarter")
        if row["service"] == rule.exempt_service
    }
    for key, candidate in candidates.items():
        figure = candidate.figure
        if figure.indicator_id in exempt:
            shown[key] = figure
        elif figure.indicator_id not in counts.register or _is_protected(figure, rule, counts):
            withheld[key] = PRIMARY
        elif published.is_revised_by_few(figure, rule):
            before = published.unless_revised_by_more(figure, rule)
            if before is None or candidate.rank == _HEADLINE:
                withheld[key] = REVISION
            else:
                shown[key] = before
                kept.add(key)
        else:
            shown[key] = figure
    systems = _systems(counts, rule, frozen, candidates, withheld, published_elsewhere(rules))

    def leaks() -> list[Leak]:
        new = sorted(
            (key for key in shown if key[0] in counts.register), key=lambda key: candidates[key].worth
        )
        rows = [row for key in new for row in counts.rows(shown[key], _said(key), None)]
        return [leak for system in systems for leak in system.leaks(counts, rows)]

    audited = len(systems[0].targets)
    _withhold_more(leaks, candidates, shown, withheld)
    return Decision(rule, shown, withheld, frozenset(kept & shown.keys()), audited)


def _withhold_more(
    leaks: Callable[[], list[Leak]],
    candidates: dict[Key, _Candidate],
    shown: dict[Key, Figure],
    withheld: dict[Key, str],
) -> None:
    """Move figures from ``shown`` to ``withheld`` until there are no ``leaks``, and back what need not go."""
    taken: dict[Key, Figure] = {}
    while found := leaks():
        least_worth = [_least_worth(leak, candidates) for leak in found]
        beyond = [leak for leak, key in zip(found, least_worth, strict=True) if key is None]
        if beyond:
            raise PublicationError(
                "Nothing is published: what has been published already gives a protected count away, and "
                "nothing withheld now would help.\n" + "\n".join(map(str, beyond))
            )
        for key in {key for key in least_worth if key is not None}:
            taken[key] = shown.pop(key)
    for key in sorted(taken, key=lambda key: candidates[key].worth, reverse=True):
        shown[key] = taken[key]
        if leaks():
            del shown[key]
            withheld[key] = SECONDARY


_SERIES, _COMPARED, _HEADLINE = range(3)


def _candidates(figures: Figures) -> dict[Key, _Candidate]:
    """Every figure with a number that the officer edition shows, by what it is of."""
    windows = windows_of(figures)
    points = shown_points(figures)
    end = figures.quarter.months[2]
    found: dict[Key, _Candidate] = {}
    for row in figures.rows("mart_scrutiny_quarter"):
        name, window = row["indicator_id"], windows[row["indicator_id"]]
        for point in points[name]:
            figure = Figure(name, window, str(point.month), point.numerator, point.denominator, point.value)
            rank = _COMPARED if point.month in (end - 3, end - 12) else _SERIES
            if point.value is not None or point.numerator is not None:
                found[figure.key] = _Candidate(figure, rank)
        headline = Figure(name, window, str(end), row["numerator"], row["denominator"], row["value"])
        if headline.value is not None or headline.numerator is not None:
            found[headline.key] = _Candidate(headline, _HEADLINE)
        for back, value in ((3, row["previous_value"]), (12, row["same_quarter_last_year_value"])):
            figure = Figure(name, window, str(end - back), None, None, value)
            if value is not None and figure.key not in found:
                found[figure.key] = _Candidate(figure, _COMPARED)
    return found


def _is_protected(figure: Figure, rule: DisclosureRule, counts: Counts) -> bool:
    return rule.protects(figure.numerator, figure.denominator, counts.statistic(figure.indicator_id))


class _Published:
    """The last published figure of everything, and the last published number of every count."""

    def __init__(self, counts: Counts, releases: list[Release]) -> None:
        self.counts = counts
        self.figures: dict[Key, Figure] = {}
        self.numbers: dict[Sum, float] = {}
        for release in releases:
            for figure in release.figures:
                self.figures[figure.key] = figure
                if figure.indicator_id in counts.register:
                    for _, found, number in counts.people(figure):
                        if number is not None:
                            self.numbers[found] = number

    def _revisions(self, figure: Figure) -> list[float]:
        """By how many people each part of a figure differs from what was last published of it."""
        return [
            abs(number - self.numbers[found])
            for _, found, number in self.counts.people(figure)
            if number is not None and found in self.numbers
        ]

    def is_revised_by_few(self, figure: Figure, rule: DisclosureRule) -> bool:
        return any(rule.hides(revision) for revision in self._revisions(figure))

    def unless_revised_by_more(self, figure: Figure, rule: DisclosureRule) -> Figure | None:
        """The figure as last published; None if it never was, or if another part of it changed by more."""
        if any(revision > rule.highest_hidden for revision in self._revisions(figure)):
            return None
        return self.figures.get(figure.key)


@dataclass
class _System:
    """What is known and what must not be, as the counts stood at one time.

    ``known`` are the published rows that were true of them then: a reader who knows which figures have been
    revised can use these together, and no others. ``true`` says what the counts were, ``at_release`` what
    they were when each release was made.
    """

    targets: list[Target]
    known: list[Row]
    true: dict[Cell, float]
    at_release: dict[str, dict[Cell, float]]

    def leaks(self, counts: Counts, new: list[Row]) -> list[Leak]:
        """What the rows known and the new ones give away.

        Every release was audited with what was true then. So if something follows from published figures
        alone, and they or the count were not true when the last of them was published, it could not be known
        and cannot be mended: its target is audited no further.
        """
        rows = _settled([*self.known, *self._true(new)])
        while True:
            sums = [*(row.sum for row in rows), *(target.sum for target in self.targets)]
            structure = counts.structure({cell for each in sums for cell, _ in each})
            found = audit([*self._true(structure), *rows], self.targets)
            chance = {leak.target for leak in found if self._is_chance(leak)}
            if not chance:
                return found
            self.targets = [target for target in self.targets if target not in chance]

    def _true(self, rows: Iterable[Row]) -> list[Row]:
        return [row for row in rows if row.holds(self.true)]

    def _is_chance(self, leak: Leak) -> bool:
        sources = {row.release for row in leak.chain if row.release != ""}
        if not sources or not sources <= self.at_release.keys():
            return False
        then = self.at_release[max(filter(None, sources), key=list(self.at_release).index)]
        return (
            not all(row.holds(then) for row in leak.chain)
            or total(leak.target.sum, then) != leak.target.number
        )


def _systems(
    counts: Counts,
    rule: DisclosureRule,
    frozen: list[tuple[Release, Figures | None]],
    candidates: dict[Key, _Candidate],
    withheld: dict[Key, str],
    elsewhere: list[Elsewhere],
) -> list[_System]:
    """What is to be audited: the counts as they are, and as they were at each release before a revision."""
    published = {figure.key for release, _ in frozen for figure in release.figures}
    rows = [
        row
        for release, _ in frozen
        for figure in release.figures
        if figure.indicator_id in counts.register
        for row in counts.rows(figure, f"{_said(figure.key)}: {release.name}", release.name)
    ]
    for each in elsewhere:
        if each.figure.indicator_id in counts.register:
            said = f"{_said(each.figure.key)}: {each.source}"
            rows += counts.rows(each.figure, said, each.source, counts.members.get(each.area, (each.area,)))
    at_release: dict[str, dict[Cell, float]] = {}
    now = counts.cells(counts.true)
    hidden_now = [
        candidates[key].figure for key in withheld if key not in published and key[0] in counts.register
    ]
    times = [(counts.true, now, hidden_now)]
    for release, figures in frozen:
        if figures is not None:
            true = true_counts(figures)
            at_release[release.name] = counts.cells(true)
            hidden = [
                candidate.figure
                for key, candidate in _candidates(figures).items()
                if key not in published and key[0] in counts.register
            ]
            times.append((true, at_release[release.name], hidden))
    systems: list[_System] = []
    for true, cells, hidden in times:
        targets = _targets(counts, rule, true, hidden)
        if cells is not now:
            same = {cell for cell, number in cells.items() if now.get(cell) == number}
            seen = [
                each for each in targets if each.is_marked and same.issuperset(cell for cell, _ in each.sum)
            ]
            systems[0].targets = list({each.sum: each for each in (*systems[0].targets, *seen)}.values())
            if len(same) == len(cells):
                continue
        known = [row for row in rows if row.holds(cells)]
        systems.append(_System(targets, known, cells, at_release))
    return systems


def _targets(
    counts: Counts, rule: DisclosureRule, true: Mapping[Count, dict[str, float]], marked: Iterable[Figure]
) -> list[Target]:
    """The counts that nobody may work out.

    They are the small counts of ``marked`` figures, which readers see to be withheld, and every other small
    count of a month, quarter or longer window, which they do not see.
    """
    found: dict[Sum, Target] = {}
    unmarked = (figure for name in counts.register for figure in _true_figures(counts, name, true))
    for figures, is_marked in ((unmarked, False), (marked, True)):
        for figure in figures:
            for part, cells, number in counts.people(figure):
                if number is not None and rule.hides(number) and cells:
                    said = f"A protected count ({_said(figure.key)}, {part})"
                    found[cells] = Target(
                        cells, said, number, rule.lowest_hidden, rule.highest_hidden, is_marked
                    )
    return list(found.values())


def _true_figures(
    counts: Counts, indicator_id: str, true: Mapping[Count, dict[str, float]]
) -> Iterator[Figure]:
    """The true counts of an indicator in every window whose months are all known."""
    parts = [true.get((indicator_id, part), {}) for part in (NUMERATOR, DENOMINATOR)]
    for month in sorted(parts[0].keys() | parts[1].keys()):
        for window in WINDOWS if counts.is_flow(indicator_id) else (POSITION,):
            months = [str(each) for each in months_of(window, Month.parse(month))]
            numerator, denominator = (
                sum(known[each] for each in months) if all(each in known for each in months) else None
                for known in parts
            )
            yield Figure(indicator_id, window, month, numerator, denominator, None)


def _settled(rows: Iterable[Row]) -> list[Row]:
    """One row for each sum: the last, but if nothing changed the one that was published first."""
    found: dict[Sum, Row] = {}
    for row in rows:
        before = found.get(row.sum)
        if before is not None and before.is_settled and (before.low, before.high) == (row.low, row.high):
            continue
        found.pop(row.sum, None)
        found[row.sum] = row
    return [row for row in found.values() if row.sum]


def _least_worth(leak: Leak, candidates: dict[Key, _Candidate]) -> Key | None:
    """The figure of a chain that readers miss least among those not published yet."""
    new = [row.key for row in leak.chain if not row.is_settled and row.key is not None]
    return min(new, key=lambda key: candidates[key].worth, default=None)


def _said(key: Key) -> str:
    indicator_id, window, month = key
    return (
        f"{indicator_id}, {window.replace('_', ' ')} to {month}"
        if window != POSITION
        else f"{indicator_id} at {month}"
    )


_NUMBERS = ("numerator", "denominator", "not_known", "value")
_WITH_HEADLINE = (
    "benchmark_gap", "rag_rule", "status_reason",
    "commentary", "cause", "action", "action_owner", "action_due_date", "commentary_author",
)  # fmt: skip
_PEOPLE_BEHIND_MONEY = ("people", "budgeted_people", "volume_effect", "price_effect", "pressure")
"""Numbers of people, and what gives them away beside prices: no audit knows how they add up."""
_OFFICERS_ONLY = ("fct_measure_month", "mart_validation")


def public_figures(figures: Figures, decision: Decision, rules: Path) -> Figures:
    """The frozen figures with nothing in them that the public edition does not show.

    A headline goes with its rating, directions and commentary, a comparison with the earlier figure it is
    made with. Counts that no public page shows go whatever they are.
    """
    windows = windows_of(figures)
    bands = {row["unit"]: row for row in rules_in_force(rules, "direction_rules", figures.quarter)}
    end = figures.quarter.months[2]
    headlines = []
    for row in figures.rows("mart_scrutiny_quarter"):
        name, window = row["indicator_id"], windows[row["indicator_id"]]
        if (name, window, str(end)) in decision.withheld:
            row |= dict.fromkeys((*_NUMBERS, *_WITH_HEADLINE)) | {"status": WITHHELD, "rag": WITHHELD}
        for back, earlier, direction in (
            (3, "previous_value", "direction_short"),
            (12, "same_quarter_last_year_value", "direction_long"),
        ):
            key = (name, window, str(end - back))
            if key in decision.withheld:
                row |= {earlier: None, direction: WITHHELD}
            elif row["status"] == WITHHELD and row[earlier] is not None:
                row |= {earlier: decision.shown[key].value, direction: WITHHELD}
            elif key in decision.kept and row[earlier] != decision.shown[key].value:
                row[earlier] = decision.shown[key].value
                row[direction] = _direction(row, row[earlier], bands[row["unit"]])
        headlines.append(row)
    points = []
    for row in figures.rows("fct_indicator_value"):
        key = (row["indicator_id"], _window(row, windows), row["month"])
        shown = decision.shown.get(key) if row["breakdown"] == "all" else None
        if shown is None:
            row |= dict.fromkeys((*_NUMBERS, "status_reason"))
            row |= {"status": WITHHELD} if key in decision.withheld else {}
        else:
            row |= {"numerator": shown.numerator, "denominator": shown.denominator, "value": shown.value}
            row["not_known"] = None
        points.append(row)
    changed = {"mart_scrutiny_quarter": headlines, "fct_indicator_value": points}
    changed |= _public_judgements(figures, decision, headlines)
    changed |= {name: [] for name in _OFFICERS_ONLY}
    tables = {
        name: pa.Table.from_pylist(changed[name], table.schema) if name in changed else table
        for name, table in figures.tables.items()
    }
    return Figures(figures.quarter, tables)


def _public_judgements(
    figures: Figures, decision: Decision, headlines: list[dict[str, Any]]
) -> dict[str, list[dict[str, Any]]]:
    """What is concluded from figures, where readers may know all that it is concluded from.

    A control chart, a forecast or a warning is a reckoning on months, so it goes if any figure of the
    indicator is withheld or shown as published before, or any month of it counts few people. A chart that is
    shown also wants each of its points to be a published figure: limits and the other points give a missing
    one away.
    """
    untouched = _untouched(figures, decision)
    windows = windows_of(figures)
    points: dict[str, set[str]] = {}
    for row in figures.rows("mart_spc_point"):
        points.setdefault(row["indicator_id"], set()).add(row["month"])
    charted = {
        name
        for name, months in points.items()
        if name in untouched
        and windows[name] == "month"
        and all((name, "month", month) in decision.shown for month in months)
    }
    kept = {name for name, _, _ in decision.kept}
    judged = {
        row["indicator_id"]
        for row in headlines
        if WITHHELD not in (row["rag"], row["direction_short"]) and row["indicator_id"] not in kept
    }
    split = {
        row["reading_group"] for row in figures.rows("dim_read_together") if row["indicator_id"] not in judged
    }
    without_headline = {row["indicator_id"] for row in headlines if row["status"] == WITHHELD}
    return {
        "mart_spc_point": _of(figures, "mart_spc_point", charted),
        "mart_spc_series": _of(figures, "mart_spc_series", untouched),
        "mart_forecast": [
            row | {"figure_to_date": None, "straight_line": None}  # figures that no page shows
            for row in _of(figures, "mart_forecast", untouched)
        ],
        "mart_early_warning": _public_warnings(figures, untouched),
        "mart_read_together": [
            row for row in figures.rows("mart_read_together") if row["reading_group"] not in split
        ],
        "mart_action": [
            row for row in figures.rows("mart_action") if row["indicator_id"] not in without_headline
        ],
        "mart_budget_monitoring": [
            row | {"reasons": None, "mitigations": None} for row in figures.rows("mart_budget_monitoring")
        ],
        "mart_savings": [row | {"narrative": None} for row in figures.rows("mart_savings")],
        "mart_budget_activity": [
            row | dict.fromkeys(_PEOPLE_BEHIND_MONEY)
            for row in figures.rows("mart_budget_activity")
            if (row["people"] or 0) > decision.rule.highest_hidden
        ],
        "mart_data_quality": [
            row | {"reason": None, "rows_set_aside": None} for row in figures.rows("mart_data_quality")
        ],
    }


def _of(figures: Figures, table: str, indicators: set[str]) -> list[dict[str, Any]]:
    return [row for row in figures.rows(table) if row["indicator_id"] in indicators]


def _untouched(figures: Figures, decision: Decision) -> set[str]:
    """Indicators of which nothing is hidden: figures are shown as they are, no month counts few people."""
    touched = {name for name, _, _ in (*decision.withheld, *decision.kept)}
    register = figures.register()
    for row in figures.rows("fct_measure_month"):
        held = register.get(row["indicator_id"])
        if held is None or (
            row["breakdown"] == "all"
            and held["service"] != decision.rule.exempt_service
            and decision.rule.protects(row["numerator"], row["denominator"], held["statistic"] or "share")
        ):
            touched.add(row["indicator_id"])
    return register.keys() - touched


def _public_warnings(figures: Figures, untouched: set[str]) -> list[dict[str, Any]]:
    """The warnings, without those of extracts, which count rows, and without figures of single months."""
    said = {row["indicator_id"]: row["variation_reason"] for row in figures.rows("mart_spc_series")}
    return [
        row | ({"finding": f"{said[row['indicator_id']]}."} if row["rule_id"] == "special_cause" else {})
        for row in _of(figures, "mart_early_warning", untouched)
    ]


def _window(row: dict[str, Any], windows: dict[str, str]) -> str:
    """The window of a row of ``fct_indicator_value`` as the ledger names it; empty if none is shown."""
    window = windows.get(row["indicator_id"], "")
    return window if row["basis"] == (window if window != POSITION else "month") else ""


def _direction(row: dict[str, Any], earlier: float | None, band: dict[str, str]) -> str | None:
    """The direction from an earlier value to the headline, as the marts make it (macro ``direction``)."""
    sign = {"high": 1, "low": -1}.get(row["polarity"])
    if row["value"] is None or earlier is None or sign is None:
        return None
    width = float(band["dead_band"]) * (earlier / 100 if band["dead_band_mode"] == "relative" else 1)
    if abs(row["value"] - earlier) <= width:
        return "no change"
    return "better" if (row["value"] - earlier) * sign > 0 else "worse"


def withheld_months(decision: Decision) -> frozenset[tuple[str, Month]]:
    """What is withheld by indicator and month, for the pages."""
    return frozenset((indicator_id, Month.parse(month)) for indicator_id, _, month in decision.withheld)
