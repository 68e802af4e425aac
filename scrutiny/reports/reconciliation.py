"""The page of a load month for which two systems sent the same: where they differ, and what that does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from scrutiny.datasets import dataset
from scrutiny.feeds import feeds
from scrutiny.files import written_whole
from scrutiny.periods import Month
from scrutiny.reports.page import page_style, templates_of_pages
from scrutiny.reports.words import count, figure
from scrutiny.settings import settings
from scrutiny.warehouse import promoted

_TABLES = "select * from reporting.mart_system_reconciliation where load_month <= $month order by all"
_FIELDS = """
select * from reporting.mart_system_reconciliation_field where load_month = $month
order by authority_code, dataset, period_end desc, conflicting desc, table_name, column_name
"""
_INDICATORS = """
select effects.*, indicators.title, indicators.unit, indicators.decimals,
    value_old is distinct from value_new or numerator_old is distinct from numerator_new
    or denominator_old is distinct from denominator_new or status_old is distinct from status_new as differs
from reporting.mart_system_reconciliation_indicator as effects
inner join reporting.dim_indicator as indicators
    on effects.indicator_id = indicators.indicator_id and effects.indicator_version = indicators.version
where effects.month = $month
order by effects.authority_code, effects.dataset, not differs, effects.indicator_id, effects.basis
"""
_BASES = {
    "month": "the month",
    "quarter": "the quarter",
    "year_to_date": "the year to date",
    "rolling_12_months": "12 months",
}


@dataclass(frozen=True)
class Counts:
    """Records of both systems side by side: a table of a period, or all tables of a month."""

    name: str
    rows_old: int
    rows_new: int
    matched: int
    only_old: int
    only_new: int
    repeated_old: int
    repeated_new: int
    conflicting: int


@dataclass(frozen=True)
class Effect:
    """An indicator by either system, in the words of the page."""

    indicator_id: str
    title: str
    window: str
    old: str
    new: str
    counts_old: str
    counts_new: str
    differs: bool


@dataclass(frozen=True)
class Comparison:
    """A dataset of an authority that two systems sent for the month; ``months`` are those compared so far."""

    authority_code: str
    authority: str
    title: str
    old_system: str
    new_system: str
    counted_system: str
    counts_from: Month | None
    total: Counts
    tables: tuple[Counts, ...]
    fields: tuple[dict[str, Any], ...]
    effects: tuple[Effect, ...]
    months: tuple[tuple[Month, Counts], ...]


def write_reconciliation_page(month: Month) -> Path | None:
    """Write ``boards/<month>/reconciliation.html`` from the newest reporting copy of the month.

    Gives its path, or None if no two systems sent the same for the month. Of several authorities, each also
    has a page of its own, ``<code>/reconciliation.html`` beside it. Raises WarehouseError if the month has
    not been promoted.
    """
    board = settings().boards / str(month)
    comparisons = read_comparisons(promoted(month), month)
    codes = list(dict.fromkeys(one.authority_code for one in comparisons))
    pages = {board / "reconciliation.html": comparisons} if comparisons else {}
    if len(codes) > 1:
        pages |= {
            board / code / "reconciliation.html": tuple(
                one for one in comparisons if one.authority_code == code
            )
            for code in codes
        }
    for target, shown in pages.items():
        with written_whole(target) as path:
            path.write_text(render_reconciliation_page(month, shown), encoding="utf-8")
    for stale in set(board.rglob("reconciliation.html")) - set(pages):
        stale.unlink()  # of an earlier load, which another declaration of the feeds has overtaken
    return next(iter(pages), None)


def render_reconciliation_page(month: Month, comparisons: tuple[Comparison, ...]) -> str:
    """The HTML of the page, as text."""
    return (
        templates_of_pages()
        .get_template("reconciliation.html.jinja")
        .render(month=month, comparisons=comparisons, style=page_style())
    )


def read_comparisons(copy: Path, month: Month) -> tuple[Comparison, ...]:
    """What the marts of a reporting copy say of the datasets two systems sent for a load month."""
    with duckdb.connect(str(copy), read_only=True) as connection:

        def rows(sql: str) -> list[dict[str, Any]]:
            bound = {"month": str(month)} if "$month" in sql else None
            found: list[dict[str, Any]] = connection.execute(sql, bound).to_arrow_table().to_pylist()
            return found

        names = {row["authority_code"]: row["authority_name"] for row in rows("from reporting.dim_authority")}
        tables, fields, effects = rows(_TABLES), rows(_FIELDS), rows(_INDICATORS)
    compared = dict.fromkeys(
        (row["authority_code"], row["dataset"]) for row in tables if row["load_month"] == str(month)
    )
    return tuple(
        _comparison(
            names[authority],
            month,
            *(
                [row for row in of_all if (row["authority_code"], row["dataset"]) == (authority, name)]
                for of_all in (tables, fields, effects)
            ),
        )
        for authority, name in compared
    )


def _comparison(
    authority: str,
    month: Month,
    tables: list[dict[str, Any]],
    fields: list[dict[str, Any]],
    effects: list[dict[str, Any]],
) -> Comparison:
    of_month = [row for row in tables if row["load_month"] == str(month)]
    one = of_month[0]
    counts_from = [
        Month.parse(feed.counts_from)
        for feed in feeds()
        if (feed.authority_code, feed.dataset, feed.source_system)
        == (one["authority_code"], one["dataset"], one["new_system"])
        and feed.counts_from
    ]
    is_new_counted = bool(counts_from) and counts_from[0] <= month
    months = sorted({row["load_month"] for row in tables}, reverse=True)
    return Comparison(
        authority_code=one["authority_code"],
        authority=authority,
        title=dataset(one["dataset"]).title,
        old_system=_words(one["old_system"]),
        new_system=_words(one["new_system"]),
        counted_system=_words(one["new_system" if is_new_counted else "old_system"]),
        counts_from=counts_from[0] if counts_from else None,
        total=_summed("All tables", of_month),
        tables=tuple(_summed(f"{_words(row['table_name'])}, {_period(row)}", [row]) for row in of_month),
        fields=tuple(row | {"period": _period(row)} for row in fields),
        effects=tuple(map(_effect, effects)),
        months=tuple(
            (Month.parse(each), _summed(each, [row for row in tables if row["load_month"] == each]))
            for each in months
        ),
    )


def _summed(name: str, rows: list[dict[str, Any]]) -> Counts:
    counted = [column for column in Counts.__dataclass_fields__ if column != "name"]
    return Counts(name, *(sum(row[column] for row in rows) for column in counted))


def _effect(row: Mapping[str, Any]) -> Effect:
    def of(side: str) -> tuple[str, str]:
        if row[f"status_{side}"] != "available":
            return row[f"status_{side}"].replace("_", " "), ""
        shown = figure(row[f"value_{side}"], row["unit"], row["decimals"])
        counts = [row[f"numerator_{side}"], row[f"denominator_{side}"]]
        return shown, " of ".join(count(number) for number in counts if number is not None)

    old, counts_old = of("old")
    new, counts_new = of("new")
    return Effect(
        row["indicator_id"],
        row["title"],
        _BASES[row["basis"]],
        old,
        new,
        counts_old,
        counts_new,
        row["differs"],
    )


def _period(row: Mapping[str, Any]) -> str:
    return f"{Month.of(row['period_start'])} to {Month.of(row['period_end'])}"


def _words(name: str) -> str:
    return name.replace("_", " ")
