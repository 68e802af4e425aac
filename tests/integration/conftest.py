"""The whole demo, run once a session through the real Airflow scheduler in a temporary home."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from homes import DEMO_TAKES, PublishedHome, demo_command, demo_environment

from scrutiny import settings as settings_module
from scrutiny.airflow_service import Airflow
from scrutiny.settings import settings


@pytest.fixture(scope="session")
def published_home(tmp_path_factory: pytest.TempPathFactory) -> PublishedHome:
    """A home in which ``scrutiny demo`` has done the whole job. Read from it; do not change it."""
    home = tmp_path_factory.mktemp("demo") / "home"
    begun = time.monotonic()
    done = subprocess.run(
        demo_command(),
        env=demo_environment(home),
        capture_output=True,
        text=True,
        timeout=DEMO_TAKES,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return PublishedHome(home, done.stdout, time.monotonic() - begun)


@pytest.fixture(scope="module")
def worked_home(
    published_home: PublishedHome, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PublishedHome]:
    """A copy of the published home to go on working in."""
    home = tmp_path_factory.mktemp("worked") / "home"
    shutil.copytree(published_home.home, home, symlinks=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCRUTINY_HOME", str(home))
        patch.setenv("SCRUTINY_DEMO", "true")
        settings_module.settings.cache_clear()
        yield replace(published_home, home=home)
    settings_module.settings.cache_clear()


@pytest.fixture(scope="module")
def airflow(worked_home: PublishedHome) -> Iterator[Airflow]:
    """Airflow running on the worked home."""
    home, logs = worked_home.home / "airflow", worked_home.home / "logs" / "airflow"
    with Airflow(home, logs, dict.fromkeys(settings().approvers, "op")) as running:
        yield running


@pytest.fixture(scope="module")
def run_to_the_end(airflow: Airflow) -> Callable[..., str]:
    """Trigger a DAG and wait: gives its run id once it has the state wanted."""

    def run(dag: str, wanted: str = "success", **body: Any) -> str:
        path = f"/dags/{dag}/dagRuns"
        run_id: str = airflow.call("POST", path, json={"logical_date": None, **body})["dag_run_id"]

        def ended() -> bool:
            state = airflow.call("GET", f"{path}/{run_id}")["state"]
            assert state in ("queued", "running", wanted), f"{dag} {run_id} is {state}"
            return bool(state == wanted)

        airflow.wait(ended, 300, f"finish {dag}")
        return run_id

    return run
