"""Query results on a terminal or as CSV."""

from __future__ import annotations

import csv
from decimal import Decimal
from typing import IO, TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from scrutiny.formulas import disarmed_text

if TYPE_CHECKING:
    import pyarrow as pa


def table(rows: pa.Table, title: str | None = None) -> Table:
    """An Arrow table as a table for the terminal: numbers to the right, missing values as a dash."""
    import pyarrow.types as types

    shown = Table(title=title, title_justify="left", header_style="bold")
    for field in rows.schema:
        number = types.is_integer(field.type) or types.is_floating(field.type) or types.is_decimal(field.type)
        shown.add_column(field.name, justify="right" if number else "left")
    for row in rows.to_pylist():
        shown.add_row(*(escape(_text(value)) for value in row.values()))
    return shown


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"  # 69.4, not 69.4000
    return "–" if value is None else str(value)


def write_csv(rows: pa.Table, file: IO[str]) -> None:
    """An Arrow table as CSV with a header; missing values are empty, and no text is run by a spreadsheet."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(map(disarmed_text, rows.column_names))
    for row in zip(*(column.to_pylist() for column in rows.itercolumns()), strict=True):
        writer.writerow(disarmed_text(value) if isinstance(value, str) else value for value in row)
