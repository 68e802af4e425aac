"""The DAGs are what dags/README.md says, cheap to parse, and safe to run unattended."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scrutiny import orchestration
from scrutiny.periods import Month, PeriodError, Quarter
from scrutiny.settings import PROJECT

DAGS = ("housekeeping", "monthly_load", "quarterly_snapshot")
FILES = sorted((PROJECT / "dags").glob("*.py"))
HEAVY = ("dbt", "great_expectations", "pandas", "pyarrow", "duckdb", "lxml", "matplotlib")
NO_RETRY = {  # they only look at what is already there
    "check_months",
    "check_words",
    "unpublished",
    "late_feed",
    "dbt.seeds",
    "dbt.staging",
    "dbt.intermediate",
    "dbt.marts",
}
WRITE_THE_WAREHOUSE = {
    "housekeeping": {"purge"},
    "monthly_load": {"dbt.build", "promote"},
    "quarterly_snapshot": {"freeze_draft", "publish"},
}


def dag_of(bag: dict[str, Any], name: str) -> dict[str, Any]:
    return bag["dags"][name]["dag"]


def tasks_of(bag: dict[str, Any], name: str) -> dict[str, dict[str, Any]]:
    """Every task by id; what a mapped task was given to share between its copies counts as its own."""
    tasks = [task["__var"] for task in dag_of(bag, name)["tasks"]]
    return {task["task_id"]: task | task.get("partial_kwargs", {}) for task in tasks}


def test_the_bag_holds_exactly_these_dags(bag: dict[str, Any]) -> None:
    assert bag["import_errors"] == {}
    assert tuple(bag["dags"]) == DAGS
    assert [file.stem for file in FILES] == list(DAGS)


def test_parsing_is_quick_and_imports_nothing_heavy(bag: dict[str, Any]) -> None:
    assert bag["seconds"] < 2
    assert [name for name in bag["modules"] if name.partition(".")[0] in HEAVY] == []


def test_parsing_twice_gives_the_same_dags(bag: dict[str, Any], bag_again: dict[str, Any]) -> None:
    for name in DAGS:
        first, second = dag_of(bag, name).copy(), dag_of(bag_again, name).copy()
        # where the throw-away Airflow lives, not part of the DAG
        assert first.pop("_processor_dags_folder") != second.pop("_processor_dags_folder")
        assert json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True)


@pytest.mark.parametrize("name", DAGS)
def test_a_dag_can_be_left_alone(bag: dict[str, Any], name: str) -> None:
    dag = dag_of(bag, name)
    assert "catchup" in dag, "catchup must be written out"
    assert dag["catchup"] is (name == "monthly_load")
    assert dag["max_active_runs"] == 1
    assert dag["timezone"] == "Europe/London"
    assert dag["tags"]
    assert len(dag["doc_md"].split()) > 30
    assert dag["default_args"]["__var"]["has_on_failure_callback"]
    for task_id, task in tasks_of(bag, name).items():
        assert task["owner"] == "Performance team", task_id
        assert task.get("has_on_failure_callback"), task_id
        assert (task.get("retries", 0) >= 1) != (task_id in NO_RETRY), task_id
        assert (task.get("pool") == orchestration.WRITERS) == (task_id in WRITE_THE_WAREHOUSE[name]), task_id


def test_months_load_one_after_the_other_by_their_key(bag: dict[str, Any]) -> None:
    timetable = dag_of(bag, "monthly_load")["timetable"]
    assert timetable["__type"].endswith(".CronPartitionTimetable")
    assert timetable["__var"]["timezone"] == "Europe/London"
    assert (timetable["__var"]["key_format"], timetable["__var"]["run_offset"]) == ("%Y-%m", -1)


def test_only_a_whole_load_reaches_the_readers(bag: dict[str, Any]) -> None:
    tasks = tasks_of(bag, "monthly_load")
    below = {task_id: set(task.get("downstream_task_ids", ())) for task_id, task in tasks.items()}
    layers = {"dbt.seeds", "dbt.staging", "dbt.intermediate", "dbt.marts"}
    assert below["load_references"] == {"load_feed"}, "what others are looked up in comes first"
    assert tasks["load_feed"]["trigger_rule"] == "all_done", "references that fail must not stop the others"
    assert below["load_feed"] == {"dbt.build", "list_late"}
    assert tasks["dbt.build"]["trigger_rule"] == "all_done", "a failed feed must not stop the others"
    assert tasks["list_late"]["trigger_rule"] == "all_done", "a failed feed must not hide a late one"
    assert below["late_feed"] == {"dbt.build"}, "a late feed must not fail the run: it may not be a leaf"
    assert below["dbt.build"] == layers | {"promote"}
    assert all(below[layer] == {"promote"} for layer in layers)
    assert "trigger_rule" not in tasks["promote"], "anything red in dbt must stop the promotion"
    pages = {"board_pages", "quality_page", "reconciliation_page"}
    assert below["promote"] == {"announce"} | pages
    assert not any(below[name] for name in ("announce", *pages)), (
        "a page that fails must not hold up the quarter"
    )
    announcing = [task_id for task_id, task in tasks.items() if task.get("outlets")]
    assert announcing == ["announce"]
    assert "trigger_rule" not in tasks["announce"]


def test_nothing_is_published_before_both_have_signed(bag: dict[str, Any]) -> None:
    tasks = tasks_of(bag, "quarterly_snapshot")
    below = {task_id: set(task.get("downstream_task_ids", ())) for task_id, task in tasks.items()}
    assert below["check_months"] == {"check_words"}
    assert below["check_words"] == {"freeze_draft"}, "no sign-off opens while a red has no words"
    assert "first_sign_off" in below["freeze_draft"]
    assert "second_sign_off" in below["first_sign_off"]
    assert "publish" in below["second_sign_off"]
    assert "trigger_rule" not in tasks["publish"]
    assert tasks["keep_rejection"]["trigger_rule"] == "none_failed", "a failure must fail the run"
    assert below["publish"] == {"keep_rejection"}


def test_those_who_sign_off_are_shown_all_they_need(bag: dict[str, Any]) -> None:
    for name in ("first_sign_off", "second_sign_off"):
        body = tasks_of(bag, "quarterly_snapshot")[name]["body"]
        for page in (
            "officer/index.html",
            "public/index.html",
            "review/disclosure.html",
            "review/changes.html",
        ):
            assert f"]({{{{ pages }}}}/{page})" in body
        assert "/reports/boards/{{ month }}/data_quality.html" in body
        assert "key='due'" in body


def test_deadlines_are_looked_at_every_morning(bag: dict[str, Any]) -> None:
    tasks = tasks_of(bag, "housekeeping")
    assert set(tasks["list_unpublished"]["downstream_task_ids"]) == {"unpublished"}
    assert not tasks["unpublished"].get("downstream_task_ids"), "nothing waits for it"


def test_the_table_in_the_readme_is_the_bag(bag: dict[str, Any]) -> None:
    text = (PROJECT / "dags" / "README.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| `")
    ]
    for task_id in tasks_of(bag, "monthly_load"):
        assert f"`{task_id.removeprefix('dbt.')}`" in text, f"{task_id} is not explained"
    table = {row[0].strip("`"): row[1:] for row in rows}
    assert tuple(table) == DAGS
    for name, (local, _, takes_in, leaves, owner, again) in table.items():
        timetable = dag_of(bag, name)["timetable"]["__var"]
        if "expression" in timetable:
            assert local.startswith(f"`{timetable['expression']}`")
        assert {task["owner"] for task in tasks_of(bag, name).values()} == {owner}
        assert again
        emitted = {
            outlet["__var"]["name"] if "__var" in outlet else outlet["name"]
            for task in tasks_of(bag, name).values()
            for outlet in task.get("outlets", ())
        }
        assert set(re.findall(r"asset `(\w+)`", leaves)) == emitted
        waited_for = re.findall(r"'name': '(\w+)'", str(timetable.get("asset_condition", "")))
        assert set(re.findall(r"asset `(\w+)`", takes_in)) == set(waited_for)


def test_the_readme_gives_the_utc_times_of_the_schedule(bag: dict[str, Any]) -> None:
    import datetime as dt

    text = (PROJECT / "dags" / "README.md").read_text(encoding="utf-8")
    minute, hour, *_ = dag_of(bag, "monthly_load")["timetable"]["__var"]["expression"].split()
    for season, month in (("winter", 1), ("summer", 7)):
        local = dt.datetime(2026, month, 15, int(hour), int(minute), tzinfo=orchestration.TIMEZONE)
        assert f"{local.astimezone(dt.UTC):%H:%M} in {season}" in text


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_dag_file_touches_no_metadata_database_or_clock(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    modules |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    forbidden = ("airflow.models", "airflow.settings", "airflow.utils.session", "sqlalchemy")
    assert [module for module in modules if module.startswith(forbidden)] == []
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names |= {
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value in ("ds",)
    }
    assert names.isdisjoint({"now", "today", "utcnow", "logical_date", "data_interval_start", "ds"})


@pytest.mark.parametrize("month", ["2025-13", "2025-7", "25-07", "2025-07-01", "", "July", 202507])
def test_the_trigger_form_refuses_what_is_not_a_month(month: object) -> None:
    from airflow.sdk import Param
    from airflow.sdk.exceptions import ParamValidationError

    form = Param(None, type=["null", "string"], pattern=orchestration.MONTH_PATTERN)
    with pytest.raises(ParamValidationError):
        form.resolve(month)
    assert form.resolve("2025-07") == "2025-07"


@pytest.mark.parametrize("quarter", ["2025-26-Q5", "2025-Q3", "2025/26 Q2", "2025-26"])
def test_the_trigger_form_refuses_what_is_not_a_quarter(quarter: str) -> None:
    from airflow.sdk import Param
    from airflow.sdk.exceptions import ParamValidationError

    form = Param(None, type=["null", "string"], pattern=orchestration.QUARTER_PATTERN)
    with pytest.raises(ParamValidationError):
        form.resolve(quarter)


@pytest.mark.parametrize(("name", "pattern"), [("monthly_load", "MONTH"), ("quarterly_snapshot", "QUARTER")])
def test_the_forms_of_the_dags_have_these_patterns(bag: dict[str, Any], name: str, pattern: str) -> None:
    parameter = dict(dag_of(bag, name)["params"])["month" if pattern == "MONTH" else "quarter"]
    assert parameter["schema"]["__var"]["pattern"] == getattr(orchestration, f"{pattern}_PATTERN")


def context(key: str | None, **params: str | None) -> dict[str, Any]:
    return {"dag_run": SimpleNamespace(partition_key=key), "params": params}


def test_the_month_of_a_run_is_its_key_or_its_parameter() -> None:
    assert orchestration.load_month(context("2025-07", month=None)) == Month(2025, 7)
    assert orchestration.load_month(context(None, month="2025-07")) == Month(2025, 7)
    assert orchestration.load_month(context("2025-07", month="2025-07")) == Month(2025, 7)
    with pytest.raises(PeriodError, match="has no month"):
        orchestration.load_month(context(None, month=None))
    with pytest.raises(PeriodError, match="give one"):
        orchestration.load_month(context("2025-07", month="2025-08"))
    with pytest.raises(PeriodError, match="is not a month"):
        orchestration.load_month(context("2025-07-15T06:00:00", month=None))


def test_the_quarter_of_a_run_is_the_financial_one() -> None:
    assert orchestration.snapshot_quarter(context("2025-Q3")) == Quarter.parse("2025-26-Q2")
    assert orchestration.snapshot_quarter(context("2026-Q1")) == Quarter.parse("2025-26-Q4")
    assert orchestration.snapshot_quarter(context(None, quarter="2025-26-Q2")) == Quarter.parse("2025-26-Q2")
    with pytest.raises(PeriodError, match="has no quarter"):
        orchestration.snapshot_quarter(context(None))
    with pytest.raises(PeriodError, match="give one"):
        orchestration.snapshot_quarter(context("2025-Q3", quarter="2025-26-Q3"))
