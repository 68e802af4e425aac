"""Deliveries made from the rows of ``valid_rows.yaml``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from scrutiny import datasets
from scrutiny.landing import Receipt
from scrutiny.validation import OpenDelivery

VALID = yaml.safe_load((Path(__file__).parent / "valid_rows.yaml").read_text(encoding="utf-8"))
Row = Mapping[str, Any]


def _receipt(dataset: str, **changes: Any) -> Receipt:
    """A receipt such as landing writes for the valid delivery of a dataset."""
    return Receipt.model_validate(
        {
            "delivery_id": f"999-{dataset}-2025-07-0123456789",
            "feed": dataset,
            "authority_code": "999",
            "dataset": dataset,
            "source_system": "test",
            "sequence": 1,
            "name_as_sent": "delivery.csv",
            "location": "delivery.csv",
            "files": [],
            "received_at": dt.datetime(2025, 8, 1, tzinfo=dt.UTC),
            "outcome": "received",
            **{
                name: value if isinstance(value, dict) else str(value)
                for name, value in VALID[dataset]["delivery"].items()
            },
            **changes,
        }
    )


def _tables(dataset: str, **rows: Sequence[Row]) -> dict[str, pa.Table]:
    """The valid tables of a dataset as a reader gives them, some replaced.

    A replaced table's rows are what they change in the first valid row of that table.
    """
    tables = {}
    for table in datasets.layout(dataset).tables:
        valid = VALID[dataset][table.name]
        content = [{**valid[0], **row} for row in rows[table.name]] if table.name in rows else valid
        fields = [
            pa.field(column.name, pa.string(), metadata={"position": str(column.position)})
            for column in table.columns
        ]
        arrays = [pa.array([_text(row.get(field.name)) for row in content], pa.string()) for field in fields]
        tables[table.name] = pa.Table.from_arrays(
            [*arrays, pa.array(range(2, len(content) + 2), pa.int64())],
            schema=pa.schema(
                [*fields, pa.field("row_number", pa.int64())], metadata={"file": f"{table.name}.csv"}
            ),
        )
    return tables


def _text(value: Any) -> str | None:
    if isinstance(value, dict):
        return str(value["repeat"]) * int(value["times"])
    return None if value in (None, "") else str(value)


@pytest.fixture
def make_receipt() -> Callable[..., Receipt]:
    """Makes the receipt of the valid delivery of a dataset, with changes."""
    return _receipt


@pytest.fixture
def make_tables() -> Callable[..., dict[str, pa.Table]]:
    """Makes the valid tables of a dataset, some replaced."""
    return _tables


@pytest.fixture
def open_delivery(home: Path) -> Callable[..., OpenDelivery]:
    """Opens the valid delivery of a dataset, some tables replaced; ``receipt`` changes its receipt."""

    def opened(dataset: str, receipt: Row | None = None, **rows: Sequence[Row]) -> OpenDelivery:
        return OpenDelivery(_receipt(dataset, **(receipt or {})), _tables(dataset, **rows))

    return opened
