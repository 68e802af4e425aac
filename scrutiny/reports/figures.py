"""The frozen figures of a quarter: what the marts said when the quarter was frozen.

``figures.csv`` beside this file names every table and column that is frozen, its type and its meaning. It is
copied into each snapshot as the data dictionary of the figures.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from scrutiny.periods import Month, Quarter
from scrutiny.settings import settings

DICTIONARY = Path(__file__).with_name("figures.csv")
DICTIONARY_NAME = "data_dictionary.csv"
SERIES_MONTHS = 36

_IN_PACK = (
    "indicator_id not in (select indicator_id from reporting.dim_indicator where not is_in_scrutiny_pack "
    "and valid_from <= $year and coalesce(valid_to, $year) >= $year)"
)
_WHERE = {
    "dim_indicator": _IN_PACK,
    "mart_scrutiny_quarter": f"financial_quarter = $quarter and {_IN_PACK}",
    "fct_indicator_value": f"month between $first and $last and {_IN_PACK}",
    "fct_measure_month": f"month between $first and $last and {_IN_PACK}",
    "mart_delivery": "is_counted",
    "mart_validation": "delivery_id in (select delivery_id from reporting.mart_delivery where is_counted)",
    "mart_event": "start_month <= $last and coalesce(end_month, $last) >= $first",
    # what a later load concluded from months after the quarter is no part of it
    "mart_spc_point": f"{_IN_PACK} and (authority_code, indicator_id) in "
    "(select (authority_code, indicator_id) from reporting.mart_spc_series where month <= $last)",
    "mart_spc_series": f"month <= $last and {_IN_PACK}",
    "mart_forecast": f"month <= $last and {_IN_PACK}",
    "mart_early_warning": f"month = $last and (indicator_id is null or {_IN_PACK})",
    "dim_priority": _IN_PACK,
    "dim_read_together": _IN_PACK,
    "mart_read_together": "financial_quarter = $quarter",
    "mart_data_quality": "load_month between $start and $last",
    "mart_budget_monitoring": "month = $last",
    "mart_savings": "month = $last",
    "mart_budget_activity": "month = $last",
    # open ones carry over from pack to pack; closed ones are shown once more
    "mart_action": "raised_date <= $end_date and (is_open or closed_date >= $start_date)",
}


class PublicationError(Exception):
    """Something that cannot be frozen, published or read; the message says why and what to do."""


@dataclass(frozen=True)
class Column:
    """A column of a frozen table: its name, DuckDB type and meaning."""

    name: str
    type: str
    description: str


@cache
def columns_of() -> dict[str, list[Column]]:
    """The frozen tables and their columns, in order."""
    return tables_in(DICTIONARY)


def tables_in(dictionary: Path) -> dict[str, list[Column]]:
    """The tables that a data dictionary of frozen figures names, with their columns."""
    tables: dict[str, list[Column]] = {}
    with dictionary.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            tables.setdefault(row["table"], []).append(Column(row["column"], row["type"], row["description"]))
    return tables


@dataclass(frozen=True)
class Figures:
    """The frozen tables of one quarter, as Arrow tables sorted by all their columns."""

    quarter: Quarter
    tables: dict[str, pa.Table]

    def rows(self, table: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.tables[table].to_pylist()
        return rows

    def register(self) -> dict[str, dict[str, Any]]:
        """The register's row of each indicator, in the version the figures of the last month have."""
        end = str(self.quarter.months[2])
        versions = {
            (row["indicator_id"], row["indicator_version"])
            for row in self.rows("fct_indicator_value")
            if row["month"] == end
        }
        return {
            row["indicator_id"]: row
            for row in self.rows("dim_indicator")
            if (row["indicator_id"], row["version"]) in versions
        }

    @property
    def authority(self) -> dict[str, str]:
        return self.rows("dim_authority")[0]


def first_month(quarter: Quarter) -> Month:
    """The first month of the series shown with a quarter: thirty-six months, the quarter's last included."""
    return quarter.months[2] - (SERIES_MONTHS - 1)


def read_reporting_copy(path: Path, quarter: Quarter) -> Figures:
    """Read what a quarter of the publishing authority (``SCRUTINY_AUTHORITY``) is published from.

    The reporting copy is opened read-only. Raises PublicationError if it is missing, lacks a table or column,
    does not know the authority, holds no figures for the quarter or lacks one of its three months.
    """
    if not path.exists():
        raise PublicationError(
            f"There is no reporting copy at {path}: run the monthly loads of {quarter} first."
        )
    window = {
        "authority": settings().authority,
        "quarter": str(quarter),
        "year": str(quarter.financial_year),
        "first": str(first_month(quarter)),
        "last": str(quarter.months[2]),
        "start": str(quarter.months[0]),
        "start_date": quarter.start,
        "end_date": quarter.end,
    }
    tables = {}
    with duckdb.connect(str(path), read_only=True) as database:
        for table, columns in columns_of().items():
            selected = ", ".join(f'"{column.name}"::{column.type} as "{column.name}"' for column in columns)
            where = _WHERE.get(table, "true")
            if any(column.name == "authority_code" for column in columns):
                where += " and authority_code = $authority"
            bound = {name: window[name] for name in re.findall(r"\$(\w+)", where)}
            query = f"select {selected} from reporting.{table} where {where} order by all"
            try:
                tables[table] = database.execute(query, bound).to_arrow_table()
            except duckdb.Error as error:
                raise PublicationError(
                    f"The reporting copy {path.name} cannot be frozen: {error}. "
                    f"Load {quarter.months[2]} again with this version of Scrutiny."
                ) from error
    figures = Figures(quarter, tables)
    _require_whole(figures, path)
    return figures


def _require_whole(figures: Figures, path: Path) -> None:
    quarter = figures.quarter
    authorities = figures.rows("dim_authority")
    if len(authorities) != 1:
        raise PublicationError(
            f"The reporting copy {path.name} does not hold the authority {settings().authority}: "
            "correct SCRUTINY_AUTHORITY, or add it to seeds/authorities.csv and load again."
        )
    ids = [row["indicator_id"] for row in figures.rows("mart_scrutiny_quarter")]
    if not ids:
        raise PublicationError(
            f"The reporting copy {path.name} holds no figures for {quarter}. Load {quarter.months[2]} first."
        )
    repeated = sorted({indicator for indicator in ids if ids.count(indicator) > 1})
    if repeated:
        raise PublicationError(
            f"{', '.join(repeated)}: more than one row for {quarter} in mart_scrutiny_quarter of {path.name}."
        )
    held = set(figures.tables["fct_measure_month"]["month"].to_pylist())
    missing = [str(month) for month in quarter.months if str(month) not in held]
    if missing:
        raise PublicationError(
            f"The reporting copy {path.name} has no figures for {', '.join(missing)}: "
            f"load every month of {quarter} before it is frozen."
        )


def read_figures(folder: Path, quarter: Quarter) -> Figures:
    """Read frozen figures back from the Parquet files of a draft or a published version.

    A table that its own data dictionary does not name, because it is older than the table, is empty.
    """
    held = tables_in(folder / DICTIONARY_NAME)
    tables = {
        name: pq.read_table(folder / f"{name}.parquet") if name in held else _empty(columns)
        for name, columns in columns_of().items()
    }
    return Figures(quarter, tables)


def _empty(columns: list[Column]) -> pa.Table:
    nothing = ", ".join(f'null::{column.type} as "{column.name}"' for column in columns)
    with duckdb.connect() as database:
        return database.execute(f"select {nothing} limit 0").to_arrow_table()
