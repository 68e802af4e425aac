"""The DAGs in a running Airflow, on a home where the quarter is already published."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest
from homes import PublishedHome

from scrutiny.airflow_service import Airflow, AirflowError

pytestmark = pytest.mark.integration

Run = Callable[..., str]


def test_loading_a_month_again_gives_the_same_marts(worked_home: PublishedHome, run_to_the_end: Run) -> None:
    run_to_the_end("monthly_load", conf={"month": "2025-09"})
    first, again = worked_home.release("2025-09", 1), worked_home.release("2025-09", 2)
    assert first.keys() == again.keys()
    for mart, rows in first.items():
        assert again[mart].equals(rows), mart


def test_housekeeping_finds_the_demo_in_order(run_to_the_end: Run) -> None:
    run_to_the_end("housekeeping")


def test_a_month_that_is_none_is_refused(airflow: Airflow) -> None:
    with pytest.raises(AirflowError, match="2025-13"):
        airflow.call(
            "POST", "/dags/monthly_load/dagRuns", json={"logical_date": None, "conf": {"month": "2025-13"}}
        )


def test_a_quarter_without_its_months_is_not_frozen(
    worked_home: PublishedHome, airflow: Airflow, run_to_the_end: Run
) -> None:
    run = run_to_the_end("quarterly_snapshot", "failed", conf={"quarter": "2025-26-Q3"})
    tasks = airflow.call("GET", f"/dags/quarterly_snapshot/dagRuns/{run}/taskInstances")["task_instances"]
    assert {task["task_id"]: task["state"] for task in tasks} == {
        "check_months": "failed",
        "check_words": "upstream_failed",
        "freeze_draft": "upstream_failed",
        "first_sign_off": "upstream_failed",
        "second_sign_off": "upstream_failed",
        "publish": "upstream_failed",
        "keep_rejection": "upstream_failed",
    }
    assert not (worked_home.home / "snapshots" / "2025-26-Q3").exists()


def test_a_rejected_draft_stays_with_the_reason_and_is_not_published(
    worked_home: PublishedHome, airflow: Airflow
) -> None:
    runs = "/dags/quarterly_snapshot/dagRuns"
    conf = {"quarter": "2025-26-Q2", "reason": "A correction"}
    run = airflow.call("POST", runs, json={"logical_date": None, "conf": conf})["dag_run_id"]

    def state_of(task: str) -> str:
        return str(airflow.call("GET", f"{runs}/{run}/taskInstances/{task}")["state"])

    airflow.wait(lambda: state_of("first_sign_off") == "awaiting_input", 200, "ask for the first sign-off")
    rejection = {"chosen_options": ["Reject"], "params_input": {"why": "The agency figure looks wrong"}}
    with pytest.raises(AirflowError, match="not a respondent"):
        airflow.answer("quarterly_snapshot", run, "first_sign_off", "approver_adults", **rejection)
    airflow.answer("quarterly_snapshot", run, "first_sign_off", "approver_children", **rejection)
    airflow.wait(lambda: state_of("keep_rejection") == "success", 200, "keep the rejection")

    assert state_of("publish") == "skipped"
    quarter = worked_home.home / "snapshots" / "2025-26-Q2"
    assert [path.name for path in quarter.glob("v*")] == ["v1.0.0"]
    (draft,) = quarter.glob("draft-*")
    (rejected,) = quarter.glob("rejected-*.json")
    (said,) = json.loads(rejected.read_text())
    assert said["draft"] == draft.name
    assert said["rejected_by"] == "approver_children"
    assert said["reason"] == "The agency figure looks wrong"


def test_the_reports_are_behind_the_login(worked_home: PublishedHome, airflow: Airflow) -> None:
    """The officer edition of a draft is what those who sign read: it must open, for them and nobody else."""
    officer = "/reports/snapshots/2025-26-Q2/v1.0.0/officer/index.html"
    credentials = {"username": "approver_adults", "password": airflow.passwords["approver_adults"]}
    with httpx.Client(base_url=airflow.url, timeout=30) as client:
        review = "/reports/snapshots/2025-26-Q2/v1.0.0/review"
        shown = (officer, f"{review}/changes.html", f"{review}/disclosure.html")
        for page in ("/reports/", *shown, "/reports/boards/2025-09/data_quality.html"):
            asked = client.get(page)
            assert asked.status_code == 303, page
            assert asked.headers["location"].startswith("/auth/login"), page
        token = client.post("/auth/token", json=credentials).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        catalogue = client.get("/reports/").text
        assert f'href="{officer.removeprefix("/reports/")}"' in catalogue
        for page in ("performance_board.html", "data_quality.html"):
            assert f'href="boards/2025-09/{page}"' in catalogue
        assert "performance_board/" not in catalogue, "its further pages are reached from its first"
        assert all(f'href="{page.removeprefix("/reports/")}"' in catalogue for page in shown)
        assert all(client.get(page).status_code == 200 for page in shown)
        assert client.get(officer).content == (worked_home.snapshot / "officer" / "index.html").read_bytes()
        for hidden in ("snapshots/2025-26-Q2/.lock", "boards/%2e%2e/airflow/passwords.json", "boards/none"):
            assert client.get(f"/reports/{hidden}").status_code == 404, hidden
    [menu] = [
        plugin["external_views"]
        for plugin in airflow.call("GET", "/plugins")["plugins"]
        if plugin["name"] == "scrutiny_reports"
    ]
    assert [(entry["name"], entry["href"]) for entry in menu] == [("Reports", "/reports/")]
