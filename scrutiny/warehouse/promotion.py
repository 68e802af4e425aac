"""Publishes a candidate: its marts only, as a read-only database that readers never see half made."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import duckdb
import pyarrow as pa

from scrutiny.periods import Month
from scrutiny.settings import settings
from scrutiny.warehouse.building import PASSED
from scrutiny.warehouse.errors import WarehouseError

_MARTS = "reporting"


def promote(month: Month) -> Path:
    """Copy the marts of a month's candidate to ``reporting/<month>_r<n>`` and show it to readers.

    A month that is loaded again after a later one is kept beside it: readers go on seeing the later month.

    Writes ``<month>_r<n>.duckdb`` (mode 0444) and a folder of that name with one Parquet file a mart, both
    complete before the link ``current.duckdb`` is replaced in one step. A release name is never used again.
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
        marts = [
            name
            for (name,) in connection.execute(
                "select table_name from duckdb_tables() "
                "where database_name = 'candidate' and schema_name = ? order by table_name",
                [_MARTS],
            ).fetchall()
        ]
        if not marts:
            raise WarehouseError(f"The candidate for {month} has no marts: its build did not finish.")
        connection.execute(f"create schema {_MARTS}")
        for mart in marts:
            connection.execute(f"create table {_MARTS}.{mart} as from candidate.{_MARTS}.{mart} order by all")
            target = _quoted(unfinished_parquet / f"{mart}.parquet")
            connection.execute(f"copy {_MARTS}.{mart} to '{target}' (format parquet, compression zstd)")
        connection.execute("detach candidate")

    for file in unfinished_parquet.iterdir():
        file.chmod(0o444)
    unfinished.chmod(0o444)
    shutil.rmtree(parquet, ignore_errors=True)  # of a promotion that was killed before its database was there
    unfinished_parquet.rename(parquet)
    unfinished.rename(database)
    if max(path.name for path in reporting.glob("????-??_r*.duckdb"))[:7] <= str(month):
        link = reporting / ".current.duckdb"
        link.unlink(missing_ok=True)
        link.symlink_to(database.name)
        link.replace(reporting / "current.duckdb")
    return database


def current() -> Path:
    """The reporting database readers see now. Raises WarehouseError before the first promotion."""
    link = settings().reporting / "current.duckdb"
    if not link.exists():
        raise WarehouseError("Nothing has been published yet: run a monthly load first.")
    return link.resolve()


def query(sql: str) -> pa.Table:
    """The result of a SQL query on the reporting database, opened read-only; marts need no schema name.

    Raises WarehouseError before the first promotion, and duckdb.Error for SQL that does not run.
    """
    with duckdb.connect(str(current()), read_only=True) as connection:
        connection.execute(f"use {_MARTS}")
        # A reader may read the marts, and no file of this machine.
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        if not sql.strip():
            raise WarehouseError("There is nothing to ask: write a query, such as: show all tables")
        return connection.execute(sql).to_arrow_table()


def _next_number(reporting: Path, month: Month) -> int:
    """One more than the highest number any release of the month has."""
    pattern = re.compile(re.escape(str(month)) + r"_r(\d+)\.duckdb")
    taken = [int(match[1]) for path in reporting.iterdir() if (match := pattern.fullmatch(path.name))]
    return max(taken, default=0) + 1


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
