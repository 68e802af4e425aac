"""Great Expectations on a DuckDB connection we already hold. Import it late: it costs seconds.

Great Expectations has no DuckDB data source, and its SQL engine closes the connection after each query for
every dialect it does not list; results are then read from a closed cursor and come back empty. The engine
here keeps the one connection.
"""

from __future__ import annotations

import logging
import os
from builtins import type as class_of
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

os.environ["GX_ANALYTICS_ENABLED"] = "false"

import duckdb
import great_expectations as gx
import sqlalchemy as sa
from duckdb_sqlalchemy import ConnectionWrapper
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.datasource.fluent.interfaces import Batch
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine

# Great Expectations logs the failing SQL of a query with its parameters, which may be values.
logging.getLogger("great_expectations").setLevel(logging.CRITICAL + 1)


class KeptConnectionEngine(SqlAlchemyExecutionEngine):
    """The SQL engine, on one connection for its whole life."""

    @contextmanager
    def get_connection(self) -> Iterator[sa.Connection]:
        if self._connection is None:
            self._connection = self.engine.connect()
        yield self._connection


class DuckDBDatasource(SQLDatasource):
    """A data source over an open DuckDB connection."""

    type: Literal["duckdb"] = "duckdb"  # type: ignore[assignment]

    @property
    def execution_engine_type(self) -> class_of[KeptConnectionEngine]:
        return KeptConnectionEngine


def open_source(connection: duckdb.DuckDBPyConnection) -> DuckDBDatasource:
    """A connection as the data source of an ephemeral context.

    Great Expectations closes what it was given when it has done with it, so it gets a cursor of its own.
    """
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context.data_sources.add_duckdb(  # type: ignore[no-any-return]
        name="delivery",
        connection_string="duckdb:///:memory:",
        kwargs={
            "creator": lambda: ConnectionWrapper(connection.cursor()),
            "poolclass": sa.pool.StaticPool,
            "pool_reset_on_return": None,
        },
    )


def table_batch(source: DuckDBDatasource, table: str) -> Batch:
    """A whole table as a batch."""
    return source.add_table_asset(table, table_name=table).add_batch_definition_whole_table("all").get_batch()
