"""What report writers may rely on: the tables and columns of the reporting schemas, and for how long.

``seeds/reporting_contracts.csv`` records each table, version and column that was ever promised and may still
be used. Columns may be added. To take one away, rename it or change its type makes a new version: raise
``meta.version`` of the model, keep the table before as ``<table>_v<n>``, and ``make contracts`` records until
which quarter it stays.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from scrutiny.periods import Month, Quarter
from scrutiny.settings import PROJECT, settings
from scrutiny.warehouse.promotion import OFFICER

QUARTERS_KEPT = 2
MODELS = PROJECT / "dbt_project" / "models" / "marts"
_HEADER = ("table_name", "version", "since", "kept_until", "column_name", "data_type")


@dataclass(frozen=True)
class Contract:
    """A version of a table: types by column, in order, and the quarters it is promised from and until.

    ``since`` is None for what the models declare today; ``kept_until`` is None while it is in force.
    """

    table: str
    version: int
    columns: Mapping[str, str]
    since: Quarter | None = None
    kept_until: Quarter | None = None


def declared() -> dict[str, Contract]:
    """What the models of ``models/marts`` promise today, by table."""
    found = {}
    for path in sorted(MODELS.rglob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            meta = model["config"]["meta"]
            if meta.get("person_level") and path.parent.name != OFFICER:
                continue  # never leaves the warehouse
            columns = {column["name"]: column["data_type"] for column in model["columns"]}
            found[model["name"]] = Contract(model["name"], meta.get("version", 1), columns)
    return found


def recorded(path: Path) -> list[Contract]:
    """What was promised, from the committed record."""
    columns: dict[tuple[str, int, str, str], dict[str, str]] = defaultdict(dict)
    with path.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            of = (row["table_name"], int(row["version"]), row["since"], row["kept_until"])
            columns[of][row["column_name"]] = row["data_type"]
    return [
        Contract(table, version, types, Quarter.parse(since), Quarter.parse(until) if until else None)
        for (table, version, since, until), types in columns.items()
    ]


def breaches(now: Mapping[str, Contract], promised: list[Contract], today: dt.date) -> list[str]:
    """How the models of today break what was promised, and what to do about each; empty if they do not."""
    quarter = Month(today.year, today.month).quarter
    found = []
    in_force = {contract.table: contract for contract in promised if contract.kept_until is None}
    for contract in promised:
        name = f"{contract.table}, version {contract.version}"
        successor = next(
            (
                other
                for other in promised
                if (other.table, other.version) == (contract.table, contract.version + 1)
            ),
            None,
        )
        if contract.kept_until is None:
            found += _breaches_in_force(now.get(contract.table), contract)
            continue
        if successor and successor.since and contract.kept_until < successor.since + QUARTERS_KEPT:
            found.append(
                f"{name}: keep it until {successor.since + QUARTERS_KEPT}, two quarters after the next."
            )
        if contract.kept_until >= quarter:
            kept = f"{contract.table}_v{contract.version}" if successor else contract.table
            lost = contract.columns.items() - (now[kept].columns.items() if kept in now else set())
            if lost:
                found.append(f"{name}: {kept} must have {_named(dict(lost))} until {contract.kept_until}.")
    kept_as = {f"{contract.table}_v{contract.version}" for contract in promised if contract.kept_until}
    for table in now.keys() - in_force.keys() - kept_as - {contract.table for contract in promised}:
        found.append(f"{table}: a new table that is not recorded. Run make contracts.")
    return sorted(found)


def _breaches_in_force(model: Contract | None, contract: Contract) -> list[str]:
    name = f"{contract.table}, version {contract.version}"
    if model is None:
        return [f"{name}: the table is gone. Keep it, and record in kept_until until when."]
    if model.version != contract.version:
        return [f"{name}: the model is of version {model.version}. Run make contracts."]
    lost = dict(contract.columns.items() - model.columns.items())
    if lost:
        return [
            f"{name}: {_named(lost)} is gone or has another type. Keep it; or raise meta.version of the "
            f"model, keep this one as {contract.table}_v{contract.version} and run make contracts."
        ]
    added = dict(model.columns.items() - contract.columns.items())
    return [f"{name}: {_named(added)} is new and not recorded. Run make contracts."] if added else []


def record(path: Path, today: dt.date) -> None:
    """Add to the record what the models have and it has not: tables, columns, versions.

    Nothing is taken away: a version that a newer one replaces is kept for two quarters from this one on.
    """
    quarter = Month(today.year, today.month).quarter
    promised = recorded(path) if path.exists() else []
    in_force = {contract.table: contract for contract in promised if contract.kept_until is None}
    versions = {(contract.table, contract.version): contract for contract in promised}
    models = declared()
    for table, before in in_force.items():
        if table in models and models[table].version > before.version:
            versions[table, before.version] = replace(before, kept_until=quarter + QUARTERS_KEPT)
    kept_as = {
        f"{contract.table}_v{contract.version}" for contract in versions.values() if contract.kept_until
    }
    for table, model in models.items():
        before = in_force.get(table, model)
        since = before.since if before.version == model.version else None
        columns = {**model.columns, **before.columns} if before.version == model.version else model.columns
        if table not in kept_as:
            versions[table, model.version] = Contract(table, model.version, columns, since or quarter)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_HEADER)
        for (table, version), contract in sorted(versions.items()):
            for column, kind in contract.columns.items():
                writer.writerow((table, version, contract.since, contract.kept_until or "", column, kind))


def _named(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{name} ({kind})" for name, kind in sorted(columns.items()))


if __name__ == "__main__":
    record(settings().seeds / "reporting_contracts.csv", dt.date.today())
