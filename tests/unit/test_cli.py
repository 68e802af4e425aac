"""The command line says what is wrong and what to do, and hands out what it is asked for."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from scrutiny.cli import app
from scrutiny.reports import board, quality, reconciliation

run = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})


@pytest.fixture
def reporting_copy(home: Path) -> Path:
    """A reporting copy of one small mart."""
    folder = home / "reporting"
    folder.mkdir(parents=True)
    database = folder / "2025-07_r1.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema reporting")
        connection.execute(
            "create table reporting.dim_indicator as "
            "select * from (values ('FD07', 20.0, 'Referred, again'), ('LV02', null, '[sic]')) "
            "as register(id, target, title)"
        )
    (folder / "current.duckdb").symlink_to(database.name)
    return database


@pytest.mark.parametrize(
    "command",
    [
        ["demo"],
        ["load"],
        ["board"],
        ["quality"],
        ["reconciliation"],
        ["annex-a"],
        ["data-book"],
        ["query"],
        ["deliveries"],
        *(
            ["snapshots", name]
            for name in ("list", "show", "verify", "diff", "rebuild", "publish", "withdraw")
        ),
    ],
    ids=" ".join,
)
def test_help_teaches_by_example(command: list[str]) -> None:
    said = run.invoke(app, [*command, "--help"])
    assert said.exit_code == 0
    assert "Example" in said.output
    assert f"scrutiny {' '.join(command)}" in said.output


@pytest.mark.parametrize("page", ["board", "quality", "reconciliation"])
def test_a_page_of_a_month_that_was_not_loaded_says_what_to_do(reporting_copy: Path, page: str) -> None:
    said = run.invoke(app, [page, "--month", "2025-08"])
    assert said.exit_code == 1
    assert "Nothing of 2025-08 has been published yet: load the month first." in said.stderr


def test_a_query_shows_a_table(reporting_copy: Path) -> None:
    said = run.invoke(app, ["query", "from dim_indicator order by id"])
    assert said.exit_code == 0
    assert "Referred, again" in said.stdout
    assert "[sic]" in said.stdout
    assert "–" in said.stdout, "a missing value is shown as a dash"
    assert "2 rows" in said.stderr


def test_a_query_writes_csv(reporting_copy: Path) -> None:
    said = run.invoke(app, ["query", "--csv", "-"], input="from dim_indicator order by id")
    assert list(csv.reader(io.StringIO(said.stdout))) == [
        ["id", "target", "title"],
        ["FD07", "20.0", "Referred, again"],
        ["LV02", "", "[sic]"],
    ]


def test_a_query_smuggles_no_formula_into_csv_and_keeps_numbers(reporting_copy: Path) -> None:
    sql = (
        "select '=1+1' as title, '@x'::enum('@x') as kind, -3.2 as value, -1e30::double as far, "
        "['=1'] as several, 1 as \"=name\""
    )
    said = run.invoke(app, ["query", "--csv", sql])
    assert list(csv.reader(io.StringIO(said.stdout))) == [
        ["title", "kind", "value", "far", "several", "'=name"],
        ["'=1+1", "'@x", "-3.2", "-1e+30", "['=1']", "1"],
    ]


def test_a_query_that_does_not_run_says_why(reporting_copy: Path) -> None:
    said = run.invoke(app, ["query", "from dim_indicators"])
    assert said.exit_code == 1
    assert "dim_indicator" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_query_cannot_change_anything(reporting_copy: Path) -> None:
    before = reporting_copy.read_bytes()
    said = run.invoke(app, ["query", "delete from dim_indicator"])
    assert said.exit_code == 1
    assert reporting_copy.read_bytes() == before


def test_a_query_before_the_first_load_says_what_to_do(home: Path) -> None:
    said = run.invoke(app, ["query", "select 1"])
    assert said.exit_code == 1
    assert "run a monthly load first" in said.stderr


@pytest.mark.parametrize("month", ["2025-13", "July", "2025-07-01"])
def test_a_month_that_is_none_is_refused(home: Path, month: str) -> None:
    said = run.invoke(app, ["load", "--month", month])
    assert said.exit_code == 2
    assert "write it like 2025-07" in said.output


def test_a_load_without_a_key_says_which_setting_is_missing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SCRUTINY_DEMO")
    said = run.invoke(app, ["load", "--month", "2025-07"])
    assert said.exit_code == 1
    assert "SCRUTINY_PSEUDONYM_KEY is not set" in said.stderr


def test_a_load_goes_on_without_a_source_that_is_away_and_says_what_is_late(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scrutiny import warehouse
    from scrutiny.declarations import Feed
    from scrutiny.landing import lateness

    away = {"kind": "folder", "path": "/not/mounted/{yyyy}{mm}/"}
    declared = [
        Feed("officers", "999", "commentary", "999/commentary", "s", "quarterly", 10, "team", source=away),
        Feed("posts", "999", "establishment", "999/posts", "s", "monthly", 3, "Workforce team"),
    ]
    monkeypatch.setattr("scrutiny.feeds.feeds", lambda: declared)
    monkeypatch.setattr(lateness, "feeds", lambda: declared)
    monkeypatch.setattr(warehouse, "build", lambda month, on: home)
    monkeypatch.setattr(warehouse, "promote", lambda month: home)
    monkeypatch.setattr(warehouse, "current", lambda: home)
    monkeypatch.setattr(board, "write_board", lambda month: home / "board.html")
    monkeypatch.setattr(quality, "write_quality_page", lambda month: home)
    monkeypatch.setattr(reconciliation, "write_reconciliation_page", lambda month: home / "compared.html")
    said = run.invoke(app, ["load", "--month", "2025-07"])
    assert said.exit_code == 1
    assert "Check that the share is mounted" in said.stderr
    assert "posts: 0 accepted" in said.output
    assert "Late: The posts extract of 2025-07 has not arrived. It was due on 05/08/2025" in said.stderr
    assert "officers could not be loaded" in said.stderr
    assert f"The board: {home / 'board.html'}" in said.output
    assert f"Two systems compared: {home / 'compared.html'}" in said.output


def test_a_month_that_one_system_sent_is_not_compared(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciliation, "write_reconciliation_page", lambda month: None)
    said = run.invoke(app, ["reconciliation", "--month", "2025-09"])
    assert said.exit_code == 1
    assert "no two systems sent an extract of the same dataset for 2025-09" in said.stderr


def test_empty_hands_are_said_to_be_empty(home: Path) -> None:
    assert "Nothing has been received" in run.invoke(app, ["deliveries"]).output
    assert "No such delivery" in run.invoke(app, ["deliveries", "--outcome", "rejected"]).output
    assert "Nothing has been frozen or published" in run.invoke(app, ["snapshots", "list"]).output
    nothing = run.invoke(app, ["snapshots", "verify"])
    assert nothing.exit_code == 1
    assert "nothing has been published" in nothing.stderr


def test_deliveries_are_listed_with_what_to_do(home: Path) -> None:
    from scrutiny.feeds import feeds
    from scrutiny.landing import receive
    from scrutiny.periods import Month

    folder = home / "inbox" / "999" / "cin" / "2025-07"
    folder.mkdir(parents=True)
    (folder / "cin_census_2025-26.xml").write_text("<Message><Header>")
    [receipt] = receive(next(feed for feed in feeds() if feed.dataset == "cin"), Month(2025, 7))
    said = run.invoke(app, ["deliveries", "--outcome", "rejected", "--month", "2025-07"])
    assert said.exit_code == 0
    assert f"{receipt.delivery_id} was rejected" in said.output
    assert "No such delivery" in run.invoke(app, ["deliveries", "--month", "2025-08"]).output


def test_a_damaged_snapshot_fails_the_check(home: Path) -> None:
    from scrutiny.snapshots.manifest import make_read_only, write_manifest

    version = home / "snapshots" / "2025-26-Q2" / "v1.0.0"
    version.mkdir(parents=True)
    (version / "provenance.json").write_text("{}")
    write_manifest(version)
    make_read_only(version)
    assert run.invoke(app, ["snapshots", "verify", str(version)]).exit_code == 0
    (version / "provenance.json").chmod(0o644)
    (version / "provenance.json").write_text('{"changed": true}')
    damaged = run.invoke(app, ["snapshots", "verify", str(version)])
    assert damaged.exit_code == 1
    assert "DAMAGED" in damaged.output
    assert "provenance.json: changed" in damaged.output
    version.chmod(0o755)
