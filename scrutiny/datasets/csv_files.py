"""Reads CSV files as they come: which encoding and separator, which table, and every row with its number.

DuckDB does the reading. What it cannot know is done here: what the bytes are encoded in, which of our tables
the header is, and which row of the spreadsheet a row is (DuckDB passes over blank lines without counting).
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from charset_normalizer import from_bytes

from scrutiny.datasets import headers
from scrutiny.datasets.errors import Unreadable
from scrutiny.datasets.headers import BLANKS
from scrutiny.datasets.layouts import Table
from scrutiny.periods import FinancialYear
from scrutiny.settings import settings

SEPARATORS = ",;\t|"
EXTENSIONS = (".csv", ".txt", ".tsv")
_CHUNK = 1 << 22
_BLANK_LINE = re.compile(rb"(?:^|(?<=\n))[ \t]*(?=\n)")


class SourceFile(Protocol):
    """A file under the name its sender gave it, and where its bytes are."""

    @property
    def name(self) -> str: ...
    @property
    def path(self) -> Path: ...


class Recognised(Protocol):
    """A file or worksheet whose header has been recognised.

    ``columns`` are the layout's names of its columns, in its order; blank for one that is passed over.
    """

    @property
    def name(self) -> str: ...
    @property
    def table(self) -> Table: ...
    @property
    def columns(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Form:
    """What a look through the bytes tells: the encoding, whether there may be blank lines between the rows,
    and which blanks may stand round a text (looking for each costs time).
    """

    encoding: str
    has_blank_lines: bool = True
    blanks: str = BLANKS


@dataclass(frozen=True)
class CsvFile:
    """A CSV file whose header has been recognised."""

    name: str
    path: Path
    form: Form
    separator: str
    table: Table
    columns: tuple[str, ...]


def recognise(file: SourceFile, tables: Sequence[Table], year: FinancialYear | None) -> CsvFile:
    """Find the encoding and separator of a file and the table whose set of column names it has.

    ``tables`` are the candidates; of each only the columns of ``year`` count. Raises Unreadable.
    """
    if Path(file.name).suffix.lower() not in EXTENSIONS:
        raise Unreadable(
            "unknown_file",
            "This is not a CSV file",
            file.name,
            "Send the extract as CSV, with a name ending in .csv, or take the file out of the folder.",
        )
    form = _form(file)
    with file.path.open(encoding=form.encoding, newline="", errors="replace") as text:
        beginning = text.read(1 << 20)
    first_line = re.split(r"\r|\n", beginning, maxsplit=1)[0]
    if not beginning.strip():
        raise Unreadable(
            "empty_file", "The file is empty", file.name, "Run the extract again and send it whole."
        )
    if not first_line.strip():
        raise Unreadable(
            "blank_first_row",
            "The first row is blank",
            f"{file.name}, row 1",
            "Put the column names in the first row.",
        )
    separator, columns = max(
        ((separator, _header(beginning, separator)) for separator in SEPARATORS),
        key=lambda found: max(headers.likely_columns(found[1], table) for table in tables),
    )
    table, columns = headers.find_table(file.name, Path(file.name).stem, columns, tables, year)
    return CsvFile(file.name, file.path, form, separator, table, columns)


def read(file: CsvFile, may_be_empty: bool = False) -> pa.Table:
    """All rows of a file: the table's columns as trimmed text (blank is null) and an int64 ``row_number``.

    The columns are those of the table in the layout's order, null where the year of the file does not have
    them; the row number is the row of the spreadsheet (the header is row 1), so rows without any text leave
    a gap. Each field's metadata holds ``position``, the column's place in the file. Raises Unreadable.
    """
    present = {name: index for index, name in enumerate(file.columns)}
    expressions = ", ".join(
        f'{_trimmed(f"c{present[column.name]}", file)} as "{column.name}"'
        for column in file.table.columns
        if column.name in present
    )
    table = _query(file, f"select {expressions} from rows")
    table = table.append_column(
        "row_number", pa.array(np.arange(2, table.num_rows + 2, dtype=np.int64), pa.int64())
    )
    table = without_blank_rows(table)
    if not table.num_rows and not may_be_empty:
        raise no_rows(file)
    return with_positions(table, file)


def no_rows(file: Recognised) -> Unreadable:
    """What a file or worksheet with a header and nothing below it raises where rows are needed."""
    return Unreadable(
        "no_rows",
        f"The table {file.table.name} has column names but no rows",
        file.name,
        "Run the extract again and check that it finds rows before it is sent.",
    )


def distinct(file: CsvFile, columns: Sequence[str]) -> list[tuple[str | None, ...]]:
    """The distinct combinations of some columns' texts, sorted, rows without any text left out."""
    present = {name: index for index, name in enumerate(file.columns)}
    expressions = ", ".join(_trimmed(f"c{present[name]}", file) for name in columns)
    some_text = " || ".join(f"coalesce(c{index}, '')" for index in present.values())
    found = _query(file, f"select distinct {expressions} from rows where trim({some_text}) <> ''")
    rows = zip(*(column.to_pylist() for column in found.columns), strict=True)
    return sorted(rows, key=lambda row: tuple(text or "" for text in row))


def _form(file: SourceFile) -> Form:
    """Look through the bytes of a file. Raises Unreadable if they are no text that can be read."""
    with file.path.open("rb") as source:
        start = source.read(4096)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Form(_decodable(file, "utf-16"))
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8 = True
    has_nul = has_blank_lines = has_quotes = False
    blanks: set[str] = set()
    unusual: list[bytes] = []
    tail = b""
    with file.path.open("rb") as source:
        while chunk := source.read(_CHUNK):
            joint = tail + chunk
            tail = chunk[-1:]
            has_nul = has_nul or b"\0" in chunk
            has_quotes = has_quotes or b'"' in chunk
            has_blank_lines = has_blank_lines or b"\n\n" in joint or b"\n\r" in joint or b"\r\r" in joint
            blanks.update(blank for blank in BLANKS if blank not in blanks and blank.encode() in joint)
            if not chunk.isascii() and len(unusual) < 1000:
                unusual += re.findall(rb"[^\n]{0,200}[\x80-\xff][^\n]{0,200}", chunk)[:1000]
            if is_utf8:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    is_utf8 = False
    if has_nul:
        guess = from_bytes(start, cp_isolation=["utf_16_le", "utf_16_be"]).best()
        if guess is None:
            raise Unreadable(
                "nul_bytes",
                "The file holds bytes that no text file has",
                file.name,
                "Send the extract as CSV text in UTF-8, not as a workbook or a database file.",
            )
        return Form(_decodable(file, guess.encoding))
    if not is_utf8:
        if from_bytes(b"\n".join(unusual), cp_isolation=["cp1252"]).best() is None:
            raise _wrong_encoding(file)
        return Form(_decodable(file, "cp1252"), has_blank_lines)
    if decoder.getstate()[0]:
        raise _wrong_encoding(file)
    if not has_quotes:
        blanks -= {"\r", "\n"}  # without quotes these only end rows
    return Form("utf-8-sig", has_blank_lines, "".join(sorted(blanks)))


def _decodable(file: SourceFile, encoding: str) -> str:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with file.path.open("rb") as source:
            while chunk := source.read(_CHUNK):
                if "\0" in decoder.decode(chunk):
                    raise _wrong_encoding(file)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise _wrong_encoding(file) from None
    return encoding


def _wrong_encoding(file: SourceFile) -> Unreadable:
    return Unreadable(
        "wrong_encoding",
        "The text of the file cannot be decoded",
        file.name,
        "Send the extract in UTF-8 (UTF-16 and Windows-1252 can be read too).",
    )


def _header(beginning: str, separator: str) -> tuple[str, ...]:
    try:
        first = next(csv.reader(io.StringIO(beginning, newline=""), delimiter=separator))
    except csv.Error:
        return ()
    return tuple(map(headers.header_name, first))


def _trimmed(column: str, file: CsvFile) -> str:
    """SQL for a text without blanks around it, null if nothing is left.

    The test comes first because it is free and trimming is not: it nearly doubles the time of reading.
    """
    blanks = file.form.blanks
    if not blanks:
        return column
    around = " or ".join(f"{column} like '{blank}%' or {column} like '%{blank}'" for blank in blanks)
    return f"case when {around} then nullif(trim({column}, '{blanks}'), '') else {column} end"


def _query(file: CsvFile, sql: str) -> pa.Table:
    """Run SQL over ``rows``, the rows of the file with columns c0, c1, … in its order."""
    plain = file.form.encoding == "utf-8-sig" and not file.form.has_blank_lines
    try:
        if plain:
            try:
                return _run(file, file.path, sql)
            except (duckdb.OutOfMemoryException, duckdb.IOException):
                raise
            except duckdb.Error:
                pass  # mixed line endings and stray blank lines read well once they are tidied
        with _tidied(file) as path:
            return _run(file, path, sql)
    except (duckdb.OutOfMemoryException, duckdb.IOException):
        raise  # the machine's fault, not the sender's
    except duckdb.Error:
        # DuckDB's message quotes the row, so it must not be seen.
        raise _broken_row(file) from None


def _run(file: CsvFile, path: Path, sql: str) -> pa.Table:
    columns = {f"c{index}": "VARCHAR" for index in range(len(file.columns))}
    quoted = str(path).replace("'", "''")
    with duckdb.connect() as connection:
        # Parameters would make DuckDB keep a copy of every row before the query begins.
        return connection.sql(
            f"with rows as (from read_csv('{quoted}', columns = {columns}, auto_detect = false, "
            f"header = true, delim = '{file.separator}', quote = '\"', escape = '\"')) {sql}"
        ).to_arrow_table()


@contextmanager
def _tidied(file: CsvFile) -> Iterator[Path]:
    """The file in UTF-8, its line endings made one and its blank lines filled with separators.

    What is between quotes stays as it is. The copy lies in the landing store, under the file's own name so
    that what a killed run left behind is used up by the next.
    """
    content = file.path.read_bytes().decode(file.form.encoding).removeprefix("\ufeff").encode()
    blank_row = file.separator.encode() * (len(file.columns) - 1)
    parts = content.split(b'"')
    for index in range(0, len(parts), 2):
        plain = parts[index].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if index:
            # a quote came before, so the part does not begin a line
            head, newline, rest = plain.partition(b"\n")
            parts[index] = head + newline + _BLANK_LINE.sub(blank_row, rest) if newline else head
        else:
            parts[index] = _BLANK_LINE.sub(blank_row, plain)
    work = settings().landing / "work"
    work.mkdir(parents=True, exist_ok=True)
    path = work / f"{file.path.name}.csv"
    try:
        path.write_bytes(b'"'.join(parts))
        yield path
    finally:
        path.unlink(missing_ok=True)


def _broken_row(file: CsvFile) -> Unreadable:
    """Say which row made DuckDB give up. Python's reader finds it; this runs on rejected files only."""
    row_number = 1
    wanted = len(file.columns)
    try:
        with file.path.open(encoding=file.form.encoding, newline="") as lines:
            for row_number, row in enumerate(
                csv.reader(lines, delimiter=file.separator, strict=True), start=1
            ):
                is_blank_line = len(row) < 2 and not "".join(row).strip()
                if len(row) != wanted and not is_blank_line:
                    return Unreadable(
                        "ragged_row",
                        f"A row has {len(row)} columns where the first row has {wanted}",
                        f"{file.name}, row {row_number}",
                        "Check for a separator or line break inside a text without quotes round it, "
                        "and that the file was sent whole.",
                    )
    except csv.Error:
        return Unreadable(
            "broken_quotes",
            "A quotation mark is opened and not closed, or stands in the middle of a text",
            f"{file.name}, row {row_number + 1}",
            "Put quotes round the whole text and double those inside it; check that the file was sent whole.",
        )
    return Unreadable(
        "broken_row",
        "A row cannot be read as CSV",
        file.name,
        "Export the file again as plain CSV and send it whole.",
    )


def without_blank_rows(table: pa.Table) -> pa.Table:
    """The rows in which some column beside ``row_number`` has a text."""
    blank: pa.ChunkedArray | None = None
    for name in table.column_names:
        if name == "row_number":
            continue
        nulls = table[name].is_null()
        blank = nulls if blank is None else pc.and_(blank, nulls)
        if not pc.any(blank).as_py():
            return table
    return table.filter(pc.invert(blank))


def with_positions(table: pa.Table, file: Recognised) -> pa.Table:
    """The layout's columns in its order, each with its place in the file."""
    positions = {name: position for position, name in enumerate(file.columns, start=1)}
    fields, arrays = [], []
    for column in file.table.columns:
        position = positions.get(column.name)
        metadata = {"position": str(position)} if position else None
        fields.append(pa.field(column.name, pa.string(), metadata=metadata))
        arrays.append(table[column.name] if position else pa.nulls(table.num_rows, pa.string()))
    fields.append(pa.field("row_number", pa.int64()))
    arrays.append(table["row_number"])
    return pa.table(arrays, schema=pa.schema(fields, metadata={"file": file.name}))
