"""The pages for those who sign a draft off: what the public edition withholds, and what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from scrutiny.periods import Month, Quarter
from scrutiny.reports import words
from scrutiny.reports.page import page_style, templates_of_pages
from scrutiny.reports.view import POSITION, Revision

REASONS = {
    "primary": "counts few people, or all but few",
    "revision": "was revised by few people since it was published",
    "secondary": "would, with all that is published, give a protected count away",
}
MOST_ROWS = 200
"""Rows of figures a page lists before it points to the file that has them all."""


@dataclass(frozen=True)
class Withheld:
    """The figures of one indicator that are withheld for one reason."""

    title: str
    months: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Changed:
    """A figure that changed, in words: as first and last published, and now."""

    title: str
    period: str
    first: str
    last: str
    now: str
    why: str


def render_disclosure(
    quarter: Quarter, summary: Mapping[str, Any], rule: str, titles: Mapping[str, str]
) -> str:
    """The disclosure result as a page. ``summary`` is what ``disclosure.json`` holds."""
    withheld = [
        Withheld(titles.get(name, name), tuple(month for *_, month, _ in group), REASONS[reason])
        for (name, reason), group in groupby(
            sorted(summary["withheld"], key=lambda row: (row[0], row[3], row[2])),
            key=lambda row: (row[0], row[3]),
        )
    ]
    kept = [
        (titles.get(name, name), _month(month)) for name, _, month in summary["shown_as_published_before"]
    ]
    return _render("disclosure", quarter, summary=summary, rule=rule, withheld=withheld, kept=kept)


def render_changes(
    quarter: Quarter,
    compared_with: str,
    differences: Mapping[str, Any],
    revisions: Sequence[Revision],
    to_check: Sequence[str],
    register: Mapping[str, tuple[str, str, int]],
) -> str:
    """What changed since the last release as a page: revisions, definitions, rules, judgements and words.

    ``register`` gives title, unit and decimals by indicator, ``to_check`` reasons that name a small number.
    """
    new = [each for each in revisions if each.is_since_last_time]
    return _render(
        "changes",
        quarter,
        compared_with=compared_with,
        differences=differences,
        revised=[_changed(each, register) for each in sorted(new, key=lambda each: each.month, reverse=True)],
        earlier=len(revisions) - len(new),
        by_class={
            kind: sum(each.revision_class == kind for each in new)
            for kind in dict.fromkeys(each.revision_class for each in new)
        },
        to_check=to_check,
        titles={name: title for name, (title, _, _) in register.items()},
        most=MOST_ROWS,
    )


def _changed(revision: Revision, register: Mapping[str, tuple[str, str, int]]) -> Changed:
    title, unit, decimals = register[revision.indicator_id]
    first, last, now = (
        _figure(*parts, unit, decimals)
        for parts in (
            (revision.first_value, revision.first_numerator, revision.first_denominator),
            (revision.last_value, revision.last_numerator, revision.last_denominator),
            (revision.value, revision.numerator, revision.denominator),
        )
    )
    window = "at the end of" if revision.window == POSITION else f"{revision.window.replace('_', ' ')} to"
    period = f"{window} {_month(revision.month)}"
    return Changed(title, period, first, last, now, revision.reason)


def _figure(
    value: float | None, numerator: float | None, denominator: float | None, unit: str, decimals: int
) -> str:
    shown = words.figure(value, unit, decimals)
    if numerator is None or unit == "count":
        return shown
    return f"{shown} ({words.count(numerator)} of {words.count(denominator)})"


def _month(month: str) -> str:
    return words.month_words(Month.parse(month))


def _render(name: str, quarter: Quarter, **content: Any) -> str:
    return (
        templates_of_pages()
        .get_template(f"{name}.html.jinja")
        .render(quarter=quarter, style=page_style(), **content)
    )
