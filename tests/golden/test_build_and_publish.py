"""A build with dbt and its publication, and what a build that fails leaves alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from scrutiny.periods import Month
from scrutiny.settings import PROJECT
from scrutiny.warehouse import WarehouseError, build, building, current, promote, query

pytestmark = pytest.mark.integration


def test_no_person_is_in_the_reporting_copy(golden_candidate: Path) -> None:
    with duckdb.connect(str(promote(Month(2025, 9))), read_only=True) as connection:
        columns = connection.execute(
            "select table_name, column_name from duckdb_columns() where not internal"
        )
        published = columns.fetchall()
        tables = {table for table, _ in published}
        text = "".join(str(row) for table in sorted(tables) for row in _rows(connection, table))
    assert {"fct_measure_month", "fct_indicator_value", "mart_scrutiny_quarter"} <= tables
    assert "fct_measure_evidence" not in tables
    assert not [name for name in published if name[1].endswith("_key") or "birth" in name[1]]
    with duckdb.connect(str(golden_candidate), read_only=True) as connection:
        # budget lines, savings and types of placement are nobody
        people = connection.execute(
            "select distinct subject_key from fct_measure_evidence "
            "where indicator_id not between 'BU01' and 'BU10'"
        ).fetchall()
    assert people
    assert not [person for (person,) in people if person and f"'{person}'" in text]


def test_an_officer_sees_the_cases_a_figure_counts_and_why(golden_candidate: Path) -> None:
    """The worked cases of FD07: all that count in the month, with the words of the definition."""
    promote(Month(2025, 9))
    cases = query(
        "select counts_as, reason, count(*) as cases from officer.mart_case "
        "where indicator_id = 'FD07' and month = '2025-09' group by all",
        "999",
        officer=True,
    ).to_pylist()
    [figure] = query(
        "select numerator, denominator from fct_measure_month "
        "where indicator_id = 'FD07' and month = '2025-09' and breakdown = 'all'"
    ).to_pylist()
    counted = {case["counts_as"]: case["cases"] for case in cases}
    assert counted["numerator"] == figure["numerator"] > 0
    assert sum(counted.values()) == figure["denominator"] > figure["numerator"]
    assert all(case["reason"] for case in cases)


def test_a_build_that_fails_names_the_test_and_changes_nothing_published(
    golden_candidate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spoilt here: an indicator that is registered and written in no model."""
    promote(Month(2025, 9))
    before = current()
    figures = query("from fct_measure_month order by all")
    shutil.copytree(PROJECT / "dbt_project", tmp_path / "dbt_project")
    shutil.copytree(PROJECT / "seeds", tmp_path / "seeds")
    register = tmp_path / "seeds" / "indicators.csv"
    line = next(line for line in register.read_text("utf-8").splitlines() if line.startswith("FD08,"))
    register.write_text(register.read_text("utf-8") + line.replace("FD08", "FD99", 1) + "\n", "utf-8")
    monkeypatch.setattr(building, "DBT_PROJECT", tmp_path / "dbt_project")

    with pytest.raises(WarehouseError, match="register_and_models_agree") as failure:
        build(Month(2025, 8))

    assert "Nothing was published" in str(failure.value)
    assert (golden_candidate.parents[1] / "2025-08" / "candidate.duckdb").exists()
    assert current() == before
    assert query("from fct_measure_month order by all") == figures


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[object, ...]]:
    return connection.execute(f"from reporting.{table}").fetchall()
