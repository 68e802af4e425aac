"""The workbook: the tables of an edition in one file, for people who work in a spreadsheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from math import ceil
from pathlib import Path
from typing import Any

import pyarrow as pa
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from scrutiny.formulas import is_formula
from scrutiny.reports import words
from scrutiny.reports.tables import TEXT, Field, Sheet
from scrutiny.reports.view import WITHHELD, Report

HEADER_ROW = 3
WIDEST = 60
LINE_HEIGHT = 15
WITHHELD_TOGETHER = ("numerator", "denominator", "value")
FIGURE_CODES = ("#,##0", "#,##0.0", "#,##0.00", "#,##0.000")  # by decimal places


def write_workbook(report: Report, published: list[Sheet], path: Path) -> None:
    """Write the tables of an edition as sheets, with a contents and a summary sheet before them.

    The document's dates are those of the edition, so the same edition gives the same bytes.
    """
    edition = "Public edition" if report.edition.is_public else "Officer edition: not for publication"
    sheets = [_summary(report), *published]
    says = (
        f"{report.title}. {report.authority_name}. {edition}. {report.edition.status} "
        "Blank cells: no figure applies or none is available; the status column says which. "
        f"{words.WITHHELD_SYMBOL}: withheld to protect people. The report in words is in index.html, "
        "pack.pdf and pack.docx beside this workbook."
    )
    properties = {
        "title": f"{report.title} – {report.authority_name}",
        "subject": f"{report.edition.name.capitalize()} edition",
        "author": report.authority_name,
        "created": report.edition.dated.replace(tzinfo=None),
    }
    write_sheets([contents(says, sheets), *sheets], path, properties)


def write_sheets(sheets: list[Sheet], path: Path, properties: Mapping[str, object]) -> None:
    """Write tables as the sheets of a workbook; a field called ``sheet`` links to the sheet it names.

    Text is always written as text, so nothing in it can run as a formula. ``properties`` are the document's,
    as XlsxWriter names them; without a date of their own the same tables would differ from run to run.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties(dict(properties))
        formats = _Formats(book)
        for sheet in sheets:
            _write(book.add_worksheet(sheet.title), sheet, formats)


class _Formats:
    """The few cell formats the workbook uses."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.title = book.add_format({"bold": True, "font_size": 16})
        self.link = book.add_format({"font_color": "#1a5c93", "underline": True})
        self.text = book.add_format({"text_wrap": True, "valign": "top"})
        self.quoted = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
        self.header = book.add_format({"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 2})
        self._figures = [book.add_format({"num_format": code, "valign": "top"}) for code in FIGURE_CODES]
        self.date = book.add_format({"num_format": "d mmmm yyyy", "valign": "top", "align": "left"})
        self.ratings = {
            key.capitalize(): book.add_format(
                {"bold": True, "font_color": ink, "bg_color": paper, "valign": "top"}
            )
            for key, (ink, paper) in words.RATING_COLOURS.items()
        }

    def number(self, field: Field, value: float, decimals: int | None) -> Format:
        """Figures with the decimals of their row; counts whole, or with one decimal for part-time posts."""
        if field.is_figure and decimals is not None:
            return self._figures[decimals]
        return self._figures[0 if value == round(value) else 1]


def _write(page: Worksheet, sheet: Sheet, formats: _Formats) -> None:
    page.write_string(0, 0, sheet.title, formats.title)
    page.write_string(1, 0, sheet.description)
    if not sheet.rows:
        page.write_string(HEADER_ROW, 0, sheet.if_empty)
        return
    last = HEADER_ROW + len(sheet.rows)
    headings = [{"header": field.heading, "header_format": formats.header} for field in sheet.fields]
    page.add_table(
        HEADER_ROW,
        0,
        last,
        len(sheet.fields) - 1,
        {
            "name": sheet.name.capitalize(),
            "columns": headings,
            "autofilter": False,
            "style": "Table Style Light 1",
        },
    )
    for row, values in enumerate(sheet.rows, HEADER_ROW + 1):
        named = dict(zip((field.name for field in sheet.fields), values, strict=True))
        for column, field in enumerate(sheet.fields):
            _cell(page, row, column, field, named, formats)
    widths = [
        _width(field, [values[column] for values in sheet.rows]) for column, field in enumerate(sheet.fields)
    ]
    for column, width in enumerate(widths):
        page.set_column(column, column, width)
    # Excel makes room for wrapped text by itself, other programs do not.
    for row, values in enumerate(sheet.rows, HEADER_ROW + 1):
        lines = max(
            ceil(len(value) * 1.1 / width) if isinstance(value, str) and width == WIDEST else 1
            for value, width in zip(values, widths, strict=True)
        )
        if lines > 1:
            page.set_row(row, LINE_HEIGHT * lines)
    page.freeze_panes(HEADER_ROW + 1, 0)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)


def _cell(
    page: Worksheet, row: int, column: int, field: Field, values: dict[str, Any], formats: _Formats
) -> None:
    value = values[field.name]
    if value is None and field.name in WITHHELD_TOGETHER and values.get("status") == WITHHELD:
        page.write_string(row, column, words.WITHHELD_SYMBOL, formats.text)
        return
    if value is None or value == "":
        return
    if field.name == "sheet":
        target = value.replace("'", "''")
        page.write_url(row, column, f"internal:'{target}'!A1", formats.link, value)
    elif isinstance(value, dt.date):
        page.write_datetime(row, column, dt.datetime(value.year, value.month, value.day), formats.date)
    elif field.type == TEXT:
        plain: Format = formats.quoted if is_formula(value) else formats.text
        rating = formats.ratings.get(value) if field.name.endswith("rating") else None
        page.write_string(row, column, value, rating or plain)
    else:
        page.write_number(row, column, value, formats.number(field, value, values.get("decimals")))


def _width(field: Field, values: list[Any]) -> int:
    longest = max((len(str(value)) for value in values if value is not None), default=0)
    heading = max(len(word) for word in field.heading.split()) + 3
    return min(WIDEST, max(heading, longest + 2 if pa.types.is_string(field.type) else 12))


def contents(says: str, sheets: list[Sheet]) -> Sheet:
    """The sheet that comes first: what the workbook is (``says``), and its sheets, each linked."""
    fields = (Field("sheet", "Sheet", TEXT, "Sheet"), Field("holds", "What it holds", TEXT, "What it holds"))
    return Sheet(
        "contents", "Contents", says, fields, tuple((each.title, each.description) for each in sheets)
    )


def _summary(report: Report) -> Sheet:
    fields = (
        Field("rating", "Rating", TEXT, "Rating"),
        Field("indicator", "Indicator", TEXT, "Indicator"),
        Field("figure", "Figure", TEXT, "Figure with its unit"),
        Field("target", "Target", TEXT, "Target with its unit"),
        Field("last_quarter", "Since last quarter", TEXT, "Better or worse"),
        Field("cause", "Why", TEXT, "Cause"),
        Field("action", "What is being done", TEXT, "Action"),
        Field("owner", "Who", TEXT, "Owner of the action"),
        Field("due", "By when", pa.date32(), "Due date"),
    )
    rows = tuple(
        (item.rating.word, item.title, item.shown(item.value), item.shown(item.target),
         item.previous.movement, item.cause or item.commentary, item.action, item.action_owner,
         item.action_due)
        for key in ("red", "amber", "green")
        for item in report.rated(key)
    )  # fmt: skip
    return Sheet("summary", "Summary", report.summary, fields, rows)
