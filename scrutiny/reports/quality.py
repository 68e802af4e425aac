"""The data quality page of a load month: what came, how good it was, what it endangers, what to do."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from scrutiny.datasets import dataset
from scrutiny.feeds import feeds
from scrutiny.files import written_whole
from scrutiny.periods import Month
from scrutiny.reports.page import page_style, templates_of_pages
from scrutiny.reports.words import Rating, date_words, month_words
from scrutiny.settings import settings
from scrutiny.warehouse import promoted

MONTHS_SHOWN = 13
RULES_SHOWN = 10

_STATUSES = {
    "accepted": Rating("green", "In use", ""),
    "rejected": Rating("red", "Rejected", ""),
    "late": Rating("red", "Late", ""),
    "not_arrived": Rating("red", "Not arrived", ""),
    "duplicate": Rating("amber", "As before", ""),
    "received": Rating("red", "Not loaded", ""),
}
_SEVERITIES = {
    "reject": "The delivery was rejected.",
    "error": "The rows were set aside.",
    "query": "The rows are used.",
}

_QUALITY = "select * from reporting.mart_data_quality where load_month between $first and $last order by all"
# What loses rows and what reaches most figures comes first.
_RULES = """
select * from reporting.mart_data_quality_rule where load_month = $month
qualify row_number() over (
    partition by authority_code
    order by
        indicator_count = 0, case severity when 'reject' then 1 when 'error' then 2 else 3 end,
        indicator_count desc, failed desc, dataset, table_name, rule_code, rule_columns
) <= $shown
order by
    authority_code, indicator_count = 0, case severity when 'reject' then 1 when 'error' then 2 else 3 end,
    indicator_count desc, failed desc, dataset, table_name, rule_code, rule_columns
"""
# Of several versions of an indicator the one of the year comes last, and stands.
_REGISTER = (
    "select * from reporting.dim_indicator order by valid_from <= $year nulls first, valid_from, version"
)
_REJECTED = """
select * from reporting.mart_delivery where load_month = $month and outcome = 'rejected'
order by authority_code, dataset, name_as_sent
"""


@dataclass(frozen=True)
class Quality:
    """A dataset of an authority in one load month, in the words of the page."""

    month: Month
    status: Rating
    completeness: str
    timeliness: str
    validity: str
    set_aside: int
    is_late: bool


@dataclass(frozen=True)
class Extract:
    """A dataset of an authority over the months shown, the newest first."""

    key: str
    title: str
    months: tuple[Quality, ...]

    @property
    def now(self) -> Quality:
        return self.months[0]


@dataclass(frozen=True)
class BrokenRule:
    """A rule that did not hold, and what that endangers."""

    code: str
    extract: str
    table: str
    message: str
    consequence: str
    failed: int
    checked: int
    trend: str
    indicators: tuple[str, ...]


@dataclass(frozen=True)
class ToDo:
    """An extract that was rejected or is missing: what happened, and what is to be done."""

    extract: str
    status: Rating
    what: str
    action: str


@dataclass(frozen=True)
class AuthorityQuality:
    """All that the page says of one authority. ``endangered`` has the titles of the indicators named."""

    code: str
    name: str
    extracts: tuple[Extract, ...]
    rules: tuple[BrokenRule, ...]
    endangered: dict[str, str]
    todo: tuple[ToDo, ...]

    def tally(self, key: str) -> int:
        """How many extracts of the month came in time (``green``), are to be looked at, or lack (``red``)."""
        keys = [
            "amber" if extract.now.status.key == "green" and extract.now.is_late else extract.now.status.key
            for extract in self.extracts
        ]
        return keys.count(key)


def write_quality_page(month: Month) -> Path:
    """Write ``boards/<month>/data_quality.html`` from the newest reporting copy of the month; gives its path.

    Of several authorities, each has a page of its own too, ``<code>/data_quality.html`` beside it.
    Raises WarehouseError if the month has not been promoted.
    """
    board = settings().boards / str(month)
    authorities = read_quality(promoted(month), month)
    pages = {board / "data_quality.html": authorities}
    if len(authorities) > 1:
        pages |= {board / one.code / "data_quality.html": (one,) for one in authorities}
    for target, shown in pages.items():
        with written_whole(target) as path:
            path.write_text(render_quality_page(month, shown), encoding="utf-8")
    return board / "data_quality.html"


def render_quality_page(month: Month, authorities: tuple[AuthorityQuality, ...]) -> str:
    """The HTML of the page, as text."""
    return (
        templates_of_pages()
        .get_template("data_quality.html.jinja")
        .render(month=month, authorities=authorities, style=page_style(), rules_shown=RULES_SHOWN)
    )


def read_quality(copy: Path, month: Month) -> tuple[AuthorityQuality, ...]:
    """What the marts of a reporting copy say about a load month and the twelve before, by authority."""
    with duckdb.connect(str(copy), read_only=True) as connection:

        def rows(sql: str, **bound: Any) -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = connection.execute(sql, bound or None).to_arrow_table().to_pylist()
            return found

        authorities = rows("select * from reporting.dim_authority order by authority_code")
        titles = {
            row["indicator_id"]: row["title"] for row in rows(_REGISTER, year=str(month.financial_year))
        }
        first = month - (MONTHS_SHOWN - 1)
        quality = rows(_QUALITY, first=str(first), last=str(month))
        broken = rows(_RULES, month=str(month), shown=RULES_SHOWN)
        rejected = rows(_REJECTED, month=str(month))
    return tuple(
        AuthorityQuality(
            code=code,
            name=authority["authority_name"],
            extracts=_extracts(_of(quality, code), month),
            rules=(rules := tuple(_broken_rule(row) for row in _of(broken, code))),
            endangered={
                name: titles[name] for name in sorted({n for rule in rules for n in rule.indicators})
            },
            todo=_todo(_of(quality, code), _of(rejected, code), month),
        )
        for authority in authorities
        if _of(quality, code := authority["authority_code"])
    )


def _of(rows: list[dict[str, Any]], authority: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["authority_code"] == authority]


def _extracts(quality: list[dict[str, Any]], month: Month) -> tuple[Extract, ...]:
    """The datasets that expected or brought something in the month, by their title."""
    found = []
    for name in {row["dataset"] for row in quality if row["load_month"] == str(month)}:
        months = [_quality(row) for row in quality if row["dataset"] == name]
        title = dataset(name).title
        found.append(Extract(name, title, tuple(sorted(months, key=lambda q: q.month, reverse=True))))
    return tuple(sorted(found, key=lambda extract: extract.title))


def _quality(row: Mapping[str, Any]) -> Quality:
    return Quality(
        month=Month.parse(row["load_month"]),
        status=_STATUSES[row["status"]],
        completeness=share(row["completeness"]),
        timeliness=_timeliness(row),
        validity=share(row["validity"]),
        set_aside=row["rows_set_aside"],
        is_late=bool(row["working_days_late"]),
    )


def share(value: Decimal | None) -> str:
    """A share of 1 as a percentage, rounded down: only what is whole is ``100%``; no share is an en dash."""
    if value is None:
        return "–"
    return "100%" if value == 1 else f"{math.floor(value * 10_000) / 100:.2f}%"


def _timeliness(row: Mapping[str, Any]) -> str:
    days = row["working_days_late"]
    if days:
        return f"{days} working day{'s' if days > 1 else ''} late"
    if days == 0:
        return "on time"
    if row["due_date"] is None:
        return "no due day"
    return f"was due on {date_words(row['due_date'])}"


def _broken_rule(row: Mapping[str, Any]) -> BrokenRule:
    return BrokenRule(
        code=row["rule_code"],
        extract=dataset(row["dataset"]).title,
        table=row["table_name"],
        message=row["message"],
        consequence=_SEVERITIES[row["severity"]],
        failed=row["failed"],
        checked=row["checked"],
        trend=row["trend"],
        indicators=tuple(name for name in (row["indicator_ids"] or "").split("; ") if name),
    )


def _todo(quality: list[dict[str, Any]], rejected: list[dict[str, Any]], month: Month) -> tuple[ToDo, ...]:
    owners = {(feed.authority_code, feed.dataset): feed.owner for feed in feeds() if feed.counts(month)}
    statuses = {row["dataset"]: row for row in quality if row["load_month"] == str(month)}
    found = []
    for row in statuses.values():
        if row["status"] in ("late", "not_arrived", "received"):
            owner = owners.get((row["authority_code"], row["dataset"]), "its supplier")
            due = f" It was due on {date_words(row['due_date'])}." if row["due_date"] else ""
            action = (
                f"Load {month_words(month)} again."
                if row["status"] == "received"
                else f"Ask {owner} for it, and load {month_words(month)} again when it has come."
            )
            what = f"{row['reason']}{due}"
            found.append(ToDo(dataset(row["dataset"]).title, _STATUSES[row["status"]], what, action))
    for row in rejected:
        owner = owners.get((row["authority_code"], row["dataset"]), "its supplier")
        action = (
            "Another delivery of the month is in use: make sure that it holds what this one should have."
            if row["is_counted"] and statuses.get(row["dataset"], {}).get("status") == "accepted"
            else f"Send the report in quarantine/{row['delivery_id']} to {owner}, and load what they correct."
        )
        what = f"{row['name_as_sent']}: {row['reason']}"
        found.append(ToDo(dataset(row["dataset"]).title, _STATUSES["rejected"], what, action))
    return tuple(found)
