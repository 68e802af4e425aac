"""What the DAG files share, and the Airflow of the demo before it is started."""

from __future__ import annotations

import datetime as dt
import json
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scrutiny import orchestration
from scrutiny.airflow_service import Airflow, AirflowError
from scrutiny.declarations import FeedError
from scrutiny.periods import Month, Quarter
from scrutiny.settings import settings
from scrutiny.snapshots.manifest import seal, write_manifest
from scrutiny.warehouse import WarehouseError

QUARTER = Quarter.parse("2025-26-Q2")
AT = "2025-10-20T09:30:00+00:00"


def answer(user: str, chosen: str, reason: str = "") -> dict[str, Any]:
    return {
        "responded_by_user": {"id": user, "name": user},
        "responded_at": AT,
        "chosen_options": [chosen],
        "params_input": {"why": reason},
    }


def promoted(home: Path, *months: str, current: str) -> None:
    reporting = home / "reporting"
    reporting.mkdir(parents=True)
    for month in months:
        (reporting / f"{month}_r1.duckdb").touch()
    (reporting / "current.duckdb").symlink_to(f"{current}_r1.duckdb")


def test_a_quarter_needs_its_three_months(home: Path) -> None:
    promoted(home, "2025-06", "2025-07", "2025-09", current="2025-09")
    with pytest.raises(WarehouseError, match="2025-26-Q2 cannot be frozen: load 2025-08 first"):
        orchestration.require_months(QUARTER)


def test_a_quarter_needs_readers_to_see_its_end(home: Path) -> None:
    promoted(home, "2025-07", "2025-08", "2025-09", current="2025-07")
    with pytest.raises(WarehouseError, match="readers see the load of 2025-07"):
        orchestration.require_months(QUARTER)


def test_a_whole_quarter_may_be_frozen(home: Path) -> None:
    promoted(home, "2025-07", "2025-08", "2025-09", "2025-10", current="2025-10")
    orchestration.require_months(QUARTER)


def test_approvals_carry_the_role_of_who_answered(home: Path) -> None:
    first, second = orchestration.approvals(
        [answer("approver_children", "Approve"), answer("approver_adults", "Approve")]
    )
    assert (first.approver, first.role) == ("approver_children", "Director of Children's Services")
    assert (second.approver, second.role) == ("approver_adults", "Director of Adult Services")
    assert first.approved_at == dt.datetime(2025, 10, 20, 9, 30, tzinfo=dt.UTC)


def test_a_rejection_is_kept_beside_the_draft(tmp_path: Path) -> None:
    draft = tmp_path / "draft-run-1"
    draft.mkdir()
    write_manifest(draft)
    answers = [answer("approver_children", "Approve"), answer("approver_adults", "Reject", "Check AD27")]
    kept = orchestration.record_rejection(draft, answers)
    assert kept == tmp_path / "rejected-run-1.json"
    assert json.loads(kept.read_text()) == [
        {
            "draft": "draft-run-1",
            "seal": seal(draft),
            "rejected_by": "approver_adults",
            "rejected_at": AT,
            "reason": "Check AD27",
        }
    ]
    assert [path.name for path in draft.iterdir()] == ["MANIFEST.sha256"]


def test_whoever_started_a_run_is_known_and_no_approver(home: Path) -> None:
    def context(user: str | None) -> dict[str, Any]:
        return {"dag_run": SimpleNamespace(triggering_user_name=user)}

    assert orchestration.started_by(context(None)) is None
    assert orchestration.started_by(context("operator")) == "operator"
    with pytest.raises(orchestration.ActionNeeded, match="approver_adults started this run"):
        orchestration.started_by(context("approver_adults"))


def test_an_alert_says_what_people_have_to_do(caplog: pytest.LogCaptureFixture) -> None:
    context = {
        "task_instance": SimpleNamespace(task_id="check_words", dag_id="quarterly_snapshot"),
        "dag_run": SimpleNamespace(partition_key=None, run_id="scheduled__1"),
        "exception": orchestration.ActionNeeded("No commentary or action for AD27."),
    }
    with caplog.at_level(logging.ERROR):
        orchestration.alert(context)
    assert "check_words of quarterly_snapshot failed: No commentary or action for AD27." in caplog.text


def test_nothing_is_kept_when_nobody_rejected(tmp_path: Path) -> None:
    assert orchestration.record_rejection(tmp_path / "draft-1", [answer("a", "Approve"), None]) is None
    assert list(tmp_path.iterdir()) == []


def test_an_alert_says_what_for_whom_and_where_but_no_value(caplog: pytest.LogCaptureFixture) -> None:
    context = {
        "task_instance": SimpleNamespace(task_id="load_feed", dag_id="monthly_load"),
        "dag_run": SimpleNamespace(partition_key="2025-07", run_id="scheduled__1"),
        "feed": "children_in_need",
        "exception": ValueError("a name that must not be logged"),
    }
    with caplog.at_level(logging.ERROR):
        orchestration.alert(context)
    for words in ("ALERT", "load_feed", "children_in_need", "2025-07", "scheduled__1", "dags/README.md"):
        assert words in caplog.text
    assert "a name" not in caplog.text


def test_an_alert_about_a_feed_says_what_to_do(caplog: pytest.LogCaptureFixture) -> None:
    context = {
        "task_instance": SimpleNamespace(task_id="late_feed", dag_id="monthly_load"),
        "dag_run": SimpleNamespace(partition_key="2025-07", run_id="scheduled__1"),
        "feed": "children_in_need",
        "exception": FeedError("It was due on 07/08/2025: ask Children's data team."),
    }
    with caplog.at_level(logging.ERROR):
        orchestration.alert(context)
    assert "for feed children_in_need for 2025-07: It was due on 07/08/2025: ask Children's" in caplog.text


def built(home: Path, month: str, status: str) -> None:
    """What dbt leaves: a seed, a model of each layer, and a test of the mart that ends with ``status``."""
    target = home / "warehouse" / "dbt"
    target.mkdir(parents=True)

    def node(kind: str, name: str, layer: str, *reads: str) -> dict[str, Any]:
        return {
            "resource_type": kind,
            "name": name,
            "fqn": ["scrutiny", layer, name],
            "depends_on": {"nodes": list(reads)},
        }

    nodes = {
        "seed.targets": node("seed", "targets", "targets"),
        "model.stg": node("model", "stg_cin__children", "staging"),
        "model.mart": node("model", "mart_scrutiny_quarter", "marts", "model.stg"),
        "test.mart": node("test", "not_null", "marts", "model.stg", "model.mart"),
    }
    results = [
        {"unique_id": name, "status": status if name == "test.mart" else "success", "execution_time": 0.1}
        for name in nodes
    ]
    log = home / "warehouse" / "candidates" / month / "logs"
    (target / "manifest.json").write_text(json.dumps({"nodes": nodes, "unit_tests": {}}))
    (target / "run_results.json").write_text(json.dumps({"results": results, "args": {"log_path": str(log)}}))


def test_each_layer_answers_for_its_own(home: Path) -> None:
    built(home, "2025-07", "fail")
    assert orchestration.layer_results(Month(2025, 7), "seeds") == {"success": 1}
    assert orchestration.layer_results(Month(2025, 7), "staging") == {"success": 1}
    with pytest.raises(WarehouseError, match="1 of 2 failed in marts: not_null"):
        orchestration.layer_results(Month(2025, 7), "marts")


def test_a_layer_does_not_answer_for_another_month(home: Path) -> None:
    built(home, "2025-08", "pass")
    assert orchestration.layer_results(Month(2025, 8), "marts") == {"success": 1, "pass": 1}
    with pytest.raises(WarehouseError, match="clear the task build"):
        orchestration.layer_results(Month(2025, 7), "marts")


def test_a_layer_without_a_build_says_so(home: Path) -> None:
    with pytest.raises(WarehouseError, match="clear the task build"):
        orchestration.layer_results(Month(2025, 7), "marts")


def test_airflow_stays_on_this_machine_and_keeps_its_secrets(home: Path) -> None:
    airflow = Airflow(home / "airflow", home / "logs", {"approver_children": "op"})
    given = airflow.environment()
    assert given["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert airflow.url.startswith("http://127.0.0.1:")
    assert given["AIRFLOW__CORE__LOAD_EXAMPLES"] == "False"
    assert given["AIRFLOW__USAGE_DATA_COLLECTION__ENABLED"] == "False"
    assert given["SCRUTINY_HOME"] == str(settings().home)
    for name in ("secrets.json", "passwords.json"):
        assert (home / "airflow" / name).stat().st_mode & 0o077 == 0
    again = Airflow(home / "airflow", home / "logs", {"approver_children": "op"})
    assert again.passwords == airflow.passwords
    assert again.environment() == given
    elsewhere = Airflow(home / "other", home / "logs", {"approver_children": "op"})
    assert elsewhere.passwords != airflow.passwords


def test_a_second_airflow_on_the_same_home_is_refused(home: Path) -> None:
    first = Airflow(home / "airflow", home / "logs", {})
    first._take_over()
    first._remember()
    try:
        with pytest.raises(AirflowError, match="already running"):
            Airflow(home / "airflow", home / "logs", {})._take_over()
    finally:
        first.stop()
    last = Airflow(home / "airflow", home / "logs", {})
    last._take_over()
    last.stop()


def test_the_clock_starts_nothing_in_the_demo_and_must_be_set_elsewhere(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scrutiny.settings import Settings, SettingsError

    assert settings().schedule_start() > dt.date(2099, 1, 1)
    with pytest.raises(SettingsError, match="SCRUTINY_SCHEDULE_FROM is not set"):
        Settings(demo=False).schedule_start()
    monkeypatch.setenv("SCRUTINY_SCHEDULE_FROM", "2026-04-01")
    assert Settings(demo=False).schedule_start() == dt.date(2026, 4, 1)
    with pytest.raises(ValueError, match="exactly two Airflow users"):
        Settings(approvers={"one": "Director of Adult Services"})
