"""Publishes a candidate: its marts only, as a read-only database that readers never see half made."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import duckdb
import pyarrow as pa

from scrutiny.periods import Month
from scrutiny.settings import settings
from scrutiny.warehouse.building import PASSED
from scrutiny.warehouse.errors import WarehouseError

MARTS = "reporting"
OFFICER = "officer"
"""The schema of pseudonymous cases, which only officers' copies have."""
_ASKING = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
PARTNERSHIP = "mart_partnership_"


def promote(month: Month) -> Path:
    """Copy the marts of a month's candidate to ``reporting/<month>_r<n>`` and show it to readers.

    A month that is loaded again after a later one is kept beside it: readers go on seeing the later month.

    Writes ``<month>_r<n>.duckdb`` (mode 0444) and a folder of that name with one Parquet file a mart, and for
    each authority ``authorities/<code>/<month>_r<n>.duckdb`` with its own rows only; all complete before the
    links ``current.duckdb`` beside them are replaced, each in one step. A release name is never used again.
    The cases behind the figures go to ``officers/<code>/`` alone, which owner and group may open (0750), and
    only those of the release that is shown: the ones before are removed.
    Raises WarehouseError if there is no candidate, its build did not pass, or it has no marts.
    """
    candidate = settings().warehouse / "candidates" / str(month) / "candidate.duckdb"
    if not candidate.exists():
        raise WarehouseError(f"There is no candidate for {month}: run the build of the month first.")
    if not candidate.with_name(PASSED).exists():
        raise WarehouseError(
            f"The candidate for {month} did not pass its build: run the build of the month again."
        )
    reporting = settings().reporting
    reporting.mkdir(parents=True, exist_ok=True)
    release = f"{month}_r{_next_number(reporting, month)}"
    database, parquet = reporting / f"{release}.duckdb", reporting / release
    unfinished = reporting / f".{release}.duckdb"
    unfinished.unlink(missing_ok=True)
    unfinished_parquet = reporting / f".{release}"
    unfinished_parquet.mkdir(exist_ok=True)

    with duckdb.connect(str(unfinished), config={"threads": 2}) as connection:
        connection.execute(f"attach '{_quoted(candidate)}' as candidate (read_only)")
        marts = _tables(connection, "candidate", MARTS)
        if not marts:
            raise WarehouseError(f"The candidate for {month} has no marts: its build did not finish.")
        connection.execute(f"create schema {MARTS}")
        for mart in marts:
            connection.execute(f"create table {MARTS}.{mart} as from candidate.{MARTS}.{mart} order by all")
            target = _quoted(unfinished_parquet / f"{mart}.parquet")
            connection.execute(f"copy {MARTS}.{mart} to '{target}' (format parquet, compression zstd)")
        connection.execute("detach candidate")

    for file in unfinished_parquet.iterdir():
        file.chmod(0o444)
    unfinished.chmod(0o444)
    shutil.rmtree(parquet, ignore_errors=True)  # of a promotion that was killed before its database was there
    databases = [(unfinished, database), *_of_authorities(unfinished, reporting, release)]
    is_shown = all(path.name[:7] <= str(month) for path in reporting.glob("????-??_r*.duckdb"))
    if is_shown:
        databases += _for_officers(candidate, reporting, release)
    unfinished_parquet.rename(parquet)
    # The whole copy comes last: a release without it was not finished.
    for temporary, final in reversed(databases):
        temporary.rename(final)
    if is_shown:
        for _, final in reversed(databases):
            link = final.with_name(".current.duckdb")
            link.unlink(missing_ok=True)
            link.symlink_to(final.name)
            link.replace(final.with_name("current.duckdb"))
        for path in (reporting / "officers").glob("*/*_r*.duckdb"):
            if path.stem != release:
                path.unlink()
    return database


def _tables(connection: duckdb.DuckDBPyConnection, database: str, schema: str) -> list[str]:
    """The tables, and no view, of a schema of an attached database."""
    found = connection.execute(
        "select table_name from duckdb_tables() where database_name = ? and schema_name = ? order by all",
        [database, schema],
    ).fetchall()
    return [name for (name,) in found]


def _for_officers(candidate: Path, reporting: Path, release: str) -> list[tuple[Path, Path]]:
    """Write the cases of each authority to a copy of its own; gives temporary and final name of each."""
    copies = []
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(f"attach '{_quoted(candidate)}' as candidate (read_only)")
        tables = _tables(connection, "candidate", OFFICER)
        if not tables:
            return []
        for code in _authorities(connection, "candidate"):
            folder = reporting / "officers" / code
            folder.mkdir(parents=True, exist_ok=True)
            for path in (folder.parent, folder):
                path.chmod(0o750)
            temporary = folder / f".{release}.duckdb"
            temporary.unlink(missing_ok=True)
            connection.execute(f"attach '{_quoted(temporary)}' as part")
            connection.execute(f"create schema part.{OFFICER}")
            for table in tables:
                connection.execute(
                    f"create table part.{OFFICER}.{table} as from candidate.{OFFICER}.{table} "
                    "where authority_code = ? order by all",
                    [code],
                )
            connection.execute("detach part")
            temporary.chmod(0o440)
            copies.append((temporary, folder / f"{release}.duckdb"))
    return copies


def _authorities(connection: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    found = connection.execute(
        f"select authority_code from {database}.{MARTS}.dim_authority order by authority_code"
    ).fetchall()
    return [code for (code,) in found]


def _of_authorities(whole: Path, reporting: Path, release: str) -> list[tuple[Path, Path]]:
    """Write a copy for each authority with its own rows; gives temporary and final name of each.

    Rows of no authority (the register, the calendar) are in every copy; the partnership's are in none, since
    who knows the whole and a part knows the rest.
    """
    copies = []
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(f"attach '{_quoted(whole)}' as whole (read_only)")
        marts = [each for each in marts_of(connection, "whole") if not each[0].startswith(PARTNERSHIP)]
        if "dim_authority" not in dict(marts):
            return []
        for code in _authorities(connection, "whole"):
            folder = reporting / "authorities" / code
            folder.mkdir(parents=True, exist_ok=True)
            temporary = folder / f".{release}.duckdb"
            temporary.unlink(missing_ok=True)
            connection.execute(f"attach '{_quoted(temporary)}' as part")
            connection.execute(f"create schema part.{MARTS}")
            for mart, has_rows_of in marts:
                where = "where authority_code = $code" if has_rows_of else ""
                connection.execute(
                    f"create table part.{MARTS}.{mart} as from whole.{MARTS}.{mart} {where} order by all",
                    {"code": code} if has_rows_of else None,
                )
            connection.execute("detach part")
            temporary.chmod(0o444)
            copies.append((temporary, folder / f"{release}.duckdb"))
    return copies


def marts_of(
    connection: duckdb.DuckDBPyConnection, database: str | None = None, schema: str = MARTS
) -> list[tuple[str, bool]]:
    """The marts of a reporting copy by name, and whether their rows are of an authority.

    ``database`` is the name it is attached under, the one connected to by default. Those of an officers'
    copy are in the schema ``officer``.
    """
    found: list[tuple[str, bool]] = connection.execute(
        "select table_name, bool_or(column_name = 'authority_code') from duckdb_columns() "
        "where database_name = coalesce(?, current_database()) and schema_name = ? "
        "group by table_name order by table_name",
        [database, schema],
    ).fetchall()
    return found


def current(authority: str | None = None, *, officer: bool = False) -> Path:
    """The reporting database readers see now: the whole, or one authority's; or an authority's cases.

    Raises WarehouseError before the first promotion, for an authority without a copy, and to whom the folder
    of the cases is closed.
    """
    if officer and not authority:
        raise WarehouseError("Cases are kept by authority: say whose, with --authority.")
    kind = "officers" if officer else "authorities"
    folder = settings().reporting / kind / authority if authority else settings().reporting
    link = folder / "current.duckdb"
    if officer and folder.parent.is_dir() and not os.access(folder.parent, os.R_OK | os.X_OK):
        raise WarehouseError(
            f"The cases are for officers: ask who runs Scrutiny to let you read {folder.parent}."
        )
    if not link.exists() and authority and folder.parent.is_dir():
        known = ", ".join(sorted(path.name for path in folder.parent.iterdir()))
        raise WarehouseError(f"There is no copy for the authority {authority}; there are copies for {known}.")
    if not link.exists():
        raise WarehouseError("Nothing has been published yet: run a monthly load first.")
    return link.resolve()


def promoted(month: Month) -> Path:
    """The newest reporting database of a load month. Raises WarehouseError if it was never promoted."""
    reporting = settings().reporting
    found = list(reporting.glob(f"{month}_r*.duckdb"))
    if not found:
        raise WarehouseError(f"Nothing of {month} has been published yet: load the month first.")
    return max(found, key=lambda path: int(path.stem.rpartition("_r")[2]))


def query(sql: str, authority: str | None = None, *, officer: bool = False) -> pa.Table:
    """The result of a SQL query on the reporting database (the whole, or one authority's copy).

    It is opened read-only, and marts need no schema name. With ``officer`` the cases of the authority are
    there beside its marts, in the schema ``officer``.

    Raises WarehouseError before the first promotion, and duckdb.Error for SQL that does not run.
    """
    cases = current(authority, officer=True) if officer else None
    with duckdb.connect(str(current(authority)), read_only=True) as connection:
        connection.execute(f"use {MARTS}")
        if cases:
            connection.execute(f"attach '{_quoted(cases)}' as cases (read_only)")
            (name,) = connection.execute("select current_database()").fetchall()[0]
            connection.execute("set search_path = ?", [f'"{name}".{MARTS},cases.{OFFICER}'])
        # A reader may read the marts, and no file of this machine.
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        statements = connection.extract_statements(sql)
        if not statements:
            raise WarehouseError("There is nothing to ask: write a query, such as: show all tables")
        # The database's own files are never out of DuckDB's reach, so what may be run is chosen here.
        if any(statement.type not in _ASKING for statement in statements):
            raise WarehouseError(
                "Only questions can be asked here: write one that begins with select or from."
            )
        return connection.execute(sql).to_arrow_table()


def _next_number(reporting: Path, month: Month) -> int:
    """One more than the highest number any release of the month has."""
    pattern = re.compile(re.escape(str(month)) + r"_r(\d+)\.duckdb")
    taken = [int(match[1]) for path in reporting.iterdir() if (match := pattern.fullmatch(path.name))]
    return max(taken, default=0) + 1


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
