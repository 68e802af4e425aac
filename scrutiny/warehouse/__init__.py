"""The warehouse: dbt builds a candidate database from the staged extracts; what passes is published."""

from scrutiny.warehouse.building import Build, build, prepare, run
from scrutiny.warehouse.errors import WarehouseError
from scrutiny.warehouse.inputs import write_inputs
from scrutiny.warehouse.promotion import current, promote, promoted, query

__all__ = [
    "Build",
    "WarehouseError",
    "build",
    "current",
    "prepare",
    "promote",
    "promoted",
    "query",
    "run",
    "write_inputs",
]
