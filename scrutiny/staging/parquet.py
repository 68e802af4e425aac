"""Staged Parquet: one file for each delivery and table, with the schema the layout gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from scrutiny import datasets
from scrutiny.datasets import Column, Table
from scrutiny.files import written_whole
from scrutiny.settings import settings
from scrutiny.staging.pseudonyms import pseudonyms
from scrutiny.validation.checks import ValidationResult, rows_with
from scrutiny.validation.companions import UNKNOWN_DISTANCE
from scrutiny.validation.delivery import OpenDelivery, quoted

if TYPE_CHECKING:
    from scrutiny.landing import Receipt

_ARROW_TYPES = {
    "text": pa.string(),
    "code": pa.string(),
    "label": pa.string(),
    "date": pa.date32(),
    "month": pa.string(),
    "integer": pa.int32(),
    "decimal": pa.decimal128(18, 6),
    "flag": pa.bool_(),
}


_CHECKED = {"nhs": "is_nhs_number", "upn": "is_upn"}
"""Identifiers of a known form, by namespace: the macro of validation that says whether one is right."""


def schema(dataset: str, table: str) -> pa.Schema:
    """The columns of a staged table: where each row came from, then what the layout keeps."""
    fields = [("authority_code", pa.string()), ("delivery_id", pa.string()), ("row_number", pa.int64())]
    for column in _kept(datasets.layout(dataset).table(table)):
        fields.append((column.staged_as, _arrow_type(column)))
    return pa.schema(fields)


def stage(delivery: OpenDelivery, result: ValidationResult) -> dict[str, int]:
    """Write the rows that broke no error rule, pseudonymous and typed; gives rows staged by table.

    Every table of the layout gets a file, with no rows where the delivery holds none. The same delivery gives
    the same bytes, and each file appears whole or not at all. Raises SettingsError without a pseudonym key.
    """
    secret = settings().secret()
    staged = {}
    for table in delivery.layout.tables:
        rows = _staged_rows(delivery, result, table, secret)
        _write(delivery.receipt.dataset, table.name, _name(delivery.receipt), rows)
        staged[table.name] = rows.num_rows
    return staged


def withdraw(receipt: Receipt) -> None:
    """Remove what is staged of a delivery, if anything is."""
    for table in datasets.layout(receipt.dataset).tables:
        (settings().staged / receipt.dataset / table.name / _name(receipt)).unlink(missing_ok=True)


def is_staged(receipt: Receipt) -> bool:
    """Whether every table of an accepted delivery has its staged file, with the columns of today's layout."""
    for table in datasets.layout(receipt.dataset).tables:
        path = settings().staged / receipt.dataset / table.name / _name(receipt)
        if not path.is_file() or not pq.read_schema(path).equals(schema(receipt.dataset, table.name)):
            return False
    return True


def write_empty_tables(dataset: str) -> None:
    """Write a file without rows for every table of a dataset, so that a reader always finds the table."""
    for table in datasets.layout(dataset).tables:
        empty = schema(dataset, table.name).empty_table()
        _write(dataset, table.name, "authority=none/empty.parquet", empty)


def _name(receipt: Receipt) -> str:
    return f"authority={receipt.authority_code}/{receipt.delivery_id}.parquet"


def _staged_rows(delivery: OpenDelivery, result: ValidationResult, table: Table, secret: bytes) -> pa.Table:
    authority = delivery.receipt.authority_code
    kept = _kept(table)
    select = [f"{_expression(delivery, column)} as {quoted(column.staged_as)}" for column in kept]
    rows = delivery.connection.execute(
        f"""
        select $authority as authority_code, $delivery as delivery_id, row_number, {", ".join(select)}
        from {quoted(table.name)}
        where row_id not in ({rows_with(result.outcomes, "error", table.name)})
        order by row_id
        """,
        {"authority": authority, "delivery": delivery.receipt.delivery_id},
    ).to_arrow_table()
    for column in kept:
        if column.is_identifier:
            position = rows.schema.get_field_index(column.staged_as)
            keys = pseudonyms(secret, authority, rows.column(position))
            rows = rows.set_column(position, column.staged_as, keys)
    return rows.cast(schema(delivery.receipt.dataset, table.name))


def _kept(table: Table) -> list[Column]:
    return [column for column in table.columns if column.treatment != "drop"]


def _arrow_type(column: Column) -> pa.DataType:
    if column.treatment == "birth_month":
        return pa.date32()
    if column.treatment == "yes_no" or column.treatment.startswith(("contains:", "is:")):
        return pa.bool_()
    return _ARROW_TYPES[column.type]


def _expression(delivery: OpenDelivery, column: Column) -> str:
    """SQL for what is staged of a typed column."""
    if not column.is_in(delivery.financial_year):
        return "null"
    name = quoted(column.name)
    treatment, _, argument = column.treatment.partition(":")
    match treatment:
        case "keep" if column.type == "code":
            # A value that is no code of the list may be anything, a name included: it goes no further.
            codes = ", ".join(
                "'" + code.replace("'", "''") + "'" for code in sorted(delivery.code_set(column.code_set))
            )
            return f"case when {name} in ({codes}) then {name} end"
        case "keep":
            return name
        case "key" if argument in _CHECKED:
            # A number that cannot be right, or a code in its place, may stand for many: it is nobody's.
            return f"case when {_CHECKED[argument]}({name}) then '{argument}|' || {name} end"
        # An identifier of another system than the one the authority has always used is in a namespace of that
        # system: the same number is not the same child.
        case "key":
            system = delivery.receipt.identifiers_of.get(argument)
            return f"'{f'{system}:' if system else ''}{argument}|' || {name}"
        case "old_key_of":
            return f"{quoted(argument)} || '|' || {name}"
        case "key_of":
            systems = delivery.receipt.identifiers_of
            namespaces = [f"{system}:{kind}" for kind, system in systems.items()]
            own = f"map({list(systems)}::varchar[], {namespaces}::varchar[])[{quoted(argument)}]"
            return f"{own} || '|' || {name}"
        case "matches":
            return f"case when regexp_full_match({name}, '{argument}') then {name} end"
        case "birth_month":
            return f"date_trunc('month', {name})::date"
        case "contains":
            return f"coalesce(contains(lower({name}), '{argument}'), false)"
        case "is":
            return f"{name} = '{argument}'"
        case "distance":
            return f"nullif({name}, {UNKNOWN_DISTANCE})"
        case "yes_no":
            return f"case {name} when 'Yes' then true when 'No' then false end"
        case _:
            raise ValueError(
                f"the layout gives column {column.name} the unknown treatment {column.treatment}"
            )


def _write(dataset: str, table: str, name: str, rows: pa.Table) -> None:
    with written_whole(settings().staged / dataset / table / name) as path:
        pq.write_table(rows, path, compression="zstd", store_schema=False)
