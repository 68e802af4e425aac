"""Text that a spreadsheet would run as a formula, disarmed wherever Scrutiny writes a CSV file for people."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

# Also as the wide letters that spreadsheets of some languages take for the same.
_STARTS = "^[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"


def is_formula(text: str) -> bool:
    """Whether a spreadsheet might run a text as a formula."""
    return bool(re.match(_STARTS, text))


def disarmed_text(text: str) -> str:
    """A text with an apostrophe before it if a spreadsheet might run it."""
    return f"'{text}" if is_formula(text) else text


def disarmed(table: pa.Table) -> pa.Table:
    """A table with an apostrophe before every text that a spreadsheet might run; numbers stay numbers."""
    columns = [
        _disarmed(column) if pa.types.is_string(column.type) else column for column in table.itercolumns()
    ]
    return pa.table(columns, names=[disarmed_text(name) for name in table.column_names])


def _disarmed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    runs = pc.match_substring_regex(column, _STARTS)
    return pc.if_else(runs, pc.binary_join_element_wise("'", column, ""), column)
