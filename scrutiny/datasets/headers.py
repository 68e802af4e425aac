"""Which table a header is, and which column of it each of its names stands for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from scrutiny.datasets.errors import Unreadable
from scrutiny.datasets.layouts import Column, Table
from scrutiny.periods import FinancialYear

BLANKS = " \t\r\n\u00a0"
_MOST_COLUMNS = 16_384  # as many as a worksheet has
_MOST_LETTERS = 20
_STRAIGHT = str.maketrans("‘’‛`´“”„–—\u00a0", "'''''\"\"\"-- ")


def letter(position: int) -> str:
    """The letter a spreadsheet gives to a column: 1 is A, 27 is AA."""
    letters = ""
    while position:
        position, remainder = divmod(position - 1, 26)
        letters = chr(ord("A") + remainder) + letters
    return letters


def header_name(text: str) -> str:
    """A column name as the header gives it, without blanks or a byte order mark round it."""
    return text.strip(BLANKS + "\ufeff")


def likely_columns(header: Sequence[str], table: Table) -> int:
    """How many names of a header stand for a column of a table in some year."""
    return sum(bool(_columns_for(name, table.columns)) for name in set(header[:_MOST_COLUMNS]))


def find_table(
    name: str, title: str, header: tuple[str, ...], tables: Sequence[Table], year: FinancialYear | None
) -> tuple[Table, tuple[str, ...]]:
    """The table a header is, and the layout's name of each of its columns (blank for one passed over).

    ``name`` is the file's or the worksheet's in full, ``title`` what it is called there; the title decides
    only where the header fits several tables. Raises Unreadable saying what is wrong with the closest one. An
    unexpected header is named by its letter only: in a file without a header it would be data.
    """
    if len(header) > _MOST_COLUMNS:
        raise Unreadable(
            "too_many_columns",
            f"The first row has more than {_MOST_COLUMNS:,} columns",
            f"{name}, row 1",
            "Check that the first row holds the column names and that its line ends where it should.",
        )
    first: dict[str, int] = {}
    if duplicated := [i for i, text in enumerate(header, start=1) if text and first.setdefault(text, i) != i]:
        raise Unreadable(
            "duplicate_column",
            "The same column name is there more than once",
            f"{name}, row 1, column {_letters(duplicated)}",
            "Send each column once.",
        )
    readings = [_Reading.of(header, table, year) for table in tables]
    fitting = [reading for reading in readings if reading.fits]
    if len(fitting) > 1:
        fitting = [reading for reading in fitting if _is_titled(reading.table, title)] or fitting
    if len(fitting) == 1:
        return fitting[0].table, fitting[0].columns
    if fitting:
        raise Unreadable(
            "ambiguous_table",
            f"The column names fit the tables {' and '.join(reading.table.name for reading in fitting)}",
            f"{name}, row 1",
            "Name the worksheet or file after the list it holds, or send every column of the layout.",
        )
    for table in tables:
        if year and not table.columns_in(year) and _Reading.of(header, table, None).fits:
            raise Unreadable(
                "wrong_year",
                f"The table {table.name} is not collected in {year}",
                name,
                "Check that the delivery is for the right year, or leave the file out.",
            )
    closest = max(readings, key=lambda reading: (reading.likeness, _is_titled(reading.table, title)))
    raise _problem(name, closest, year)


@dataclass(frozen=True)
class _Reading:
    """A header read as that of a table: the columns that each of its names may stand for."""

    table: Table
    expected: tuple[Column, ...]
    found: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, header: Sequence[str], table: Table, year: FinancialYear | None) -> _Reading:
        expected = table.columns_in(year)
        return cls(table, expected, tuple(_columns_for(name, expected) for name in header))

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(names[0] if names else "" for names in self.found)

    @property
    def unclear(self) -> list[int]:
        """Positions of names that may stand for several columns."""
        return [i for i, names in enumerate(self.found, start=1) if len(names) > 1]

    @property
    def rivals(self) -> list[int]:
        """Positions of names that stand for the same column as another."""
        counts = Counter(name for names in self.found for name in set(names))
        return [i for i, names in enumerate(self.found, start=1) if any(counts[name] > 1 for name in names)]

    @property
    def missing(self) -> list[str]:
        present = set(self.columns)
        return [c.name for c in self.expected if c.name not in present and not c.may_be_absent]

    @property
    def unexpected(self) -> list[int]:
        if self.table.may_have_others:
            return []
        return [i for i, names in enumerate(self.found, start=1) if not names]

    @property
    def fits(self) -> bool:
        return bool(self.expected) and not (self.unclear or self.rivals or self.missing or self.unexpected)

    @property
    def likeness(self) -> float:
        """The share of columns in common: 1 when nothing is missing or unexpected."""
        common = len({name for names in self.found for name in names})
        union = common + len(self.missing) + len(self.unexpected)
        return common / union if union else 0.0


def _columns_for(name: str, columns: Sequence[Column]) -> tuple[str, ...]:
    """The columns that a name in a header may stand for: the one called so, or those whose pattern it has."""
    if any(column.name == name for column in columns):
        return (name,)
    text = re.sub(r"\s+", " ", name.translate(_STRAIGHT))
    return tuple(
        column.name for column in columns if column.pattern and re.search(column.pattern, text, re.IGNORECASE)
    )


def _is_titled(table: Table, title: str) -> bool:
    return bool(table.title_pattern and re.search(table.title_pattern, title, re.IGNORECASE))


def _problem(name: str, reading: _Reading, year: FinancialYear | None) -> Unreadable:
    table = reading.table.name
    if reading.likeness < 0.5:
        return Unreadable(
            "unknown_table",
            "The column names are not those of any table of this dataset",
            f"{name}, row 1",
            "Check that the first row holds the column names and that the file belongs in this folder.",
        )
    if reading.unclear:
        return Unreadable(
            "unclear_column",
            f"A column name may stand for several columns of the table {table}",
            f"{name}, row 1, column {_letters(reading.unclear)}",
            "Name the column as the layout does.",
        )
    if reading.rivals:
        return Unreadable(
            "duplicate_column",
            f"Several column names stand for the same column of the table {table}",
            f"{name}, row 1, column {_letters(reading.rivals)}",
            "Send each column once.",
        )
    of_year = f" in {year}" if year else ""
    if reading.missing:
        return Unreadable(
            "missing_column",
            f"The table {table} needs the column {', '.join(reading.missing)}{of_year}",
            f"{name}, row 1",
            "Add the column with exactly this name and send the extract again."
            + (f" Column {_letters(reading.unexpected)} is not known." if reading.unexpected else ""),
        )
    return Unreadable(
        "unexpected_column",
        f"The table {table} has a column that is not in its layout{of_year}",
        f"{name}, row 1, column {_letters(reading.unexpected)}",
        "Take the column out, or check that the delivery is for the right year.",
    )


def _letters(positions: Sequence[int]) -> str:
    """The columns at some positions, the first of them if there are very many."""
    others = len(positions) - _MOST_LETTERS
    return ", ".join(map(letter, positions[:_MOST_LETTERS])) + (f" and {others} more" if others > 0 else "")
