"""The marts in PostgreSQL, for readers who come with a database client, and whose rows each of them may see.

Two kinds of roles read, made here without a login: ``scrutiny_reader`` sees every row, and
``scrutiny_reader_<code>`` the rows of one authority and those of none. Grant them to people's own roles.
"""

from __future__ import annotations

from pathlib import Path

import adbc_driver_manager
import adbc_driver_postgresql.dbapi as adbc
import duckdb

from scrutiny.warehouse.errors import WarehouseError
from scrutiny.warehouse.promotion import MARTS, PARTNERSHIP, marts_of

_READER = "scrutiny_reader"
_NEXT, _PREVIOUS = f"{MARTS}_next", f"{MARTS}_previous"
_TYPES = {"VARCHAR": "text", "DOUBLE": "double precision"}
"""PostgreSQL's names of DuckDB's types where they differ."""


def publish_to_postgres(release: Path, uri: str) -> None:
    """Load the marts of a reporting copy into the schema ``reporting`` of a PostgreSQL database.

    They are loaded into a schema of their own and take the place of those before in one transaction: readers
    see the old or the new, never a mixture, and never wait. The schema before stays as ``reporting_previous``
    until the next. ``uri`` is a connection string whose role may create schemas and roles. Raises
    WarehouseError, which never quotes it, if the database cannot be reached or refuses.
    """
    try:
        with (
            duckdb.connect(str(release), read_only=True) as copy,
            adbc.connect(uri) as connection,
            connection.cursor() as cursor,
        ):
            _load(copy, cursor)
            connection.commit()
            cursor.execute("set local lock_timeout = '5s'")
            cursor.execute(f"drop schema if exists {_PREVIOUS} cascade")
            if _finds(cursor, "select 1 from information_schema.schemata where schema_name = $1", MARTS):
                cursor.execute(f"alter schema {MARTS} rename to {_PREVIOUS}")
            cursor.execute(f"alter schema {_NEXT} rename to {MARTS}")
            connection.commit()
    except adbc_driver_manager.Error as error:
        raise WarehouseError(
            f"The marts of {release.stem} could not be put into PostgreSQL ({type(error).__name__}). Readers "
            "of it keep what they have. Check that SCRUTINY_REPORTING_POSTGRES leads to the database and "
            "that its role may create schemas and roles; then clear this task, or load the month again."
        ) from None


def _load(copy: duckdb.DuckDBPyConnection, cursor: adbc.Cursor) -> None:
    cursor.execute(f"drop schema if exists {_NEXT} cascade")
    cursor.execute(f"create schema {_NEXT}")
    codes = [code for (code,) in copy.execute(f"select authority_code from {MARTS}.dim_authority").fetchall()]
    roles = {None: _READER} | {code: f"{_READER}_{code}" for code in codes}
    for role in roles.values():
        if not _finds(cursor, "select 1 from pg_roles where rolname = $1", role):
            cursor.execute(f"create role {role} nologin")
        cursor.execute(f"grant usage on schema {_NEXT} to {role}")
    for mart, has_rows_of in marts_of(copy):
        columns = copy.execute(
            "select column_name, data_type from duckdb_columns() where schema_name = ? and table_name = ? "
            "order by column_index",
            [MARTS, mart],
        ).fetchall()
        typed = ", ".join(f'"{name}" {_TYPES.get(kind, kind)}' for name, kind in columns)
        cursor.execute(f"create table {_NEXT}.{mart} ({typed})")
        rows = copy.execute(f"from {MARTS}.{mart} order by all").to_arrow_reader(100_000)
        cursor.adbc_ingest(mart, rows, mode="append", db_schema_name=_NEXT)
        if has_rows_of:
            cursor.execute(f"alter table {_NEXT}.{mart} enable row level security")
        for code, role in roles.items():
            if code and mart.startswith(PARTNERSHIP):
                continue
            cursor.execute(f"grant select on {_NEXT}.{mart} to {role}")
            if has_rows_of:
                own = f"authority_code = '{code}'" if code else "true"
                cursor.execute(f"create policy {role} on {_NEXT}.{mart} for select to {role} using ({own})")


def _finds(cursor: adbc.Cursor, query: str, value: str) -> bool:
    cursor.execute(query, (value,))
    return cursor.fetchone() is not None
