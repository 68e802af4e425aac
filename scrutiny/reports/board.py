"""The Performance Board's pack of a load month: what to look at first, then every indicator by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from scrutiny.files import written_whole
from scrutiny.periods import Month
from scrutiny.reports import judgement, words
from scrutiny.reports.chart import Sparkline, sparkline
from scrutiny.reports.figures import Figures
from scrutiny.reports.page import TALLIES, page_style, templates_of_pages
from scrutiny.reports.tables import NUMBER, TEXT, WHOLE, Field, Sheet
from scrutiny.reports.view import THEMES
from scrutiny.reports.workbook import contents, write_sheets
from scrutiny.settings import settings
from scrutiny.warehouse import WarehouseError, promoted

NAME = "performance_board"
MONTHS_SHOWN = 13
MOST_ON_A_PAGE = 70
"""Indicators on a page, so that no page is slow to load; a family is never parted."""
_SERVICES = ("Children", "Adults", "Workforce")
_DECIMALS = ("numerator", "denominator", "value", "target", "headline_value", "forecast_outturn")

_BOARD = f"""
select * replace ({", ".join(f"{name}::double as {name}" for name in _DECIMALS)})
from reporting.mart_performance_board
where authority_code = $authority order by indicator_id, month
"""
_JUDGED = {
    "mart_early_warning": "where authority_code = $authority",
    "mart_read_together": "where authority_code = $authority and financial_quarter = $quarter",
    "dim_read_together": "",
    "dim_priority": "",
}


@dataclass(frozen=True)
class MonthOfIndicator:
    """The figure of one month alone, as the mart has it, in the words of the page."""

    month: Month
    numerator: float | None
    denominator: float | None
    value: float | None
    status: str
    reason: str
    target: float | None
    rating: words.Rating
    variation: str
    variation_reason: str

    @property
    def counts(self) -> str:
        """``25 of 100``; the number alone where it is of nothing; empty without a figure."""
        known = [words.count(number) for number in (self.numerator, self.denominator) if number is not None]
        return " of ".join(known) if self.value is not None else ""

    @property
    def is_beyond_chance(self) -> bool:
        return self.variation not in ("", "common cause")


@dataclass(frozen=True)
class Headline:
    """The figure elected members see, of the newest quarter's end among the months shown."""

    label: str
    value: float | None
    rating: words.Rating


@dataclass(frozen=True)
class BoardIndicator:
    """An indicator over the months shown, the oldest first; the last is the load month."""

    indicator_id: str
    title: str
    service: str
    family: str
    owner: str
    polarity: str
    unit: str
    decimals: int
    months: tuple[MonthOfIndicator, ...]
    since_month: str
    since_year: str
    headline: Headline | None
    forecast: float | None
    forecast_rating: words.Rating | None
    warning_position: int | None

    @property
    def now(self) -> MonthOfIndicator:
        return self.months[-1]

    @property
    def has_figures(self) -> bool:
        return any(each.value is not None for each in self.months)

    @property
    def is_rated(self) -> bool:
        """Whether any of the months has a rating."""
        return any(each.rating.key != "none" for each in self.months)

    @property
    def is_red(self) -> bool:
        return self.now.rating.key == "red"

    def shown(self, value: float | None) -> str:
        return words.figure(value, self.unit, self.decimals)

    def plain(self, value: float | None) -> str:
        """A value as shown, but without ``per 10,000``."""
        return self.shown(value).removesuffix(words.SCALE_WORDS[self.unit].lstrip("%"))

    @property
    def months_red(self) -> int:
        """How many months running, up to the load month, the rating has been red."""
        count = 0
        for each in reversed(self.months):
            if each.rating.key != "red":
                break
            count += 1
        return count

    @property
    def moves(self) -> str:
        """``Better than the month before, worse than a year ago``; empty if there is nothing to compare."""
        said = [
            f"{moved.lower()} {than} {since}"
            for moved, since in ((self.since_month, "the month before"), (self.since_year, "a year ago"))
            if moved
            for than in ["since" if moved in ("No change", "Up", "Down") else "than"]
        ]
        return words.upper_first(", ".join(said))

    @property
    def signal(self) -> str:
        """What the control chart says of the load month if that is beyond chance, in words; else empty."""
        if not self.now.is_beyond_chance:
            return ""
        return f"{self.now.variation.capitalize()}: {words.lower_first(self.now.variation_reason)}"

    @property
    def chart(self) -> Sparkline | None:
        """The line of the months; None where fewer than two have a figure."""
        return sparkline(
            [each.value for each in self.months],
            [each.target for each in self.months],
            [each.variation for each in self.months],
        )

    @property
    def said(self) -> str:
        """The line in words, for those who do not see it."""
        known = [each for each in self.months if each.value is not None]
        lowest = min(known, key=lambda each: each.value or 0)
        highest = max(known, key=lambda each: each.value or 0)
        text = [
            f"{self.title}, by month: {self.shown(known[0].value)} in {words.month_words(known[0].month)}, "
            f"{self.shown(known[-1].value)} in {words.month_words(known[-1].month)}. "
            f"Lowest {self.shown(lowest.value)} in {words.month_words(lowest.month)}, "
            f"highest {self.shown(highest.value)} in {words.month_words(highest.month)}."
        ]
        if self.now.target is not None:
            text.append(f"The target is {self.shown(self.now.target)}.")
        beyond = [words.month_words(each.month) for each in self.months if each.is_beyond_chance]
        if beyond:
            text.append(f"Beyond chance: {words.listed(beyond)}.")
        return " ".join(text)


@dataclass(frozen=True)
class Family:
    """The indicators of a family."""

    service: str
    name: str
    indicators: tuple[BoardIndicator, ...]

    @property
    def anchor(self) -> str:
        return f"{self.service} {self.name}".lower().replace(" ", "-")

    @property
    def shown(self) -> tuple[BoardIndicator, ...]:
        return tuple(item for item in self.indicators if item.has_figures)

    @property
    def empty(self) -> tuple[BoardIndicator, ...]:
        """Those without a figure in any of the months."""
        return tuple(item for item in self.indicators if not item.has_figures)

    def rated(self, key: str) -> int:
        return sum(item.now.rating.key == key for item in self.indicators)

    @property
    def beyond_chance(self) -> int:
        return sum(item.now.variation == "concerning" for item in self.indicators)

    @property
    def without_figure(self) -> int:
        return sum(item.now.value is None for item in self.indicators)


@dataclass(frozen=True)
class Page:
    """A page of whole families of one service."""

    file: str
    heading: str
    families: tuple[Family, ...]


@dataclass(frozen=True)
class ToLookAt:
    """Another indicator that is read together with one, its part and why."""

    indicator: BoardIndicator
    role: str
    why: str


@dataclass(frozen=True)
class Board:
    """All that the pack of one authority and load month says."""

    month: Month
    code: str
    authority: str
    indicators: tuple[BoardIndicator, ...]
    warnings: tuple[judgement.Warning, ...]
    groups: tuple[judgement.Group, ...]
    priorities: tuple[judgement.Priority, ...]

    @cached_property
    def families(self) -> tuple[Family, ...]:
        """By service, and in it in the order of the scrutiny pack; what that has not comes last."""
        ordered = sorted(
            self.indicators,
            key=lambda item: (
                _place(item.service, _SERVICES),
                _place(item.family, THEMES),
                item.indicator_id,
            ),
        )
        return tuple(
            Family(service, name, tuple(items))
            for (service, name), items in groupby(ordered, key=lambda item: (item.service, item.family))
        )

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """The pages of the families in reading order."""
        found: list[Page] = []
        for service, families in groupby(self.families, key=lambda family: family.service):
            parts = list(_parted(tuple(families)))
            for number, part in enumerate(parts, 1):
                of = f", part {number} of {len(parts)}" if len(parts) > 1 else ""
                stem = f"{service.lower()}{f'-{number}' if number > 1 else ''}"
                found.append(Page(f"{stem}.html", f"{service}{of}", part))
        return tuple(found)

    @cached_property
    def by_id(self) -> dict[str, BoardIndicator]:
        return {item.indicator_id: item for item in self.indicators}

    @cached_property
    def file_of(self) -> dict[str, str]:
        """The file of the page an indicator is on."""
        return {
            item.indicator_id: page.file
            for page in self.pages
            for family in page.families
            for item in family.indicators
        }

    def rated(self, key: str) -> int:
        return sum(item.now.rating.key == key for item in self.indicators)

    @property
    def red(self) -> tuple[BoardIndicator, ...]:
        """What is red in the load month, what has been so longest last: that is known."""
        return tuple(
            sorted(
                (item for family in self.families for item in family.indicators if item.is_red),
                key=lambda item: item.months_red,
            )
        )

    @property
    def new_warnings(self) -> int:
        return sum(warning.is_new is True for warning in self.warnings)

    def about(self, warning: judgement.Warning) -> str:
        """What a warning is about: the title of its indicator, or the extract."""
        item = self.by_id.get(warning.indicator_id)
        return item.title if item else warning.subject

    def to_look_at(self, warning: judgement.Warning) -> tuple[ToLookAt, ...]:
        """What the indicator of a warning is read together with."""
        found = {
            member.indicator_id: ToLookAt(self.by_id[member.indicator_id], member.role, member.why)
            for group in self.groups
            if any(member.indicator_id == warning.indicator_id for member in group.members)
            for member in group.members
            if member.indicator_id != warning.indicator_id and member.indicator_id in self.by_id
        }
        return tuple(found.values())

    def endangered(self, warning: judgement.Warning) -> tuple[BoardIndicator, ...]:
        """The indicators that an extract's broken rule reaches."""
        return tuple(self.by_id[name] for name in warning.indicator_ids if name in self.by_id)

    def serving(self, priority: judgement.Priority) -> Family:
        """The indicators of a priority of the service plan, counted like a family."""
        items = tuple(self.by_id[name] for name in priority.indicator_ids if name in self.by_id)
        return Family("", priority.title, items)


def write_board(month: Month) -> Path:
    """Write the pack of a load month from its newest reporting copy; gives the path of its first page.

    ``boards/<month>/performance_board.html`` and ``.xlsx``, with the pages of the families in a folder of
    that name, are those of ``SCRUTINY_AUTHORITY``; any other authority's are in ``boards/<month>/<code>/``.
    Raises WarehouseError if the month has not been promoted, or not by a version that knows the board, or if
    the copy does not hold the authority.
    """
    top = settings().boards / str(month)
    boards = read_boards(promoted(month), month)
    if settings().authority not in {board.code for board in boards}:
        raise WarehouseError(
            f"The reporting copy of {month} does not hold the authority {settings().authority}: correct "
            "SCRUTINY_AUTHORITY, or add it to seeds/authorities.csv and load the month again."
        )
    for board in boards:
        folder = top if board.code == settings().authority else top / board.code
        # the first page comes last: what it leads to is there
        for name, text in reversed(render_board(board).items()):
            with written_whole(folder / name) as path:
                path.write_text(text, encoding="utf-8")
        with written_whole(folder / f"{NAME}.xlsx") as path:
            sheets = board_sheets(board)
            says = (
                f"{board.authority}. For officers: not for publication. Counts are not suppressed. "
                "Blank cells: no figure applies or none is available; the status column says which."
            )
            properties = {
                "title": f"Performance board, {words.month_words(month)} – {board.authority}",
                "subject": "For officers: not for publication",
                "author": board.authority,
                "created": dt.datetime.combine(month.end, dt.time()),
            }
            write_sheets([contents(says, sheets), *sheets], path, properties)
        for stale in set((folder / NAME).glob("*.html")) - {
            folder / NAME / page.file for page in board.pages
        }:
            stale.unlink()  # of an earlier load with more indicators
    return top / f"{NAME}.html"


def render_board(board: Board) -> dict[str, str]:
    """The HTML of every page by its path beside the first, which is ``performance_board.html``."""
    templates = templates_of_pages()
    shared = {"board": board, "name": NAME, "style": page_style(), "tallies": TALLIES}
    found = {
        f"{NAME}.html": templates.get_template("board_index.html.jinja").render(shared, to_pages=f"{NAME}/")
    }
    page = templates.get_template("board_page.html.jinja")
    return found | {
        f"{NAME}/{place.file}": page.render(shared, page=place, to_pages="") for place in board.pages
    }


def read_boards(copy: Path, month: Month) -> tuple[Board, ...]:
    """What the marts of a reporting copy say of a load month, by authority."""
    with duckdb.connect(str(copy), read_only=True) as connection:

        def table(sql: str, **bound: str) -> pa.Table:
            needed = {name: value for name, value in bound.items() if f"${name}" in sql}
            try:
                return connection.execute(sql, needed or None).to_arrow_table()
            except (duckdb.BinderException, duckdb.CatalogException) as error:
                raise WarehouseError(
                    f"The reporting copy {copy.name} is of an earlier version of Scrutiny: "
                    f"load {month} again."
                ) from error

        return tuple(
            _board(
                month,
                row,
                table(_BOARD, authority=(code := row["authority_code"])).to_pylist(),
                Figures(
                    month.quarter,
                    {
                        name: table(
                            f"from reporting.{name} {where}", authority=code, quarter=str(month.quarter)
                        )
                        for name, where in _JUDGED.items()
                    },
                ),
            )
            for row in table("from reporting.dim_authority order by authority_code").to_pylist()
        )


def _board(month: Month, authority: dict[str, Any], rows: list[dict[str, Any]], judged: Figures) -> Board:
    of_indicator = [list(found) for _, found in groupby(rows, key=lambda row: row["indicator_id"])]
    return Board(
        month=month,
        code=authority["authority_code"],
        authority=authority["authority_name"],
        # an indicator whose definition has ended is none of this month's
        indicators=tuple(_indicator(found) for found in of_indicator if found[-1]["is_load_month"]),
        warnings=judgement.warnings(judged),
        groups=judgement.groups(judged),
        priorities=judgement.priorities(judged),
    )


def _indicator(rows: list[dict[str, Any]]) -> BoardIndicator:
    now = rows[-1]
    at = {row["month"]: row["value"] for row in rows}
    month = Month.parse(now["month"])
    headlines = [row for row in rows if row["headline_label"]]
    return BoardIndicator(
        **{
            name: now[name]
            for name in (
                "indicator_id", "title", "service", "family", "owner", "polarity", "unit", "decimals",
                "warning_position",
            )
        },
        months=tuple(_month(row) for row in rows),
        since_month=words.movement(now["direction_short"], now["value"], at.get(str(month - 1))),
        since_year=words.movement(now["direction_long"], now["value"], at.get(str(month - 12))),
        headline=_headline(headlines[-1]) if headlines else None,
        forecast=now["forecast_outturn"],
        forecast_rating=words.FORECAST_RATINGS[now["forecast_rag"]] if now["forecast_rag"] else None,
    )  # fmt: skip


def _month(row: dict[str, Any]) -> MonthOfIndicator:
    return MonthOfIndicator(
        month=Month.parse(row["month"]),
        numerator=row["numerator"],
        denominator=row["denominator"],
        value=row["value"],
        status=row["status"],
        reason=row["status_reason"] or "",
        target=row["target"],
        rating=words.RATINGS.get(row["rag"], words.NO_RATING),
        variation=row["spc_variation"] or "",
        variation_reason=row["spc_reason"] or "",
    )


def _headline(row: dict[str, Any]) -> Headline:
    return Headline(
        row["headline_label"], row["headline_value"], words.RATINGS.get(row["headline_rag"], words.NO_RATING)
    )


def _place(name: str, order: tuple[str, ...]) -> tuple[int, str]:
    return (order.index(name), "") if name in order else (len(order), name)


def _parted(families: tuple[Family, ...]) -> Iterator[tuple[Family, ...]]:
    """Families in their order, as many on a page as it may hold."""
    part: list[Family] = []
    for family in families:
        held = sum(len(each.indicators) for each in part)
        if part and held + len(family.indicators) > MOST_ON_A_PAGE:
            yield tuple(part)
            part = []
        part.append(family)
    yield tuple(part)


_ID = Field("indicator_id", "Indicator id", TEXT, "Identifier of the indicator in the register")
_TITLE = Field("title", "Indicator", TEXT, "Title of the indicator")
_DECIMAL_PLACES = Field("decimals", "Decimal places", WHOLE, "Decimal places the figure is shown with")
_COUNTS = (
    Field("numerator", "Numerator", NUMBER, "Numerator of the month"),
    Field("denominator", "Denominator", NUMBER, "Denominator of the month; blank for a plain number"),
    Field("value", "Figure", NUMBER, "Figure of the month alone", is_figure=True),
    Field("status", "Status", TEXT, "available, not_applicable or unavailable"),
)
_JUDGEMENT = (
    Field("target", "Target", NUMBER, "Target in force in the month", is_figure=True),
    Field("rating", "Rating", TEXT, "Rating of the month's figure"),
    Field("signal", "Signal", TEXT, "What the control chart says of the month; blank without limits"),
)
_WARNINGS = (
    Field("position", "Place", WHOLE, "1 is the most pressing"),
    Field("about", "About", TEXT, "Indicator or extract"),
    Field("warns_of", "Warning", TEXT, "What it warns of"),
    Field("finding", "Why", TEXT, "What was found"),
    Field("newness", "New?", TEXT, "Whether it was not so before"),
    Field("look_at", "What to look at", TEXT, "Indicators it is read together with, or that it reaches"),
    Field("owner", "Who answers for it", TEXT, "Role that answers for it"),
)


def board_sheets(board: Board) -> list[Sheet]:
    """The tables of the workbook: warnings, a row an indicator with its thirteen months, a row a month."""
    shown = [board.month - back for back in range(MONTHS_SHOWN - 1, -1, -1)]
    fields = (
        _ID, _TITLE,
        Field("service", "Service", TEXT, "Children, Adults or Workforce"),
        Field("family", "Family", TEXT, "Group of indicators"),
        Field("unit", "Unit", TEXT, "Unit of the figure"),
        _DECIMAL_PLACES, *_COUNTS,
        Field("reason", "Status reason", TEXT, "Why there is no figure"),
        *_JUDGEMENT,
        Field("since_month", "Since the month before", TEXT, "Better, Worse, Up, Down or No change"),
        Field("since_year", "Since a year ago", TEXT, "Better, Worse, Up, Down or No change"),
        Field("headline_label", "Headline period", TEXT, "Period of the figure members see"),
        Field("headline", "Headline figure", NUMBER, "Figure members see", is_figure=True),
        Field("headline_rating", "Headline rating", TEXT, "Rating of the figure members see"),
        Field("forecast", "Forecast", NUMBER, "Forecast for the end of the financial year", is_figure=True),
        Field("forecast_rating", "Target will be met", TEXT, "How likely it is to be met at the year's end"),
        Field("owner", "Owner", TEXT, "Role that answers for it"),
        *(Field(str(month), words.month_short(month), NUMBER, f"Figure of {words.month_words(month)}",
                is_figure=True) for month in shown),
    )  # fmt: skip
    ordered = [item for family in board.families for item in family.indicators]
    return [
        Sheet("early_warnings", "Early warnings", "What changed for the worse, the most pressing first.",
              _WARNINGS, tuple(_warning_row(board, warning) for warning in board.warnings)),
        Sheet("board", "Board", f"One row for each indicator, {words.month_words(board.month)}.", fields,
              tuple(_board_row(item, shown) for item in ordered)),
        Sheet("months", "Months", "The figures of every month, by indicator.",
              (_ID, _TITLE, Field("month", "Month", TEXT, "Year and month"), _DECIMAL_PLACES, *_COUNTS,
               *_JUDGEMENT),
              tuple(
                  (item.indicator_id, item.title, str(each.month), item.decimals, *_counts(each),
                   *_judged(each))
                  for item in ordered if item.has_figures for each in item.months
              )),
    ]  # fmt: skip


def _warning_row(board: Board, warning: judgement.Warning) -> tuple[Any, ...]:
    looked_at = [each.indicator.title for each in board.to_look_at(warning)]
    if not warning.indicator_id:
        looked_at = [item.title for item in board.endangered(warning)]
    return (
        warning.position, board.about(warning), warning.warns_of, warning.finding, warning.newness,
        "; ".join(looked_at), warning.owner,
    )  # fmt: skip


def _board_row(item: BoardIndicator, shown: list[Month]) -> tuple[Any, ...]:
    values = {each.month: each.value for each in item.months}
    headline = item.headline
    return (
        item.indicator_id, item.title, item.service, item.family, item.unit, item.decimals,
        *_counts(item.now), item.now.reason, *_judged(item.now), item.since_month, item.since_year,
        headline.label if headline else "", headline.value if headline else None,
        headline.rating.word if headline else "", item.forecast,
        item.forecast_rating.word if item.forecast_rating else "", item.owner,
        *(values.get(month) for month in shown),
    )  # fmt: skip


def _counts(each: MonthOfIndicator) -> tuple[Any, ...]:
    return each.numerator, each.denominator, each.value, each.status


def _judged(each: MonthOfIndicator) -> tuple[Any, ...]:
    return each.target, each.rating.word, each.variation
