"""What a supplier gets back about a delivery, and the history of validation. Neither ever holds a value.

``quarantine/<delivery_id>/errors.csv`` and ``errors.xlsx`` list the rows to look at; ``report.html`` sums up.
``staged/validation/<delivery_id>.parquet`` is the history: one row for each rule that was run.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import jinja2
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import xlsxwriter

from scrutiny import datasets, landing
from scrutiny.files import written_whole
from scrutiny.formulas import disarmed
from scrutiny.settings import settings
from scrutiny.validation.checks import Outcome, Rejection, ValidationResult
from scrutiny.validation.delivery import OpenDelivery
from scrutiny.validation.history import HISTORY
from scrutiny.validation.problems import NEW, STILL_OPEN, Comparison, compare, last_reason

if TYPE_CHECKING:
    from scrutiny.landing import Receipt

# A worksheet holds 1,048,576 rows; a person reads far fewer. The CSV always has them all.
SHEET_ROWS = 20_000
_DETAIL_COLUMNS = (
    "File",
    "Table",
    "Row",
    "Column",
    "Spreadsheet column",
    "Rule",
    "Severity",
    "What to do",
    "Since last delivery",
)
_COMPANIONS = {
    "half_year_before": "the file of half a year before",
    "last_year": "last year's return",
    "postcodes": "the postcode table",
    "previous_file": "the file before this one",
    "providers": "the list of registered providers",
}
_COUNT_COLUMNS = (
    "Table",
    "Rule",
    "Severity",
    "What to do",
    "Columns",
    "Rows checked",
    "Rows to look at",
    "New",
    "Still open",
    "Fixed",
    "Source",
)


def write_reports(delivery: OpenDelivery, result: ValidationResult) -> Path:
    """Write the error report, the page and the history of a validated delivery; gives the report's folder.

    The report says which problems are new, still open or fixed since the supplier's last delivery.
    The same delivery gives the same bytes. A killed run leaves whole files or none.
    """
    comparison = compare(delivery, result)
    lines = _problem_lines(delivery, result.outcomes, comparison.problems)
    table_counts = [
        (table.name, delivery.rows(table.name), result.set_aside[table.name], result.queried[table.name])
        for table in delivery.layout.tables
    ]
    counts = _rule_counts(result.outcomes, comparison)
    last = comparison.earlier
    return _write(delivery.receipt, result.outcomes, counts, lines, table_counts, result.rejection, last)


def report_unreadable(receipt: Receipt, rejection: Rejection) -> Path:
    """Write the same reports for a delivery that could not be read at all."""
    line = [[rejection.where], [""], [None], [""], [""], [rejection.rule], ["reject"]]
    line.append([f"{rejection.what.rstrip('.')}. {rejection.action}"])
    before = last_reason(receipt, landing.receipts(receipt.authority_code))
    line.append([STILL_OPEN if before == rejection.rule else NEW])
    lines = pa.Table.from_arrays(
        [
            pa.array(values, pa.int64() if name == "Row" else pa.string())
            for name, values in zip(_DETAIL_COLUMNS, line, strict=True)
        ],
        names=list(_DETAIL_COLUMNS),
    )
    return _write(receipt, (), [], lines, [], rejection, None)


def _write(
    receipt: Receipt,
    outcomes: tuple[Outcome, ...],
    counts: list[tuple[str | int, ...]],
    lines: pa.Table,
    table_counts: list[tuple[str, int, int, int]],
    rejection: Rejection | None,
    last: Receipt | None,
) -> Path:
    folder = settings().quarantine / receipt.delivery_id
    with written_whole(folder / "errors.csv") as path:
        _write_csv(path, lines)
    with written_whole(folder / "errors.xlsx") as path:
        _write_workbook(path, receipt, lines, counts)
    with written_whole(settings().staged / "validation" / f"{receipt.delivery_id}.parquet") as path:
        pq.write_table(_history(receipt, outcomes, rejection), path, compression="zstd")
    # The page comes last: where it is, the rest is there too.
    with written_whole(folder / "report.html") as path:
        page = _page(receipt, outcomes, counts, table_counts, rejection, last)
        path.write_text(page, encoding="utf-8")
    return folder


def withdraw_reports(receipt: Receipt) -> None:
    """Remove the reports and the history of a delivery that turned out to repeat another."""
    for folder in ("", "problems"):
        kept = settings().staged / "validation" / folder / f"{receipt.delivery_id}.parquet"
        kept.unlink(missing_ok=True)
    shutil.rmtree(settings().quarantine / receipt.delivery_id, ignore_errors=True)


def _problem_lines(delivery: OpenDelivery, outcomes: tuple[Outcome, ...], problems: pa.Table) -> pa.Table:
    """One line for each row and rule, in the order of the files: what ``errors.csv`` holds."""
    described = pa.table(
        {
            "position": pa.array(range(len(outcomes)), pa.int32()),
            "file": pa.array([delivery.file_of(o.rule.table) for o in outcomes], pa.string()),
            "table_name": pa.array([o.rule.table for o in outcomes], pa.string()),
            "columns": pa.array(["; ".join(o.rule.columns) for o in outcomes], pa.string()),
            "letters": pa.array([_letters(delivery, o) for o in outcomes], pa.string()),
            "rule": pa.array([o.rule.code for o in outcomes], pa.string()),
            "severity": pa.array([o.rule.severity for o in outcomes], pa.string()),
            "message": pa.array([o.rule.message for o in outcomes], pa.string()),
        }
    )
    with duckdb.connect() as connection:
        connection.register("described", described)
        connection.register("problems", problems)
        selected = connection.execute(
            """
            select file, table_name, row_number, columns, letters, rule, severity, message, since
            from problems join described on position = outcome
            order by file, table_name, row_number nulls first, position, row_id
            """
        ).to_arrow_table()
    return selected.rename_columns(list(_DETAIL_COLUMNS))


def _letters(delivery: OpenDelivery, outcome: Outcome) -> str:
    """The spreadsheet letters of a rule's columns in the file as sent; blank for XML or an absent column."""
    sent = delivery.sent.get(outcome.rule.table)
    if sent is None:
        return ""
    letters = [datasets.spreadsheet_column(sent, name) for name in outcome.rule.columns]
    return "; ".join(letter for letter in letters if letter)


def _rule_counts(outcomes: tuple[Outcome, ...], comparison: Comparison) -> list[tuple[str | int, ...]]:
    """One line for each rule that did not hold, this time or the last: what ``Counts by rule`` holds."""
    lines = zip(*(comparison.problems[name].to_pylist() for name in ("outcome", "since")), strict=True)
    since = Counter(lines)
    return [
        (
            outcome.rule.table,
            outcome.rule.code,
            outcome.rule.severity,
            outcome.rule.message,
            "; ".join(outcome.rule.columns),
            outcome.checked,
            outcome.failed,
            since[position, NEW],
            since[position, STILL_OPEN],
            comparison.fixed.get(position, 0),
            outcome.rule.source,
        )
        for position, outcome in enumerate(outcomes)
        if outcome.failed is not None and (outcome.failed or position in comparison.fixed)
    ]


def _write_csv(path: Path, lines: pa.Table) -> None:
    """Comma separated, with the mark that makes a spreadsheet read it as UTF-8."""
    with path.open("wb") as file:
        file.write(b"\xef\xbb\xbf")
        pa_csv.write_csv(disarmed(lines), file)  # file names are the sender's own


def _write_workbook(
    path: Path, receipt: Receipt, lines: pa.Table, counts: list[tuple[str | int, ...]]
) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as workbook:
        # A date of our own would make the same report differ from run to run.
        workbook.set_properties({"title": "Data quality report", "created": _naive(receipt.received_at)})
        shown = lines.slice(0, SHEET_ROWS).to_pydict()
        rows = list(zip(*(shown[name] for name in _DETAIL_COLUMNS), strict=True))
        _sheet(workbook, "Rows to look at", _DETAIL_COLUMNS, rows, (34, 24, 8, 34, 12, 14, 10, 90, 12))
        _sheet(workbook, "Counts by rule", _COUNT_COLUMNS, counts, (24, 14, 10, 90, 34, 14, 14, 9, 11, 9, 50))


def _sheet(
    workbook: xlsxwriter.Workbook,
    name: str,
    columns: tuple[str, ...],
    rows: Iterable[tuple[str | int | None, ...]],
    widths: tuple[int, ...],
) -> None:
    sheet = workbook.add_worksheet(name)
    heading = workbook.add_format({"bold": True, "bottom": 1})
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.write_row(0, 0, columns, heading)
    last = 0
    for last, row in enumerate(rows, start=1):
        sheet.write_row(last, 0, row)
    for position, width in enumerate(widths):
        sheet.set_column(position, position, width, wrapped)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(last, 1), len(columns) - 1)


def _naive(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(tzinfo=None)


def _page(
    receipt: Receipt,
    outcomes: tuple[Outcome, ...],
    counts: list[tuple[str | int, ...]],
    table_counts: list[tuple[str, int, int, int]],
    rejection: Rejection | None,
    last: Receipt | None,
) -> str:
    named: list[dict[str, Any]] = [dict(zip(_COUNT_COLUMNS, row, strict=True)) for row in counts]
    totals = {
        name: sum(row[name] for row in named) for name in ("Rows to look at", "New", "Still open", "Fixed")
    }
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("scrutiny.validation"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(
        receipt=receipt,
        counts=named,
        totals=totals,
        last=last,
        tables=[row for row in table_counts if row[1]],
        not_run=_not_run(outcomes),
        rejection=rejection,
        sheet_rows=SHEET_ROWS,
    )


def _not_run(outcomes: Iterable[Outcome]) -> list[tuple[str, str]]:
    """What was missing, in words, and the rules that were not run for want of it."""
    codes: dict[str, set[str]] = {}
    for outcome in outcomes:
        if outcome.failed is None:
            needed = " and ".join(_COMPANIONS[name] for name in sorted(outcome.rule.needs))
            codes.setdefault(needed, set()).add(outcome.rule.code)
    return [(needed, ", ".join(sorted(codes[needed]))) for needed in sorted(codes)]


def _history(receipt: Receipt, outcomes: tuple[Outcome, ...], rejection: Rejection | None) -> pa.Table:
    rows = [
        (
            o.rule.table,
            o.rule.code,
            o.rule.severity,
            o.rule.message,
            "; ".join(o.rule.columns),
            o.rule.kind,
            o.checked,
            o.failed,
        )
        for o in outcomes
    ]
    if rejection is not None and not outcomes:
        rows = [("", rejection.rule, "reject", rejection.what, "", "format", 0, 1)]
    return pa.Table.from_pylist(
        [
            dict(
                zip(
                    HISTORY.names,
                    (receipt.delivery_id, receipt.authority_code, receipt.dataset, *row),
                    strict=True,
                )
            )
            for row in rows
        ],
        schema=HISTORY,
    )
