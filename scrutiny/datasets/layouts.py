"""What each extract holds: its tables and columns, by financial year. The facts are in ``layouts/*.csv``."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scrutiny.periods import FinancialYear

DATASETS = ("ssda903", "cin", "cld", "csww", "establishment", "commentary")


def in_force(first_year: str, last_year: str, year: FinancialYear | None) -> bool:
    """Whether something valid from ``first_year`` to ``last_year`` (blank = open) is valid in ``year``.

    Without a year everything counts.
    """
    if year is None:
        return True
    return (not first_year or FinancialYear.parse(first_year) <= year) and (
        not last_year or year <= FinancialYear.parse(last_year)
    )


@dataclass(frozen=True)
class Column:
    """One column of a source table; the fields are those of ``layouts/<dataset>.csv``."""

    name: str
    position: int
    type: str
    required: bool
    is_key: bool
    code_set: str
    first_year: str
    last_year: str
    staged_as: str
    treatment: str

    def is_in(self, year: FinancialYear | None) -> bool:
        """Whether the column is collected in this financial year."""
        return in_force(self.first_year, self.last_year, year)


@dataclass(frozen=True)
class Table:
    """One table of a dataset, its columns in the order the source prints them."""

    name: str
    columns: tuple[Column, ...]

    def columns_in(self, year: FinancialYear | None) -> tuple[Column, ...]:
        """The columns collected in this financial year; none if the table is not collected."""
        return tuple(column for column in self.columns if column.is_in(year))

    def column(self, name: str) -> Column:
        """The column with this source name. Raises LookupError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise LookupError(f"table {self.name} has no column {name}")


@dataclass(frozen=True)
class Layout:
    """The tables of one dataset."""

    dataset: str
    tables: tuple[Table, ...]

    def tables_in(self, year: FinancialYear | None) -> tuple[Table, ...]:
        """The tables collected in this financial year."""
        return tuple(table for table in self.tables if table.columns_in(year))

    def table(self, name: str) -> Table:
        """The table with this name. Raises LookupError if there is none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise LookupError(f"dataset {self.dataset} has no table {name}")


@cache
def layout(dataset: str) -> Layout:
    """The layout of a dataset, in the order of its file. Raises LookupError for an unknown dataset."""
    if dataset not in DATASETS:
        raise LookupError(f"'{dataset}' is not a dataset: it is one of {', '.join(DATASETS)}")
    path = Path(__file__).parent / "layouts" / f"{dataset}.csv"
    with path.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    names = dict.fromkeys(row["table"] for row in rows)
    return Layout(
        dataset, tuple(Table(name, _columns(row for row in rows if row["table"] == name)) for name in names)
    )


def _columns(rows: Iterable[dict[str, str]]) -> tuple[Column, ...]:
    return tuple(
        Column(
            name=row["column"],
            position=int(row["position"]),
            type=row["type"],
            required=row["required"] == "yes",
            is_key=row["key"] == "yes",
            code_set=row["code_set"],
            first_year=row["first_year"],
            last_year=row["last_year"],
            staged_as=row["staged_as"],
            treatment=row["treatment"],
        )
        for row in rows
    )
