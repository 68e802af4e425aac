"""Extracts that queries make, over an Airflow connection to a database."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from scrutiny.datasets import Column, layout
from scrutiny.declarations import FeedError
from scrutiny.feeds.incoming import Incoming, Origin
from scrutiny.orchestration import TIMEZONE
from scrutiny.periods import Month

_ROWS = 1_000


@dataclass(frozen=True)
class Sql:
    """A query a table, asked of the database of an Airflow connection.

    In the text of a query ``{month_start}`` and ``{month_end}`` stand for the first and the last day of the
    load month, like 2025-07-31.
    """

    connection: str
    queries: Mapping[str, str]

    @property
    def check(self) -> str:
        return (
            f"Check the Airflow connection {self.connection} (host, port, database, user, password), that "
            "the database can be reached from here and its user may read, and that it accepts the query."
        )

    def fetch(self, dataset: str, inbox: Path, month: Month) -> None:
        """Ask the queries for a load month, once, and put the answers into the feed's inbox folder as CSV.

        They make one folder, a file a table. They are asked again if a query has changed or its file is gone.
        Raises FeedError if a query gives other columns than the layout's, or what is no text, number or date.
        """
        texts = {table: _text_of(query, month) for table, query in self.queries.items()}
        fetched = {
            f"{dataset}_{month.financial_year}/{table}.csv": Origin(
                kind="sql", connection=self.connection, place=table, version=f"query sha256:{_sha256(text)}"
            )
            for table, text in texts.items()
        }
        incoming = Incoming(inbox / str(month))
        if not any(incoming.lacks(name, origin) for name, origin in fetched.items()):
            return
        from airflow.sdk import BaseHook

        hook = BaseHook.get_hook(self.connection)
        with closing(hook.get_conn()) as connection:
            for name, origin in fetched.items():
                # PostgreSQL's client takes in a whole result at once unless the cursor has a name.
                named = ["scrutiny"] if hook.conn_type == "postgres" else []
                with closing(connection.cursor(*named)) as cursor:
                    cursor.execute(texts[origin.place])
                    table = layout(dataset).table(origin.place)
                    columns, needed = table.columns_in(None), table.columns_in(month.financial_year)
                    _write(incoming.path(name), cursor, _matched(origin.place, cursor, columns, needed))
        incoming.arrive(fetched)


def _text_of(query: str, month: Month) -> str:
    text = query.strip().rstrip(";").rstrip()
    return text.replace("{month_start}", str(month.start)).replace("{month_end}", str(month.end))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _matched(table: str, cursor: Any, columns: Iterable[Column], needed: Iterable[Column]) -> list[Column]:
    """The layout's columns in the order of the answer; databases differ in what case they give names."""
    by_name = {column.name.casefold(): column for column in columns}
    names = [description[0].casefold() for description in cursor.description]
    missing = [column.name for column in needed if column.name.casefold() not in names]
    other = [f"column {number}" for number, name in enumerate(names, start=1) if name not in by_name]
    twice = sorted({by_name[name].name for name in names if name in by_name and names.count(name) > 1})
    faults = [
        f"{fault}: {', '.join(found)}"
        for fault, found in (("it lacks", missing), ("it has no place for", other), ("it has twice", twice))
        if found
    ]
    if faults:
        raise FeedError(
            f"the query of the table {table} does not give the columns of its layout ({'; '.join(faults)}). "
            f'Name its columns as the layout does, like select person_id as "CHILD".'
        )
    return [by_name[name] for name in names]


def _write(path: Path, cursor: Any, columns: Sequence[Column]) -> None:
    """Write an answer as CSV, some rows at a time, its columns in the layout's order."""
    order = sorted(range(len(columns)), key=lambda index: columns[index].position)
    with path.open("w", newline="", encoding="utf-8") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(columns[index].name for index in order)
        while rows := cursor.fetchmany(_ROWS):
            answer = list(zip(*rows, strict=True))
            writer.writerows(zip(*(_texts(answer[index], columns[index]) for index in order), strict=True))


def _texts(values: Sequence[object], column: Column) -> Iterator[object] | Sequence[object]:
    """What the CSV writer is to write for a column; it does texts, whole numbers and nothing by itself."""
    if set(map(type, values)) <= {str, int, type(None)}:
        return values
    return (_as_text(value, column) for value in values)


def _as_text(value: object, column: Column) -> object:
    match value:
        case None | str():
            return value
        case bool():
            return int(value)
        case int():
            return value
        case float():
            return int(value) if value.is_integer() else format(Decimal(repr(value)), "f")
        case Decimal():
            return format(value, "f")
        case dt.date():  # a datetime is one too
            return _as_date(value, column)
        case uuid.UUID() | dt.time():
            return str(value)
    raise FeedError(f"the query's column {column.name} is no text, number or date: turn it into one.")


def _as_date(value: dt.date, column: Column) -> str:
    if isinstance(value, dt.datetime):
        local = value.astimezone(TIMEZONE) if value.tzinfo else value
        if column.type not in ("date", "month") and local.time() != dt.time():
            return f"{_as_date(local.date(), column)} {local:%H:%M:%S}"
        value = local.date()
    return str(Month.of(value)) if column.type == "month" else f"{value:%d/%m/}{value.year:04d}"
