"""The golden cases notice a wrong definition: each line of ``mutations.csv`` spoils one and changes a total.

A build takes a while, so the mutations of one number share it; no two of them concern the same indicator.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path

import duckdb
import pytest

from scrutiny.periods import Month
from scrutiny.settings import PROJECT
from scrutiny.warehouse import write_inputs

pytestmark = pytest.mark.integration


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


MUTATIONS = _rows(Path(__file__).with_name("mutations.csv"))
COUNTS = ("numerator", "denominator", "not_known", "excluded")


@pytest.fixture(scope="module")
def spoilt(golden_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives the database that the golden cases make with the mutations of one build."""

    @cache
    def build(number: str) -> Path:
        folder = tmp_path_factory.mktemp(f"mutations_{number}")
        project = folder / "dbt_project"
        shutil.copytree(PROJECT / "dbt_project", project)
        shutil.copytree(PROJECT / "seeds", folder / "seeds")
        for mutation in MUTATIONS:
            if mutation["build"] == number:
                file = project / mutation["file"]
                sql = file.read_text(encoding="utf-8")
                assert sql.count(mutation["text"]) == 1, f"{mutation['file']}: once: {mutation['text']}"
                file.write_text(sql.replace(mutation["text"], mutation["replacement"]), encoding="utf-8")
        write_inputs(folder, Month(2025, 9))
        completed = subprocess.run(
            [
                Path(sys.executable).with_name("dbt"), "--quiet", "build", "--select", "+fct_measure_month",
                "--exclude-resource-type", "test", "unit_test", "--project-dir", project,
                "--target-path", folder / "target", "--log-path", folder / "logs",
            ],
            env={
                **os.environ,
                "SCRUTINY_HOME": str(golden_home),
                "SCRUTINY_CANDIDATE": str(folder),
                "DBT_PROFILES_DIR": str(project),
            },
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        assert completed.returncode == 0, completed.stdout
        return folder / "candidate.duckdb"

    return build


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda row: f"{row['indicator_id']}-{row['build']}")
def test_a_wrong_definition_is_noticed(spoilt: Callable[[str], Path], mutation: dict[str, str]) -> None:
    expected = {
        case["month"]: tuple(Decimal(case[count]) if case[count] else None for count in COUNTS)
        for case in _rows(PROJECT / "seeds" / "golden_expected.csv")
        if case["indicator_id"] == mutation["indicator_id"] and case["numerator"]
    }
    with duckdb.connect(str(spoilt(mutation["build"])), read_only=True) as connection:
        rows = connection.execute(
            f"select month, {', '.join(COUNTS)} from reporting.fct_measure_month "
            "where indicator_id = ? and breakdown = 'all'",
            [mutation["indicator_id"]],
        ).fetchall()
    found = {month: tuple(counts) for month, *counts in rows if month in expected}
    assert found != expected, f"No golden total changes: {mutation['what']}"


def test_mutations_of_a_build_do_not_meet() -> None:
    pairs = [(mutation["build"], mutation["indicator_id"]) for mutation in MUTATIONS]
    assert len(set(pairs)) == len(pairs)
