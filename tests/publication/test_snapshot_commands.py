"""``scrutiny snapshots``: what people are told, and what programs are given."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from past import BEFORE, REASON, REDEFINED, REVISED, REVISED_BY_FEW
from reporting_copy import APPROVALS, FROZEN, QUARTER
from typer.testing import CliRunner

from scrutiny.cli import app
from scrutiny.snapshots import freeze, record_sign_offs, seal

run = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})


def asked(*arguments: str, exit_code: int = 0) -> Any:
    """What a command writes for programs."""
    done = run.invoke(app, ["snapshots", *arguments, "--json"])
    assert done.exit_code == exit_code, done.output
    return json.loads(done.stdout)


def said(*arguments: str, exit_code: int = 0) -> str:
    """What a command tells a person, or complains."""
    done = run.invoke(app, ["snapshots", *arguments])
    assert done.exit_code == exit_code, done.output
    return done.stdout + done.stderr


def test_list(past: Path) -> None:
    found = asked("list")
    assert [(each["quarter"], each["version"], each["status"]) for each in found] == [
        (str(BEFORE), "1.0.0", "published"),
        (str(QUARTER), "1.0.0", "superseded"),
        (str(QUARTER), "1.1.0", "published"),
    ]
    assert found[1].keys() == {
        "quarter",
        "version",
        "status",
        "published_at",
        "approved_by",
        "path",
        "history",
    }
    assert found[1]["history"][-1] == {
        "state": "superseded",
        "at": "2025-10-30T09:30:00+00:00",
        "by": "version 1.1.0",
        "note": REASON,
    }
    shown = said("list")
    assert "superseded" in shown
    assert f"{QUARTER}/v1.1.0" in shown


def test_show(past: Path) -> None:
    found = asked("show", f"{QUARTER}/v1.0.0")
    assert found["status"] == "superseded"
    assert found["problems"] == []
    assert len(found["seal"]) == 64
    assert found["revisions_since_last_time"] == 3
    assert found["figures_shown"] > 300
    assert found["deliveries"] == 2
    shown = said("show", f"{QUARTER}/v1.0.0")
    assert "d.director" in shown
    assert "3 figures were revised since last time" in shown


def test_verify(past: Path, tmp_path: Path) -> None:
    found = asked("verify")
    assert [Path(each["path"]).name for each in found] == ["v1.0.0", "v1.0.0", "v1.1.0"]
    assert all(each["problems"] == [] for each in found)
    copy = tmp_path / "v1.0.0"
    shutil.copytree(past / str(BEFORE) / "v1.0.0", copy)
    (copy / "disclosure.json").chmod(0o644)
    (copy / "disclosure.json").write_text("{}", encoding="utf-8")
    (damaged,) = asked("verify", str(copy), exit_code=1)
    assert "disclosure.json: changed since the manifest was written." in damaged["problems"]


def test_diff_of_two_quarters(past: Path) -> None:
    found = asked("diff", f"{BEFORE}", f"{QUARTER}/v1.0.0")
    assert found["before"] == f"{BEFORE} v1.0.0"
    changed = {each["indicator_id"]: each for each in found["figures"]}
    assert set(changed) == {REVISED, REVISED_BY_FEW, REDEFINED}
    revised = changed[REVISED]
    assert revised["month"] == "2025-06"
    assert revised["after"]["numerator"] - revised["before"]["numerator"] == 20
    assert revised["first_published"] == revised["before"]
    assert {each["month"] for each in found["came"]} == {"2025-07", "2025-08", "2025-09"}
    assert {each["month"] for each in found["went"]} == {"2023-01", "2023-02", "2023-03"} or not found["went"]
    assert {(each["indicator_id"], each["field"]) for each in found["definitions"]} == {
        (REDEFINED, "version"),
        (REDEFINED, "numerator_definition"),
    }
    assert found["words"] == found["judgements"] == found["rules"] == []
    shown = said("diff", str(BEFORE), f"{QUARTER}/v1.0.0")
    assert "Figures that changed" in shown
    assert "Referrals within 12 months of another" in shown


def test_diff_of_two_versions(past: Path) -> None:
    found = asked("diff", f"{QUARTER}/v1.0.0", f"{QUARTER}/v1.1.0")
    assert found["figures"] == found["came"] == found["went"] == found["definitions"] == []
    assert [(each["indicator_id"], each["field"]) for each in found["judgements"]] == [(REVISED, "target")]
    words = {(each["indicator_id"], each["field"]): each["after"] for each in found["words"]}
    assert words == {(REVISED, "commentary"): "Fewer than a year ago."}
    assert "Nothing differs." in said("diff", str(QUARTER), str(QUARTER))


def test_what_is_not_there_is_said_with_what_is(past: Path) -> None:
    for command in (("show", "2024-25-Q1"), ("diff", str(QUARTER), "2024-25-Q1"), ("rebuild", "2024-25-Q1")):
        assert f"Name one of: {BEFORE}/v1.0.0 (published)" in said(*command, exit_code=1)


def test_publish_takes_what_was_signed_off_in_airflow_and_nothing_else(draft: Path, home: Path) -> None:
    refused = said("publish", str(QUARTER), exit_code=1)
    assert f"No draft of {QUARTER} is signed off. Its drafts: {draft.name} (draft)." in refused
    assert "Required actions" in refused
    record_sign_offs(draft, APPROVALS, None, seal(draft))
    found = asked("publish", str(QUARTER))
    assert found["status"] == "published"
    assert found["approved_by"] == ["Data owner", "Director of Children's Services"]
    assert [event["state"] for event in found["history"]][-1] == "published"


def test_what_libraries_print_does_not_get_into_the_json(
    past: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    draft = SimpleNamespace(path=past / str(QUARTER) / "v1.1.0")

    def chatty(path: Path) -> Path:
        os.write(1, b"Running a solver")
        return path

    monkeypatch.setattr("scrutiny.snapshots.signed_drafts", lambda quarter: [draft])
    monkeypatch.setattr("scrutiny.snapshots.publish_signed_off", chatty)
    assert asked("publish", str(QUARTER))["status"] == "published"
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "Running a solver")


def test_publish_asks_which_of_two_signed_drafts(draft: Path) -> None:
    other = freeze(QUARTER, "second", FROZEN)
    for each in (draft, other):
        record_sign_offs(each, APPROVALS, None, seal(each))
    assert "choose with --draft" in said("publish", str(QUARTER), exit_code=1)
    assert "Published: " in said("publish", str(QUARTER), "--draft", other.name)
    assert "is not a financial quarter" in said("publish", "2025-Q3", exit_code=1)


def test_withdraw(version: Path, home: Path) -> None:
    shutil.copytree(version.parents[1], home / "snapshots")
    named = ("withdraw", f"{QUARTER}/v1.0.0", "--reason", "Counted twice.", "--by", "a.data")
    found = asked(*named)
    assert found["status"] == "withdrawn"
    assert found["is_new"]
    assert found["history"][-1]["note"] == "Counted twice."
    assert "was withdrawn before; that notice stands" in said(*named)
    assert "has no version that is current" in said("show", str(QUARTER), exit_code=1)


@pytest.mark.parametrize("missing", ["--reason", "--by"])
def test_withdraw_needs_a_reason_and_a_name(home: Path, missing: str) -> None:
    given = {"--reason": "Counted twice.", "--by": "a.data"}
    del given[missing]
    options = [part for option in given.items() for part in option]
    done = run.invoke(app, ["snapshots", "withdraw", str(QUARTER), *options])
    assert done.exit_code == 2
    assert missing in done.stderr
