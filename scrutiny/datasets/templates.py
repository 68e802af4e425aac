"""Workbooks for people to fill in: the tables of a dataset, with lists where only some values will do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_range_abs
from xlsxwriter.worksheet import Worksheet

from scrutiny.datasets.code_sets import code_set, indicator_ids
from scrutiny.datasets.layouts import Column, dataset, layout
from scrutiny.periods import FinancialYear

_ROWS = 2_000
_FORMS = {
    "text": "text",
    "date": "a date",
    "month": "a month like 2025-07",
    "integer": "a whole number",
    "decimal": "a number",
    "flag": "0 or 1",
    "code": "one of the list",
    "label": "one of the list",
}


def write_template(
    name: str, path: Path, year: FinancialYear, rows: Mapping[str, Sequence[Sequence[object]]] | None = None
) -> Path:
    """Write the workbook of a dataset for a financial year, empty or with ``rows`` by table; gives ``path``.

    A worksheet for each table, with the layout's headers; cells take only dates where dates belong, numbers
    where numbers do, and the codes of the year or the indicators of the register from a list. The worksheets
    ``Guidance`` and ``Lists`` are for people and are passed over by a load. Raises LookupError for an unknown
    dataset.
    """
    tables = layout(name).tables_in(year)
    columns = {table.name: table.columns_in(year) for table in tables}
    allowed = {column.name: _allowed(column, year) for table in tables for column in columns[table.name]}
    # No text of a row is ever taken for a formula or a link.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "default_date_format": "dd/mm/yyyy"}
    with xlsxwriter.Workbook(str(path), options) as workbook:
        heading = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
        sheets = {table: workbook.add_worksheet(table.capitalize().replace("_", " ")) for table in columns}
        guidance, lists = workbook.add_worksheet("Guidance"), workbook.add_worksheet("Lists")
        ranges = _write_lists(lists, {name: values for name, values in allowed.items() if values})
        for table, sheet in sheets.items():
            sheet.write_row(0, 0, [column.name for column in columns[table]], heading)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(columns[table]) - 1, 18, wrapped)
            for number, row in enumerate((rows or {}).get(table, ()), start=1):
                sheet.write_row(number, 0, row)
            for position, column in enumerate(columns[table]):
                _validate(sheet, position, column, ranges.get(column.name))
        guidance.write_row(0, 0, ["Worksheet", "Column", "Must be filled in", "What to write"], heading)
        lines = [
            (sheets[table].name, column.name, "yes" if column.required else "no", _FORMS[column.type])
            for table in columns
            for column in columns[table]
        ]
        for number, line in enumerate(lines, start=1):
            guidance.write_row(number, 0, line)
        guidance.set_column(0, 3, 28, wrapped)
        # A date of our own would make the same workbook differ from day to day.
        workbook.set_properties(
            {
                "title": f"{dataset(name).title}, {year}",
                "created": dt.datetime.combine(year.start, dt.time()),
            }
        )
    return path


def _allowed(column: Column, year: FinancialYear) -> tuple[str, ...]:
    """The only values a column may have; none if it is not a list."""
    if column.code_set:
        return code_set(column.code_set, year)
    return indicator_ids() if column.staged_as == "indicator_id" else ()


def _write_lists(sheet: Worksheet, lists: Mapping[str, Sequence[str]]) -> dict[str, str]:
    ranges = {}
    for position, (column, values) in enumerate(lists.items()):
        sheet.write_column(0, position, [column, *values])
        ranges[column] = f"=Lists!{xl_range_abs(1, position, len(values), position)}"
    return ranges


def _validate(sheet: Worksheet, position: int, column: Column, values: str | None) -> None:
    if values:
        rule: dict[str, object] = {"validate": "list", "source": values}
    elif column.type == "date":
        rule = {"validate": "custom", "value": f"=ISNUMBER({xl_col_to_name(position)}2)"}
    elif column.type in ("integer", "decimal"):
        rule = {"validate": column.type, "criteria": "between", "minimum": -1e12, "maximum": 1e12}
    else:
        return
    rule |= {
        "error_title": column.name[:32],  # Excel takes no more
        "error_message": f"Write {_FORMS[column.type]}.",
        "ignore_blank": True,
    }
    if values:
        rule["error_message"] = "Choose from the list."
    sheet.data_validation(1, position, _ROWS, position, rule)
