"""The DAG bag, parsed once in a process of its own so that nothing but the DAG files has been imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scrutiny.settings import PROJECT

_PARSE = """
import json, sys, time
from airflow.dag_processing.dagbag import DagBag
from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.serialization.serialized_objects import DagSerialization
import airflow.sdk
before = time.perf_counter()
bag = DagBag(sys.argv[1])
seconds = time.perf_counter() - before
print(json.dumps({
    "seconds": seconds,
    "import_errors": bag.import_errors,
    "modules": sorted(sys.modules),
    "dags": {name: DagSerialization.to_dict(dag) for name, dag in sorted(bag.dags.items())},
}, default=str))
"""


def environment(folder: Path) -> dict[str, str]:
    """An Airflow without users, examples or a database, for parsing."""
    return os.environ | {
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": "Europe/London",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder / 'airflow.db'}",
        "SCRUTINY_HOME": str(folder / "home"),
        "SCRUTINY_DEMO": "true",
    }


def parse(folder: Path) -> dict[str, Any]:
    """The DAGs as Airflow would store them, what went wrong, and what parsing imported."""
    done = subprocess.run(
        [sys.executable, "-c", _PARSE, str(PROJECT / "dags")],
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    parsed: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return parsed


@pytest.fixture(scope="session")
def bag(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return parse(tmp_path_factory.mktemp("airflow"))


@pytest.fixture(scope="session")
def bag_again(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The same, from another process."""
    return parse(tmp_path_factory.mktemp("airflow"))
