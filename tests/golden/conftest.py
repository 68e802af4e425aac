"""The golden cases: people made by hand at the edges of each definition, staged as if they had been received."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from scrutiny import landing
from scrutiny.periods import Month
from scrutiny.settings import settings
from scrutiny.staging import schema
from scrutiny.warehouse import build

INPUTS = Path(__file__).parent / "inputs"
AUTHORITY = "999"
FEEDS = {
    "cin": "children_in_need",
    "ssda903": "children_looked_after",
    "cld": "adult_client_level",
    "establishment": "establishment",
}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def _receive() -> None:
    for sequence, row in enumerate(_rows(INPUTS / "deliveries.csv"), 1):
        landing.save(
            landing.Receipt(
                delivery_id=row["delivery_id"],
                feed=FEEDS[row["dataset"]],
                authority_code=AUTHORITY,
                dataset=row["dataset"],
                source_system="case_management",
                collection_year=row["collection_year"],
                period_start=dt.date.fromisoformat(row["period_start"]),
                period_end=dt.date.fromisoformat(row["period_end"]),
                load_month=row["load_month"],
                sequence=sequence,
                name_as_sent=row["delivery_id"],
                location=row["delivery_id"],
                files=(),
                received_at=dt.datetime(2025, 10, 1, tzinfo=dt.UTC),
                outcome="accepted",
            )
        )


def _stage(path: Path) -> None:
    """One staged file for the table: the columns the case gives, the others empty."""
    dataset, table = path.stem.split(".")
    columns = schema(dataset, table)
    header = list(_rows(path)[0])
    unknown = set(header) - set(columns.names)
    assert not unknown, f"{path.name}: no such staged columns: {sorted(unknown)}"
    with duckdb.connect() as connection:
        given = f"read_csv('{path}', all_varchar = true, header = true)"
        values = {
            **{name: f'nullif("{name}", \'\')' for name in header},
            "authority_code": f"'{AUTHORITY}'",
            "row_number": "row_number() over () + 1",
        }
        if table == "events":
            periods = "select delivery_id, period_start, period_end from "
            periods += f"read_csv('{INPUTS / 'deliveries.csv'}', all_varchar = true)"
            given = f"{given} join ({periods}) using (delivery_id)"
            values["reporting_period_start_date"] = "period_start"
            values["reporting_period_end_date"] = "period_end"
        expressions = ", ".join(f'{values.get(name, "null")} as "{name}"' for name in columns.names)
        rows = connection.execute(f"select {expressions} from {given}").to_arrow_table()
        typed = connection.from_arrow(rows).select(
            ", ".join(f'cast("{f.name}" as {_duckdb_type(str(f.type))}) as "{f.name}"' for f in columns)
        )
        staged = settings().staged / dataset / table / f"authority={AUTHORITY}" / "golden.parquet"
        staged.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(typed.to_arrow_table().cast(columns), staged)


def _duckdb_type(arrow_type: str) -> str:
    return {
        "string": "varchar",
        "date32[day]": "date",
        "int32": "integer",
        "int64": "bigint",
        "bool": "boolean",
        "decimal128(18, 6)": "decimal(18, 6)",
    }[arrow_type]


@pytest.fixture(scope="session")
def golden_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of Scrutiny's state with the golden cases received and staged."""
    home = tmp_path_factory.mktemp("golden")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SCRUTINY_HOME", str(home))
        environment.setenv("SCRUTINY_DEMO", "true")
        settings.cache_clear()
        _receive()
        for path in sorted(INPUTS.glob("*.*.csv")):
            _stage(path)
        yield home
    settings.cache_clear()


@pytest.fixture(scope="session")
def golden_candidate(golden_home: Path) -> Path:
    """The candidate database of the golden cases for load month 2025-09."""
    return build(Month(2025, 9))
