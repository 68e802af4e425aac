"""The marts in PostgreSQL, for readers who come with a database client, and whose rows each of them may see.

Three kinds of roles read, made here without a login: ``scrutiny_reader`` sees every row of the marts,
``scrutiny_reader_<code>`` those of one authority and those of none, and ``scrutiny_officer_<code>`` the cases
behind the figures of one authority. Grant them to people's own roles.
"""

from __future__ import annotations

from pathlib import Path

import adbc_driver_manager
import adbc_driver_postgresql.dbapi as adbc
import duckdb

from scrutiny.warehouse.errors import WarehouseError
from scrutiny.warehouse.promotion import MARTS, OFFICER, PARTNERSHIP, marts_of

_READER, _CASE_READER = "scrutiny_reader", "scrutiny_officer"
_NEXT, _PREVIOUS, _NEXT_CASES = f"{MARTS}_next", f"{MARTS}_previous", f"{OFFICER}_next"
_TYPES = {"VARCHAR": "text", "DOUBLE": "double precision"}
"""PostgreSQL's names of DuckDB's types where they differ."""


def publish_to_postgres(release: Path, uri: str) -> None:
    """Load the marts of a reporting copy into the schema ``reporting`` of a PostgreSQL database.

    They are loaded into a schema of their own and take the place of those before in one transaction: readers
    see the old or the new, never a mixture, and never wait. The schema before stays as ``reporting_previous``
    until the next. The cases of the release, where it has some, take the place of those before in the schema
    ``officer``, of which nothing is kept. ``uri`` is a connection string whose role may create schemas and
    roles. Raises WarehouseError, which never quotes it, if the database cannot be reached or refuses.
    """
    try:
        with (
            duckdb.connect(str(release), read_only=True) as copy,
            adbc.connect(uri) as connection,
            connection.cursor() as cursor,
        ):
            _load(copy, cursor)
            cases = sorted((release.parent / "officers").glob(f"*/{release.name}"))
            _load_cases(cases, cursor)
            connection.commit()
            cursor.execute("set local lock_timeout = '5s'")
            cursor.execute(f"drop schema if exists {_PREVIOUS} cascade")
            if _finds(cursor, "select 1 from information_schema.schemata where schema_name = $1", MARTS):
                cursor.execute(f"alter schema {MARTS} rename to {_PREVIOUS}")
            cursor.execute(f"alter schema {_NEXT} rename to {MARTS}")
            if cases:
                cursor.execute(f"drop schema if exists {OFFICER} cascade")
                cursor.execute(f"alter schema {_NEXT_CASES} rename to {OFFICER}")
            connection.commit()
    except adbc_driver_manager.Error as error:
        raise WarehouseError(
            f"The marts of {release.stem} could not be put into PostgreSQL ({type(error).__name__}). Readers "
            "of it keep what they have. Check that SCRUTINY_REPORTING_POSTGRES leads to the database and "
            "that its role may create schemas and roles; then clear this task, or load the month again."
        ) from None


def _load(copy: duckdb.DuckDBPyConnection, cursor: adbc.Cursor) -> None:
    _begin(cursor, _NEXT)
    codes = [code for (code,) in copy.execute(f"select authority_code from {MARTS}.dim_authority").fetchall()]
    roles = {None: _READER} | {code: f"{_READER}_{code}" for code in codes}
    for role in roles.values():
        _let_in(cursor, role, _NEXT)
    for mart, has_rows_of in marts_of(copy):
        _create(copy, cursor, MARTS, mart, _NEXT)
        _fill(copy, cursor, MARTS, mart, _NEXT)
        if has_rows_of:
            cursor.execute(f"alter table {_NEXT}.{mart} enable row level security")
        for code, role in roles.items():
            if code and mart.startswith(PARTNERSHIP):
                continue
            cursor.execute(f"grant select on {_NEXT}.{mart} to {role}")
            if has_rows_of:
                own = f"authority_code = '{code}'" if code else "true"
                cursor.execute(f"create policy {role} on {_NEXT}.{mart} for select to {role} using ({own})")


def _load_cases(copies: list[Path], cursor: adbc.Cursor) -> None:
    """Load the copies of the authorities' cases, each in the folder of its code, into one schema."""
    _begin(cursor, _NEXT_CASES)
    for number, path in enumerate(copies):
        role = f"{_CASE_READER}_{path.parent.name}"
        _let_in(cursor, role, _NEXT_CASES)
        with duckdb.connect(str(path), read_only=True) as copy:
            for table, _ in marts_of(copy, schema=OFFICER):
                if number == 0:
                    _create(copy, cursor, OFFICER, table, _NEXT_CASES)
                    cursor.execute(f"alter table {_NEXT_CASES}.{table} enable row level security")
                _fill(copy, cursor, OFFICER, table, _NEXT_CASES)
                cursor.execute(f"grant select on {_NEXT_CASES}.{table} to {role}")
                cursor.execute(
                    f"create policy {role} on {_NEXT_CASES}.{table} for select to {role} "
                    f"using (authority_code = '{path.parent.name}')"
                )


def _begin(cursor: adbc.Cursor, schema: str) -> None:
    cursor.execute(f"drop schema if exists {schema} cascade")
    cursor.execute(f"create schema {schema}")


def _let_in(cursor: adbc.Cursor, role: str, schema: str) -> None:
    if not _finds(cursor, "select 1 from pg_roles where rolname = $1", role):
        cursor.execute(f"create role {role} nologin")
    cursor.execute(f"grant usage on schema {schema} to {role}")


def _create(
    copy: duckdb.DuckDBPyConnection, cursor: adbc.Cursor, schema: str, table: str, target: str
) -> None:
    columns = copy.execute(
        "select column_name, data_type from duckdb_columns() where schema_name = ? and table_name = ? "
        "order by column_index",
        [schema, table],
    ).fetchall()
    typed = ", ".join(f'"{name}" {_TYPES.get(kind, kind)}' for name, kind in columns)
    cursor.execute(f"create table {target}.{table} ({typed})")


def _fill(copy: duckdb.DuckDBPyConnection, cursor: adbc.Cursor, schema: str, table: str, target: str) -> None:
    rows = copy.execute(f"from {schema}.{table} order by all").to_arrow_reader(100_000)
    cursor.adbc_ingest(table, rows, mode="append", db_schema_name=target)


def _finds(cursor: adbc.Cursor, query: str, value: str) -> bool:
    cursor.execute(query, (value,))
    return cursor.fetchone() is not None
