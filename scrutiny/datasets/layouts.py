"""What each extract is and holds: its tables and columns, by financial year.

The facts are in ``layouts/``: ``datasets.csv`` lists the datasets, ``<dataset>.csv`` the columns of each, and
``tables.csv`` what else is to be known of some tables.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scrutiny.periods import FinancialYear

_FOLDER = Path(__file__).parent / "layouts"


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
    """One column of a source table; the fields are those of ``layouts/<dataset>.csv``.

    ``form`` says which form of the extract has the column: blank for any, ``xml`` for that only, ``derived``
    for none (Scrutiny works it out when the delivery is opened).

    A header is the column's if it is its name or if ``pattern`` (a regular expression, blank for none) is
    found in it, whatever its case. A column that ``may_be_absent`` can be left out.
    """

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
    form: str = ""
    pattern: str = ""
    may_be_absent: bool = False

    @property
    def is_identifier(self) -> bool:
        """Whether a pseudonym is staged of the column."""
        return self.treatment.partition(":")[0] in ("key", "key_of", "old_key_of")

    def is_in(self, year: FinancialYear | None) -> bool:
        """Whether the column is collected in this financial year."""
        return in_force(self.first_year, self.last_year, year)


@dataclass(frozen=True)
class Table:
    """One table of a dataset, its columns in the order the source prints them.

    ``layouts/tables.csv`` says of some tables what their worksheets and files are called (``title_pattern``,
    a regular expression), whether other columns may stand beside those of the layout, which are passed
    over, and whether the rows tell how things are on the day of the extract (``is_as_on_its_day``), so that
    each extract speaks for its own day and a later one does not replace it.
    """

    name: str
    columns: tuple[Column, ...]
    title_pattern: str = ""
    may_have_others: bool = False
    is_as_on_its_day: bool = False

    def columns_in(self, year: FinancialYear | None, form: str = "csv") -> tuple[Column, ...]:
        """The columns sent in this form in this financial year; none if the table is not collected."""
        return tuple(column for column in self.columns if column.form in ("", form) and column.is_in(year))

    def column(self, name: str) -> Column:
        """The column with this source name. Raises LookupError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise LookupError(f"table {self.name} has no column {name}")


@dataclass(frozen=True)
class Dataset:
    """How one dataset is sent; the fields are those of ``layouts/datasets.csv``.

    ``form`` is ``census`` (one XML file) or ``tables`` (each table a CSV file or a worksheet). ``period``
    says what a delivery covers: ``year_in_name``, ``term_in_name``, ``census`` (its header),
    ``reporting_period`` (client level data's columns), ``months``, ``quarter`` or ``financial_years`` (a
    column of theirs; of years the last two that are over), or ``load_month`` (all that is known at the end of
    the month it is sent for). ``dates`` is how they are written, a key of ``DATE_FORMS``. A delivery without
    one of ``required_tables``, or without rows in it, cannot be used; the others may be empty, or absent: the
    figures that need them are unavailable. Of the deliveries of one ``period``, one ``quarter``, or one
    ``system`` whose identifiers they hold, the last is ``in_force``.
    """

    dataset: str
    title: str
    form: str
    period: str
    dates: str
    required_tables: tuple[str, ...]
    in_force: str


def _datasets() -> dict[str, Dataset]:
    with (_FOLDER / "datasets.csv").open(newline="", encoding="utf-8") as lines:
        return {
            row["dataset"]: Dataset(
                dataset=row["dataset"],
                title=row["title"],
                form=row["form"],
                period=row["period"],
                dates=row["dates"],
                required_tables=tuple(row["required_tables"].split()),
                in_force=row["in_force"],
            )
            for row in csv.DictReader(lines)
        }


_REGISTER = _datasets()
DATASETS = tuple(_REGISTER)


@dataclass(frozen=True)
class Layout:
    """The tables of one dataset."""

    dataset: str
    tables: tuple[Table, ...]

    @property
    def is_sent_together(self) -> bool:
        """Whether several files, one a table, make one delivery."""
        return dataset(self.dataset).form == "tables" and len(self.tables) > 1

    def tables_in(self, year: FinancialYear | None) -> tuple[Table, ...]:
        """The tables collected in this financial year."""
        return tuple(table for table in self.tables if table.columns_in(year))

    def table(self, name: str) -> Table:
        """The table with this name. Raises LookupError if there is none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise LookupError(f"dataset {self.dataset} has no table {name}")


def dataset(name: str) -> Dataset:
    """How a dataset is sent. Raises LookupError for an unknown dataset."""
    if name not in _REGISTER:
        raise LookupError(f"'{name}' is not a dataset: it is one of {', '.join(DATASETS)}")
    return _REGISTER[name]


@cache
def layout(name: str) -> Layout:
    """The layout of a dataset, in the order of its file. Raises LookupError for an unknown dataset."""
    with (_FOLDER / f"{dataset(name).dataset}.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    with (_FOLDER / "tables.csv").open(newline="", encoding="utf-8") as lines:
        described = {row["table"]: row for row in csv.DictReader(lines) if row["dataset"] == name}
    tables = []
    for table in dict.fromkeys(row["table"] for row in rows):
        more = described.get(table, {})
        tables.append(
            Table(
                name=table,
                columns=_columns(row for row in rows if row["table"] == table),
                title_pattern=more.get("title_pattern", ""),
                may_have_others=more.get("may_have_others") == "yes",
                is_as_on_its_day=more.get("as_on_its_day") == "yes",
            )
        )
    return Layout(name, tuple(tables))


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
            form=row.get("form") or "",
            pattern=row.get("pattern") or "",
            may_be_absent=row.get("may_be_absent") == "yes",
        )
        for row in rows
    )
