"""The two commands of a newcomer, as they run them: a fresh clone, an environment that does not exist yet."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import time
from collections.abc import Iterator

import duckdb

from benchmarks.inputs import scratch
from benchmarks.measurement import Measurement, limit
from scrutiny.reports.guide import answered, questions
from scrutiny.settings import PROJECT

_LOADS = """
    select max((julianday(end_date) - julianday(start_date)) * 86400)
    from dag_run
    where dag_id = 'monthly_load' and partition_key > (
        select min(partition_key) from dag_run where dag_id = 'monthly_load'
    )
"""


def run() -> Iterator[Measurement]:
    """``make run`` in a clone of what is committed, and the slowest single monthly load it made.

    The first load is left out of that: it also brings two and a half years of history.
    """
    clone = scratch() / "clone"
    subprocess.run(["git", "clone", "--quiet", PROJECT, clone], check=True)
    # The clone makes an environment of its own: this one must not shine through.
    outside = {
        name: value for name, value in os.environ.items() if not name.startswith(("SCRUTINY_", "VIRTUAL_"))
    }
    path = os.pathsep.join(
        folder for folder in os.environ["PATH"].split(os.pathsep) if str(PROJECT / ".venv") not in folder
    )
    begun = time.perf_counter()
    subprocess.run(
        ["make", "run"], cwd=clone, env=outside | {"PATH": path}, stdout=subprocess.DEVNULL, check=True
    )
    yield limit("make run on a fresh clone, environment included", time.perf_counter() - begun, "s", 360)
    with sqlite3.connect(clone / "data" / "airflow" / "airflow.db") as database:
        [(slowest,)] = database.execute(_LOADS).fetchall()
    yield limit("a single monthly load through the scheduler", slowest, "s", 75)
    with duckdb.connect(str(clone / "data" / "reporting" / "current.duckdb"), read_only=True) as reporting:
        wrong = [
            question.title
            for question in questions()
            if question.answer
            and answered(reporting.execute(question.sql).to_arrow_table()) != question.answer
        ]
    yield limit(f"answers the report writer's guide prints wrongly {wrong or ''}".strip(), len(wrong), "", 0)
