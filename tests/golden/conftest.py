"""The golden cases: people made by hand at the edges of each definition, staged as if they had been sent."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from scrutiny import landing
from scrutiny.datasets import layout
from scrutiny.periods import Month
from scrutiny.settings import settings
from scrutiny.staging import schema
from scrutiny.warehouse import build

INPUTS = Path(__file__).parent / "inputs"
AUTHORITY = "999"
_NO_ROWS = landing.TableCounts(received=0, staged=0, set_aside=0, queried=0)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def _receive() -> None:
    for sequence, row in enumerate(_rows(INPUTS / "deliveries.csv"), 1):
        landing.save(
            landing.Receipt(
                delivery_id=row["delivery"],
                feed=row["feed"],
                authority_code=AUTHORITY,
                dataset=row["dataset"],
                source_system="case_management",
                collection_year=row["collection_year"],
                period_start=dt.date.fromisoformat(row["period_start"]),
                period_end=dt.date.fromisoformat(row["period_end"]),
                load_month=row["load_month"],
                sequence=sequence,
                name_as_sent=row["delivery"],
                location=row["delivery"],
                files=(),
                received_at=dt.datetime(2025, 10, 1, tzinfo=dt.UTC),
                outcome="accepted",
                tables={table.name: _NO_ROWS for table in layout(row["dataset"]).tables},
            )
        )


def _stage(path: Path) -> None:
    """A staged file of the table for each delivery: the columns the cases give, the others empty."""
    dataset, table = path.parent.name, path.stem
    columns = schema(dataset, table)
    header = list(_rows(path)[0])
    unknown = set(header) - {"delivery", "case"} - set(columns.names)
    assert not unknown, f"{dataset}/{table}: no such staged columns: {sorted(unknown)}"
    values = {name: f"nullif(\"{name}\", '')" for name in header}
    values |= {
        "authority_code": f"'{AUTHORITY}'",
        "delivery_id": "delivery",
        "row_number": "row_number() over () + 1",
    }
    values |= {"reporting_period_start_date": "period_start", "reporting_period_end_date": "period_end"}
    typed = ", ".join(
        f'cast({values.get(field.name, "null")} as {_DUCKDB_TYPES[str(field.type)]}) as "{field.name}"'
        for field in columns
    )
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select {typed} from read_csv('{path}', all_varchar = true, header = true) as given "
            f"join (select delivery, period_start, period_end "
            f"from read_csv('{INPUTS / 'deliveries.csv'}', all_varchar = true, header = true)) as periods "
            "using (delivery)"
        ).to_arrow_table()
    rows = rows.cast(columns)
    for delivery in pc.unique(rows["delivery_id"]).to_pylist():
        _write(dataset, table, delivery, rows.filter(pc.equal(rows["delivery_id"], delivery)))


def _stage_nothing() -> None:
    """What a delivery has no cases of, it has no rows of."""
    for row in _rows(INPUTS / "deliveries.csv"):
        for table in layout(row["dataset"]).tables:
            _write(
                row["dataset"], table.name, row["delivery"], schema(row["dataset"], table.name).empty_table()
            )


def _write(dataset: str, table: str, delivery: str, rows: pa.Table) -> None:
    staged = settings().staged / dataset / table / f"authority={AUTHORITY}" / f"{delivery}.parquet"
    staged.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(rows, staged)


_DUCKDB_TYPES = {
    "string": "varchar",
    "date32[day]": "date",
    "int32": "integer",
    "int64": "bigint",
    "bool": "boolean",
    "decimal128(18, 6)": "decimal(18, 6)",
}


@pytest.fixture(scope="session")
def golden_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of Scrutiny's state with the golden cases received and staged."""
    home = tmp_path_factory.mktemp("golden")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SCRUTINY_HOME", str(home))
        environment.setenv("SCRUTINY_DEMO", "true")
        settings.cache_clear()
        _receive()
        _stage_nothing()
        for path in sorted(INPUTS.glob("*/*.csv")):
            _stage(path)
        yield home
    settings.cache_clear()


@pytest.fixture(scope="session")
def golden_candidate(golden_home: Path) -> Path:
    """The candidate database of the golden cases for load month 2025-09."""
    return build(Month(2025, 9))
