"""Reads workbooks (.xlsx): every worksheet is a table, recognised by its column names as a CSV file is."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import python_calamine

from scrutiny.datasets.csv_files import SourceFile, no_rows, with_positions, without_blank_rows
from scrutiny.datasets.dates import DATE_FORMS
from scrutiny.datasets.errors import Unreadable
from scrutiny.datasets.headers import find_table, header_name
from scrutiny.datasets.layouts import Table
from scrutiny.periods import FinancialYear

EXTENSIONS = (".xlsx", ".xlsm")
_UNPACKED_BYTES = 128 << 20
_CELLS = 3_000_000  # set out, these take some 600 MB
_TEXT_BYTES = 512 << 20
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,7})([0-9]{1,10})["']""")
_ROW = re.compile(rb"<(?:\w+:)?row\b")
_CELL = re.compile(rb"<(?:\w+:)?c\b")
_REFERENCE_TO_TEXT = re.compile(rb"""\bt\s*=\s*["']s["']""")
_SHARED_TEXT = re.compile(rb"<(?:\w+:)?si\b")
_FOR_PEOPLE = ("guidance", "notes", "lists", "contents", "read me", "cover")
"""Worksheets of these names tell people how to fill in the others; they hold nothing to load."""

_Cell = str | int | float | bool | dt.date | dt.time | dt.timedelta | None


@dataclass(frozen=True)
class Sheet:
    """A worksheet whose header has been recognised.

    ``cells`` are the rows below the header as texts, blank is None.
    """

    name: str
    table: Table
    columns: tuple[str, ...]
    cells: list[list[str | None]]


def is_workbook(file: SourceFile) -> bool:
    """Whether a file is sent as a workbook, by its name."""
    return Path(file.name).suffix.lower() in EXTENSIONS


def recognise(
    file: SourceFile, tables: Sequence[Table], year: FinancialYear | None, dates: str
) -> list[Sheet]:
    """The worksheets of a workbook that hold something, each with the table it is.

    ``dates`` is how the dataset writes dates as text (a key of ``DATE_FORMS``). Empty worksheets and those
    that instruct people are passed over. Raises Unreadable.
    """
    sheets = []
    try:
        _check_size(file)
        workbook = python_calamine.CalamineWorkbook.from_path(str(file.path))
        for title in workbook.sheet_names:
            if title.strip().casefold() in _FOR_PEOPLE:
                continue
            rows = workbook.get_sheet_by_name(title).to_python(skip_empty_area=False)
            texts = [[_text(cell, dates) for cell in row] for row in rows]
            if any(text is not None for row in texts for text in row):
                sheets.append(_sheet(f"{file.name}, sheet {title}", title, texts, tables, year))
    except (python_calamine.CalamineError, zipfile.BadZipFile, ValueError, OSError, EOFError):
        # The library's own message may quote a cell.
        raise Unreadable(
            "broken_workbook",
            "The workbook cannot be opened",
            file.name,
            "Save it again as an Excel workbook (.xlsx) without a password, and send it whole.",
        ) from None
    if not sheets:
        raise Unreadable(
            "empty_file", "The workbook is empty", file.name, "Run the extract again and send it whole."
        )
    return sheets


def read(sheet: Sheet, may_be_empty: bool = False) -> pa.Table:
    """All rows of a worksheet, in the form ``csv_files.read`` gives them. Raises Unreadable."""
    columns = list(zip(*sheet.cells, strict=True)) or [()] * len(sheet.columns)
    table = pa.table(
        {
            name: pa.array(column, pa.string())
            for name, column in zip(sheet.columns, columns, strict=True)
            if name
        }
    )
    numbers = np.arange(2, table.num_rows + 2, dtype=np.int64)
    table = without_blank_rows(table.append_column("row_number", pa.array(numbers, pa.int64())))
    if not table.num_rows and not may_be_empty:
        raise no_rows(sheet)
    return with_positions(table, sheet)


def _check_size(file: SourceFile) -> None:
    """Refuse what would not fit into memory.

    The library sets out every cell up to the furthest one, and gives each cell that refers to a shared text
    a copy of it, so a small file can become very large.
    """
    with zipfile.ZipFile(file.path) as parts:
        if sum(part.file_size for part in parts.infolist()) > _UNPACKED_BYTES:
            raise _too_big(file, f"unpacks to more than {_UNPACKED_BYTES >> 20} MB")
        longest = 0
        texts = cells = 0
        for part in parts.infolist():
            content = parts.read(part)
            longest = max(longest, *(len(text) for text in _SHARED_TEXT.split(content)[1:]), 0)
            places = _PLACE.findall(content)
            width = max((_column_number(column) for column in {column for column, _ in places}), default=0)
            height = max((int(row) for row in {row for _, row in places}), default=0)
            rows = [len(_CELL.findall(row)) for row in _ROW.split(content)[1:]]
            if len(places) < len(rows) + sum(rows):
                # without places of their own they follow the ones before
                width, height = width + max(rows), height + len(rows)
            cells += width * height
            texts += len(_REFERENCE_TO_TEXT.findall(content))
    if cells > _CELLS:
        raise _too_big(file, f"has cells so far out that it takes up more than {_CELLS:,} of them")
    if texts * longest > _TEXT_BYTES:
        raise _too_big(file, "repeats a very long text very often")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _too_big(file: SourceFile, what: str) -> Unreadable:
    return Unreadable(
        "workbook_too_big",
        f"The workbook {what}",
        file.name,
        "Delete rows and columns that look empty after the last one in use, or send the extract as CSV.",
    )


def _sheet(
    name: str,
    title: str,
    texts: list[list[str | None]],
    tables: Sequence[Table],
    year: FinancialYear | None,
) -> Sheet:
    if not any(texts[0]):
        raise Unreadable(
            "blank_first_row",
            "The first row is blank",
            f"{name}, row 1",
            "Put the column names in the first row.",
        )
    width = max(i for row in texts for i, text in enumerate(row, start=1) if text is not None)
    columns = tuple(header_name(text or "") for text in texts[0][:width])
    table, columns = find_table(name, title, columns, tables, year)
    return Sheet(name, table, columns, [row[:width] for row in texts[1:]])


def _text(cell: _Cell, dates: str) -> str | None:
    """A cell as an export to CSV would write it, trimmed; blank is None."""
    match cell:
        case None:
            return None
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer():
            return str(int(cell))
        case dt.datetime() if cell.time() != dt.time():
            return cell.strftime(f"{DATE_FORMS[dates].formats[0]} %H:%M:%S")
        case dt.date():
            return cell.strftime(DATE_FORMS[dates].formats[0])
        case _:
            return str(cell).strip() or None
