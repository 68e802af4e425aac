"""What differs between two drafts or versions: figures, definitions, rules, judgements and words."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scrutiny.reports.figures import Figures
from scrutiny.snapshots.ledger import Figure
from scrutiny.snapshots.revisions import Key, figures_said, same

WORDS = ("commentary", "cause", "action", "action_owner", "action_due_date")
DEFINED_BY = (
    "title", "description", "numerator_definition", "denominator_definition", "exclusions", "polarity",
    "unit", "decimals", "measure_kind", "statistic", "headline_basis", "source_datasets",
)  # fmt: skip
JUDGED_BY = ("status", "target", "rag", "rag_rule")


@dataclass(frozen=True)
class FigureChange:
    """A figure of which the two say something else, and what was first published of it, if it was."""

    indicator_id: str
    window: str
    month: str
    before: Figure
    after: Figure
    first: Figure | None


@dataclass(frozen=True)
class TextChange:
    """One field of an indicator's definition, judgement or words, before and after."""

    indicator_id: str
    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Differences:
    """Everything that differs. ``came`` and ``went`` name figures, by indicator, window and last month.

    Judgements and words are those of the headline figures, and compared within one quarter only. ``rules``
    counts the rows of each rule set that came and went.
    """

    figures: tuple[FigureChange, ...]
    came: tuple[Key, ...]
    went: tuple[Key, ...]
    definitions: tuple[TextChange, ...]
    judgements: tuple[TextChange, ...]
    words: tuple[TextChange, ...]
    rules: Mapping[str, tuple[int, int]]

    @property
    def new_indicators(self) -> tuple[str, ...]:
        return _indicators_in(self.definitions, "before")

    @property
    def lost_indicators(self) -> tuple[str, ...]:
        return _indicators_in(self.definitions, "after")

    @property
    def is_empty(self) -> bool:
        return not any(
            (self.figures, self.came, self.went, self.definitions, self.judgements, self.words, self.rules)
        )

    def described(self) -> dict[str, Any]:
        """The differences for programs. Dates are written as texts."""
        return {
            "figures": [
                {"indicator_id": each.indicator_id, "window": each.window, "month": each.month}
                | {
                    name: None if figure is None else _numbers(figure)
                    for name, figure in (
                        ("before", each.before),
                        ("after", each.after),
                        ("first_published", each.first),
                    )
                }
                for each in self.figures
            ],
            "came": [_named(key) for key in self.came],
            "went": [_named(key) for key in self.went],
            **{
                name: [asdict(each) for each in changes]
                for name, changes in (
                    ("definitions", self.definitions),
                    ("judgements", self.judgements),
                    ("words", self.words),
                )
            },
            "rules": [
                {"rule_set": name, "rows_came": came, "rows_went": went}
                for name, (came, went) in self.rules.items()
            ],
        }


def differences(
    before: tuple[Figures, Path], after: tuple[Figures, Path], first: Mapping[Key, Figure] | None = None
) -> Differences:
    """Compare two sets of frozen figures, each with the folder of the rules it was judged by.

    ``first`` is what was first published of every figure.
    """
    (figures_before, rules_before), (figures_after, rules_after) = before, after
    then, now = figures_said(figures_before), figures_said(figures_after)
    one_quarter = figures_before.quarter == figures_after.quarter
    headlines = [
        {row["indicator_id"]: row for row in each.rows("mart_scrutiny_quarter") if one_quarter}
        for each in (figures_before, figures_after)
    ]
    return Differences(
        figures=tuple(
            FigureChange(*key, then[key], now[key], (first or {}).get(key))
            for key in sorted(then.keys() & now.keys())
            if not same(then[key], now[key])
        ),
        came=tuple(sorted(now.keys() - then.keys())),
        went=tuple(sorted(then.keys() - now.keys())),
        definitions=_definitions(figures_before, figures_after),
        judgements=_fields(headlines[0], headlines[1], JUDGED_BY),
        words=_fields(headlines[0], headlines[1], WORDS),
        rules=_rules(rules_before, rules_after),
    )


def _definitions(before: Figures, after: Figures) -> tuple[TextChange, ...]:
    """The versions that differ and what they say; an indicator in one alone is a change of its version."""
    registers = before.register(), after.register()
    found = []
    for name in sorted(registers[0].keys() | registers[1].keys()):
        rows = [register.get(name) for register in registers]
        versions = [row["version"] if row else None for row in rows]
        if versions[0] != versions[1]:
            found.append(TextChange(name, "version", *versions))
    return tuple(found) + _fields(registers[0], registers[1], DEFINED_BY)


def _fields(
    before: Mapping[str, dict[str, Any]], after: Mapping[str, dict[str, Any]], names: tuple[str, ...]
) -> tuple[TextChange, ...]:
    return tuple(
        TextChange(indicator, name, _plain(before[indicator][name]), _plain(after[indicator][name]))
        for indicator in sorted(before.keys() & after.keys())
        for name in names
        if before[indicator][name] != after[indicator][name]
    )


def _rules(before: Path, after: Path) -> dict[str, tuple[int, int]]:
    """Rows of each rule set that came and went, where any did."""
    sets = [{path.stem: _rows(path) for path in folder.glob("*.csv")} for folder in (before, after)]
    counts = {
        name: (len(sets[1].get(name, set()) - sets[0].get(name, set())),
               len(sets[0].get(name, set()) - sets[1].get(name, set())))
        for name in sorted(sets[0].keys() | sets[1].keys())
    }  # fmt: skip
    return {name: count for name, count in counts.items() if count != (0, 0)}


def _rows(path: Path) -> set[tuple[str, ...]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return {tuple(row) for row in csv.reader(lines)}


def _indicators_in(definitions: tuple[TextChange, ...], side: str) -> tuple[str, ...]:
    return tuple(
        each.indicator_id for each in definitions if each.field == "version" and getattr(each, side) is None
    )


def _numbers(figure: Figure) -> dict[str, float | None]:
    return {"numerator": figure.numerator, "denominator": figure.denominator, "value": figure.value}


def _named(key: Key) -> dict[str, str]:
    return dict(zip(("indicator_id", "window", "month"), key, strict=True))


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float) else str(value)
