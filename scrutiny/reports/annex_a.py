"""The Annex A lists that inspectors ask for, as one workbook, from an officers' copy: without names."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from scrutiny import warehouse
from scrutiny.datasets import Column, Table, authority, layout, worded
from scrutiny.files import written_whole
from scrutiny.periods import Month
from scrutiny.reports.tables import DATE, TEXT, WHOLE, Field, Sheet
from scrutiny.reports.words import date_words, listed
from scrutiny.reports.workbook import write_sheets
from scrutiny.warehouse import WarehouseError

DATASET = "annex_a"
READ_FIRST = (
    (
        "Who may see it",
        "Officers who may see cases, and inspectors. It tells of single people: not for publication.",
    ),
    (
        "Names",
        "There are none. Personal data ended at staging: in place of the council's own identifiers, and of "
        "the names of workers and organisations, stand keys. A person or worker has the same key in every "
        "list. Who may know whose a row is finds the person in the case system, by its dates.",
    ),
    (
        "Dates of birth",
        "Only the month is kept, and stands in place of the date. Ages are whole years on the day of the "
        "list, and blank for a child not yet born.",
    ),
    ("Blank columns", "What the warehouse does not keep is blank, and named above its list."),
    (
        "Words",
        "Answers are in the words of the code lists, whatever the case system called them. An answer that is "
        "in no list is blank.",
    ),
    (
        "Look-back",
        "It is counted back from the day of the list, not from the day an inspection was announced.",
    ),
    (
        "Where it comes from",
        "The newest extract of each list. A row that could not be counted rightly was set aside, and is not "
        "listed: the data quality page says how many.",
    ),
)


def write_annex_a(month: Month, code: str, path: Path) -> None:
    """Write lists 1 to 11 of an authority as known in a load month to a workbook that its owner may open.

    They are those of the officers' copy, which is kept of the newest load only. Raises WarehouseError if that
    is not the month, or if the copy cannot be read or has no lists; LookupError for an unknown authority.
    """
    name = authority(code).authority_name
    copy = warehouse.current(code, officer=True)
    kept = copy.name[:7]
    if kept != str(month):
        raise WarehouseError(
            f"Cases are kept of the newest load only, and that is {kept}: ask for that month."
        )
    with duckdb.connect(str(copy), read_only=True) as connection:
        sheets = _sheets(connection, name, month)
    properties = {
        "title": f"Annex A – {name} – {month}",
        "subject": "For officers and inspectors: not for publication",
        "author": name,
        "created": dt.datetime.combine(month.end, dt.time()),
    }
    with written_whole(path) as whole:
        whole.touch(0o600)
        write_sheets(sheets, whole, properties)


def _sheets(connection: duckdb.DuckDBPyConnection, name: str, month: Month) -> list[Sheet]:
    try:
        described = connection.execute("from officer.annex_a_list order by list_number").to_arrow_table()
    except duckdb.CatalogException:
        raise WarehouseError(
            f"The officers' copy of {month} was made before it had lists: load the month again."
        ) from None
    lists = [
        _list(connection, row, layout(DATASET).table(row["table_name"])) for row in described.to_pylist()
    ]
    read_first = Sheet(
        "read_first",
        "Read first",
        f"Ofsted ILACS Annex A, lists 1 to 11. {name}. Load month {month}.",
        (Field("what", "What", TEXT, "What"), Field("note", "What to know", TEXT, "What to know")),
        READ_FIRST,
    )
    return [read_first, _contents(described.to_pylist(), lists), *lists]


def _list(connection: duckdb.DuckDBPyConnection, described: dict[str, Any], table: Table) -> Sheet:
    rows = connection.execute(f"from officer.annex_a_{table.name} order by all").to_arrow_table()
    columns = [_column(rows, column) for column in table.columns]
    not_kept = [f"'{column.name}'" for column in table.columns if _source(column) is None]
    return Sheet(
        table.name,
        _title(described),
        f"{described['title']}. {_when(described)}"
        + (f" Not kept, so blank: {listed(not_kept)}." if not_kept else ""),
        tuple(_field(column) for column in table.columns),
        tuple(zip(*columns, strict=True)),
        if_empty="There is nothing to list."
        if described["as_at_date"]
        else "This list came in no extract of Annex A: it has to be made in the case system.",
    )


def _contents(described: list[dict[str, Any]], lists: list[Sheet]) -> Sheet:
    fields = (
        Field("sheet", "Sheet", TEXT, "Sheet"),
        Field("title", "List", TEXT, "What the list is called"),
        Field("holds", "What it holds", TEXT, "What it holds"),
        Field("as_at", "As on", DATE, "Day of the extract; blank if the list came in none"),
        Field("since", "Look-back from", DATE, "First day of the look-back"),
        Field("rows", "Rows", WHOLE, "How many rows it has"),
    )
    rows = tuple(
        (sheet.title, row["title"], row["holds"], row["as_at_date"], row["since_date"],
         len(sheet.rows) if row["as_at_date"] else None)
        for row, sheet in zip(described, lists, strict=True)
    )  # fmt: skip
    return Sheet("contents", "Contents", "Lists without a day came in no extract.", fields, rows)


def _title(described: dict[str, Any]) -> str:
    return f"List {described['list_number']}"


def _when(described: dict[str, Any]) -> str:
    if described["as_at_date"] is None:
        return "It came in no extract."
    day = f"As on {date_words(described['as_at_date'])}"
    since = described["since_date"]
    return f"{day}, with a look-back from {date_words(since)}." if since else f"{day}."


def _source(column: Column) -> str | None:
    """The column of the mart that a column of the guidance is written from; none if it is not kept."""
    if column.name.startswith("Age of Child"):
        return "age"
    return None if column.treatment == "drop" else column.staged_as


def _field(column: Column) -> Field:
    kind = DATE if column.type == "date" and column.treatment == "keep" else TEXT
    if column.type == "integer" or _source(column) == "age":
        kind = WHOLE
    return Field(_source(column) or column.name, column.name, kind, column.name)


def _column(rows: pa.Table, column: Column) -> list[Any]:
    source = _source(column)
    if source is None:
        return [None] * rows.num_rows
    values: list[Any] = rows[source].to_pylist()
    if source == "age":
        return [years if years is not None and years >= 0 else None for years in values]
    if column.treatment == "birth_month":
        return [born and f"{born:%Y-%m}" for born in values]
    if column.treatment == "yes_no":
        return [{True: "Yes", False: "No"}.get(value) for value in values]
    if column.type == "label":
        words = worded(column.code_set)
        return [words.get(value, value) for value in values]
    return values
