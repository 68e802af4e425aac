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

from scrutiny.files import locked
from scrutiny.periods import Month
from scrutiny.settings import PROJECT, settings
from scrutiny.warehouse.errors import WarehouseError
from scrutiny.warehouse.inputs import write_inputs

DBT_PROJECT = PROJECT / "dbt_project"
PASSED = "passed"
"""The file beside a candidate that says that its build passed every test: only such a one is promoted."""


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
    folder = settings().warehouse / "candidates" / str(month)
    folder.mkdir(parents=True, exist_ok=True)
    for name in (PASSED, "candidate.duckdb", "candidate.duckdb.wal"):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "spill", ignore_errors=True)
    write_inputs(folder, month, on)
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
        return run(prepare(month, on), lock)


def _dbt(prepared: Build, lock: int | None) -> subprocess.CompletedProcess[bytes]:
    prepared.artefacts.mkdir(parents=True, exist_ok=True)
    (prepared.artefacts / "run_results.json").unlink(missing_ok=True)
    dbt = Path(sys.executable).with_name("dbt")
    return subprocess.run(
        [
            dbt, "--quiet", "build",
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
