"""Builds a candidate database with dbt: one process a load, kept whether or not it passes."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from scrutiny.files import locked
from scrutiny.periods import Month
from scrutiny.settings import PROJECT, settings
from scrutiny.warehouse.errors import WarehouseError
from scrutiny.warehouse.inputs import TRIAL_VALUES, receipts_until, write_input, write_inputs
from scrutiny.warehouse.systems import Pair, pairs

DBT_PROJECT = PROJECT / "dbt_project"
PASSED = "passed"
"""The file beside a candidate that says that its build passed every test: only such a one is promoted."""


# The figure of the month itself, and the one that is reported.
_TRIAL_VALUES = """
select
    figures.authority_code, compared.dataset, figures.indicator_id, figures.month, figures.basis,
    figures.numerator, figures.denominator, figures.value, figures.status, compared.is_new_counted
from reporting.fct_indicator_value as figures
inner join reference.indicators as indicators
    on figures.indicator_id = indicators.indicator_id and figures.indicator_version = indicators.version
inner join (from compared select distinct *) as compared
    on figures.authority_code = compared.authority_code
    and figures.month = compared.month
    and indicators.source_datasets = compared.dataset
where figures.breakdown = 'all' and figures.basis in ('month', indicators.headline_basis)
"""


@dataclass(frozen=True)
class Build:
    """A build that is ready to start: its load month, its folder and the environment dbt runs with."""

    month: Month
    folder: Path
    environment: dict[str, str]

    @property
    def database(self) -> Path:
        return self.folder / "candidate.duckdb"

    @property
    def artefacts(self) -> Path:
        """Where dbt writes its manifest and results; shared by all months, so that it parses only changes."""
        return self.folder.parents[1] / "dbt"


def prepare(month: Month, on: dt.date | None = None) -> Build:
    """Clear the month's candidate and write what the build reads beside it; gives the build to run.

    ``on`` is the day from which extracts are looked at as late. ``Build.environment`` is what dbt is started
    with. It holds paths only.
    """
    return _prepare(month, on, settings().warehouse / "candidates" / str(month))


def _prepare(month: Month, on: dt.date | None, folder: Path, *, on_trial: bool = False) -> Build:
    folder.mkdir(parents=True, exist_ok=True)
    for name in (PASSED, "candidate.duckdb", "candidate.duckdb.wal"):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "spill", ignore_errors=True)
    write_inputs(folder, month, on, on_trial=on_trial)
    # dbt parses again whatever depends on a changed environment: the same link every month saves it that.
    link = settings().warehouse / "candidate"
    link.unlink(missing_ok=True)
    link.symlink_to(folder.relative_to(link.parent))
    environment = {
        "SCRUTINY_HOME": str(settings().home),
        "SCRUTINY_CANDIDATE": str(link),
        "DBT_PROFILES_DIR": str(DBT_PROJECT),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }
    return Build(month, folder, environment)


def run(prepared: Build, lock: int | None = None) -> Path:
    """Run one ``dbt build``; gives the candidate database.

    Raises WarehouseError naming the models, seeds and tests that failed. The candidate is kept either way.
    """
    completed = _dbt(prepared, lock)
    results = prepared.artefacts / "run_results.json"
    failed = _failed(results) if results.exists() else []
    if completed.returncode != 0 or failed:
        named = ", ".join(failed) if failed else "dbt stopped before it ran anything"
        raise WarehouseError(
            f"The build of {prepared.month} failed: {named}. Nothing was published. "
            f"The candidate is kept in {prepared.folder}, dbt's log in its folder logs."
        )
    (prepared.folder / PASSED).touch()
    return prepared.database


def build(month: Month, on: dt.date | None = None) -> Path:
    """Prepare and run the build of a load month; gives the candidate database. Raises WarehouseError.

    Builds share a link and dbt's artefacts, so another process that builds meanwhile is waited for.
    """
    with locked(settings().warehouse / "lock") as lock:
        compared = pairs(receipts_until(month))
        in_month = any(pair.new.load_month == str(month) for pair in compared)
        figures = _trial(month, on, compared, lock) if in_month else TRIAL_VALUES.empty_table()
        prepared = prepare(month, on)
        write_input(figures, prepared.folder / "trial_values.parquet")
        return run(prepared, lock)


def _trial(month: Month, on: dt.date | None, compared: list[Pair], lock: int | None) -> pa.Table:
    """What the indicators would be in the months two systems ran beside each other, if the other one counted.

    The same models make them, in a candidate of their own that is thrown away. Raises WarehouseError.
    """
    folder = settings().warehouse / "candidates" / f"{month}-trial"
    prepared = _prepare(month, on, folder, on_trial=True)
    chosen = ("--select", "+fct_indicator_value", "--exclude-resource-type", "test", "unit_test")
    if _dbt(prepared, lock, *chosen).returncode != 0:
        raise WarehouseError(
            f"The trial build of {month} with the other system failed. Nothing was published. "
            f"The candidate is kept in {folder}, dbt's log in its folder logs."
        )
    months = pa.table(
        {
            "authority_code": [pair.new.authority_code for pair in compared],
            "dataset": [pair.new.dataset for pair in compared],
            "month": [pair.new.load_month for pair in compared],
            "is_new_counted": [pair.is_new_counted for pair in compared],
        }
    )
    with duckdb.connect(str(prepared.database), read_only=True) as connection:
        connection.register("compared", months)
        figures = connection.execute(_TRIAL_VALUES).to_arrow_table().cast(TRIAL_VALUES)
    shutil.rmtree(folder)
    return figures


def _dbt(prepared: Build, lock: int | None, *chosen: str) -> subprocess.CompletedProcess[bytes]:
    prepared.artefacts.mkdir(parents=True, exist_ok=True)
    (prepared.artefacts / "run_results.json").unlink(missing_ok=True)
    dbt = Path(sys.executable).with_name("dbt")
    return subprocess.run(
        [
            # Events at the level of debugging cost a tenth of the build; errors are logged without.
            dbt, "--quiet", "--log-level-file", "info", "build", *chosen,
            "--project-dir", DBT_PROJECT,
            "--target-path", prepared.artefacts,
            "--log-path", prepared.folder / "logs",
        ],
        env={**os.environ, **prepared.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
        # dbt outlives a parent that is killed: until it ends, it keeps the candidate, and so the lock.
        pass_fds=() if lock is None else (lock,),
    )  # fmt: skip


def _failed(results: Path) -> list[str]:
    """Names of the nodes that failed. dbt's messages are left out: they can hold values."""
    nodes = json.loads(results.read_bytes())["results"]
    return [
        node["unique_id"].split(".", 2)[2].split(".")[0]
        for node in nodes
        if node["status"] in ("error", "fail", "runtime error")
    ]
