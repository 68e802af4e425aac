"""``scrutiny demo``: extracts to signed-off snapshot through the real Airflow scheduler."""

from __future__ import annotations

import json
import re
import shutil
import signal
import sqlite3
import subprocess
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from homes import DEMO_TAKES, MONTHS, PublishedHome, demo_command, demo_environment, processes_on

from scrutiny.feeds import feeds as declared
from scrutiny.periods import FinancialYear, Month
from scrutiny.reports.annex_a import write_annex_a
from scrutiny.reports.data_book import write_data_book
from scrutiny.settings import settings
from scrutiny.snapshots import verify
from scrutiny.synthetic import canaries

pytestmark = pytest.mark.integration


def test_three_months_are_loaded_and_the_quarter_published(published_home: PublishedHome) -> None:
    assert sorted(path.name for path in (published_home.home / "reporting").glob("*.duckdb")) == [
        *(f"{month}_r1.duckdb" for month in MONTHS),
        "current.duckdb",
    ]
    assert (published_home.home / "reporting" / "current.duckdb").readlink() == Path("2025-09_r1.duckdb")
    assert verify(published_home.snapshot) == []
    assert (published_home.snapshot / "public" / "index.html").is_file()
    catalogue = (published_home.home / "snapshots" / "index.html").read_text(encoding="utf-8")
    assert 'href="2025-26-Q2/v1.0.0/public/index.html"' in catalogue


def test_the_command_says_what_came_of_it(published_home: PublishedHome) -> None:
    said = published_home.output
    for words in (
        "What was loaded",
        "What was set aside, and why",
        "Red in 2025-26-Q2",
        "published and verified",
    ):
        assert words in said
    for user in ("approver_children", "approver_adults"):
        assert f"signed off by {user}" in said
    assert str(published_home.snapshot) in said


def test_the_snapshot_started_by_itself(published_home: PublishedHome) -> None:
    runs = _airflow_database(
        published_home, "select dag_id, run_type, partition_key, state from dag_run order by run_after"
    )
    assert runs[:3] == [("monthly_load", "manual", month, "success") for month in MONTHS]
    assert runs[3:] == [("quarterly_snapshot", "asset_triggered", "2025-Q3", "success")]


def test_two_people_signed(published_home: PublishedHome) -> None:
    answered = _airflow_database(
        published_home,
        "select task_id, json_extract(responded_by, '$.id'), chosen_options from hitl_detail "
        "join task_instance on task_instance.id = hitl_detail.ti_id order by responded_at",
    )
    assert [(task, user, json.loads(chosen)) for task, user, chosen in answered] == [
        ("first_sign_off", "approver_children", ["Approve"]),
        ("second_sign_off", "approver_adults", ["Approve"]),
    ]
    provenance = json.loads((published_home.snapshot / "provenance.json").read_text())
    assert [(signed["approver"], signed["role"]) for signed in provenance["approvals"]] == [
        ("approver_children", "Director of Children's Services"),
        ("approver_adults", "Director of Adult Services"),
    ]
    assert provenance["airflow_run_id"].startswith("asset_triggered__")


def test_every_feed_and_layer_has_its_task(published_home: PublishedHome) -> None:
    named = _airflow_database(
        published_home,
        "select distinct task_id, rendered_map_index from task_instance where dag_id = 'monthly_load'",
    )
    feeds = {index for task, index in named if task == "load_feed"}
    assert feeds == {feed.feed for feed in declared()}
    assert {index for task, index in named if task == "late_feed"} == {None}, "no feed of the demo is late"
    assert {"dbt.seeds", "dbt.staging", "dbt.intermediate", "dbt.marts"} <= {task for task, _ in named}


def test_what_tasks_tell_each_other_is_paths_and_counts(published_home: PublishedHome) -> None:
    told = _airflow_database(
        published_home,
        "select task_id, value from xcom where key = 'return_value' and task_id != 'list_feeds'",
    )
    assert told
    assert max(len(value) for _, value in told) < 600


def test_every_month_has_its_board_in_pages_that_load_quickly(published_home: PublishedHome) -> None:
    for month in MONTHS:
        folder = published_home.home / "boards" / month
        pages = [folder / "performance_board.html", *(folder / "performance_board").glob("*.html")]
        assert len(pages) > 3
        assert max(page.stat().st_size for page in pages) < 500_000
        assert (folder / "performance_board.xlsx").exists()


def test_every_month_has_its_data_quality_page(published_home: PublishedHome) -> None:
    pages = [published_home.home / "boards" / month / "data_quality.html" for month in MONTHS]
    assert all("</html>" in page.read_text(encoding="utf-8") for page in pages)
    assert "3 working days late" in pages[2].read_text(encoding="utf-8"), "the extract that came late"
    # The baselines are those of the whole council, of which the demo of the tests is a part.
    with duckdb.connect(str(published_home.home / "reporting" / "current.duckdb"), read_only=True) as marts:
        found = marts.execute(
            "select rule_code, sum(failed), sum(checked) from reporting.mart_validation "
            "where rule_code in ('SET-ASIDE', 'VOL-M', 'VOL-Y') group by rule_code order by rule_code"
        ).fetchall()
    assert [(rule, failed) for rule, failed, _ in found] == [("SET-ASIDE", 0), ("VOL-M", 0)]
    assert all(checked > 100 for _, _, checked in found)


def test_the_months_two_systems_ran_beside_each_other_have_a_page_that_compares_them(
    published_home: PublishedHome,
) -> None:
    july, august, september = (
        published_home.home / "boards" / month / "reconciliation.html" for month in MONTHS
    )
    assert all("new case management" in page.read_text(encoding="utf-8") for page in (july, august))
    assert not september.exists(), "the new system sends alone"
    assert published_home.output.count("a replaced system and its successor, compared") == 2
    assert not list((published_home.home / "warehouse" / "candidates").glob("*-trial"))


def test_the_planted_duplicate_is_the_only_one(published_home: PublishedHome) -> None:
    """Months in which nothing changed are none."""
    receipts = (published_home.home / "landing" / "receipts").glob("*.json")
    found = [json.loads(receipt.read_text(encoding="utf-8")) for receipt in receipts]
    assert [
        (receipt["dataset"], receipt["load_month"], receipt["name_as_sent"])
        for receipt in found
        if receipt["outcome"] == "duplicate"
    ] == [("cld", "2025-08", "cld_2025-07-31.csv")]


def test_no_process_is_left(published_home: PublishedHome) -> None:
    assert processes_on(published_home.home) == []


def test_nothing_after_staging_holds_personal_data(published_home: PublishedHome) -> None:
    """Every artefact but the bytes as sent, in whatever it is packed: planted values must not be found.

    Planted dates are left to the next test: other things happened on the same days.
    """
    texts, planted = _planted()
    sent = (published_home.home / "inbox", published_home.home / "landing" / "files")
    in_what_was_sent = {
        match.decode().lower()
        for folder in sent
        for _, content in _contents(folder)
        for match in planted.findall(content)
    }
    assert len(in_what_was_sent) > 0.9 * len(texts), (
        "the canaries are not in the extracts: none could be found"
    )
    searched, found = 0, set()
    for name, content in _contents(published_home.home, *sent):
        searched += 1
        found |= {(name, match.decode()) for match in planted.findall(content)}
    assert searched > 300
    assert found == set()


def test_the_lists_and_the_data_book_hold_no_personal_data(
    published_home: PublishedHome, tmp_path: Path
) -> None:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SCRUTINY_HOME", str(published_home.home))
        settings.cache_clear()
        write_annex_a(Month(2025, 9), "999", tmp_path / "annex_a.xlsx")
        write_data_book(FinancialYear(2025), "999", tmp_path / "data_book.xlsx")
    settings.cache_clear()
    contents = dict(_contents(tmp_path))
    strings = contents[f"{tmp_path / 'annex_a.xlsx'}!xl/sharedStrings.xml"].decode()
    assert "Child protection plan" in strings
    assert len(re.findall(r"<t>[0-9a-f]{32}</t>", strings)) > 100, "keys of people"
    _, planted = _planted()
    assert [name for name, content in contents.items() if planted.search(content)] == []


def test_nobodys_birthday_is_staged(published_home: PublishedHome) -> None:
    """Dates of birth are known by their month alone, in staged files and in every candidate database."""
    columns = 0
    for path in sorted((published_home.home / "staged").glob("*/*/authority=999/*.parquet")):
        with duckdb.connect() as connection:
            columns += _check_births(connection, f"read_parquet('{path}', hive_partitioning = false)")
    assert columns > 20
    for path in sorted((published_home.home / "warehouse" / "candidates").glob("*/candidate.duckdb")):
        with duckdb.connect(str(path), read_only=True) as connection:
            for table in _tables(connection):
                _check_births(connection, table)


def test_running_it_again_says_that_it_is_done(published_home: PublishedHome) -> None:
    before = _state(published_home.home)
    again = subprocess.run(
        demo_command(), env=demo_environment(published_home.home), capture_output=True, text=True, check=True
    )
    assert "already loaded, signed off and published" in again.stdout
    assert "published and verified" in again.stdout
    assert _state(published_home.home) == before


def test_a_killed_demo_ends_in_the_same_state(
    published_home: PublishedHome, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Killed outright in the first load, its Airflow left behind; run again, it takes over and finishes."""
    home = tmp_path_factory.mktemp("killed") / "home"
    shutil.copytree(published_home.home / "inbox", home / "inbox")
    killed = subprocess.Popen(demo_command(), env=demo_environment(home), stdout=subprocess.DEVNULL)
    until = time.monotonic() + DEMO_TAKES
    while not list((home / "staged").glob("*/*/authority=999/*.parquet")):
        assert killed.poll() is None, "the demo ended before it could be killed"
        assert time.monotonic() < until
        time.sleep(0.1)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert processes_on(home), "killing the command should have left Airflow behind"

    again = subprocess.run(
        demo_command(),
        env=demo_environment(home),
        capture_output=True,
        text=True,
        timeout=DEMO_TAKES,
        check=False,
    )
    assert again.returncode == 0, f"{again.stdout}\n{again.stderr}"
    assert processes_on(home) == []
    resumed = PublishedHome(home, again.stdout, 0)
    assert verify(resumed.snapshot) == []
    for month in MONTHS:
        undisturbed, ours = published_home.release(month), resumed.release(month)
        assert ours.keys() == undisturbed.keys()
        for mart, rows in undisturbed.items():
            assert ours[mart].equals(rows), f"{mart} of {month} differs"


def _airflow_database(published: PublishedHome, sql: str) -> list[tuple[str, ...]]:
    with sqlite3.connect(f"file:{published.home / 'airflow' / 'airflow.db'}?mode=ro", uri=True) as database:
        return database.execute(sql).fetchall()


def _state(home: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(home)): (path.stat().st_size, path.stat().st_mtime_ns)
        for part in ("landing", "staged", "quarantine", "warehouse", "reporting", "snapshots")
        for path in sorted((home / part).rglob("*"))
    }


def _planted() -> tuple[list[str], re.Pattern[bytes]]:
    """The planted values that are no dates, and a pattern that finds them."""
    texts = [value for value in canaries() if not re.fullmatch(r"[\d/-]{10}", value) or value.isdigit()]
    return texts, re.compile("|".join(map(re.escape, texts)).encode(), re.IGNORECASE)


def _contents(folder: Path, *without: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder with its name, unpacked: archives by member, Parquet and DuckDB as text."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or set(without) & set(path.parents):
            continue
        yield str(path), path.name.encode()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for member in archive.namelist():
                    yield f"{path}!{member}", archive.read(member)
        elif path.suffix == ".parquet":
            with duckdb.connect() as connection:
                yield str(path), _as_text(connection, f"read_parquet('{path}', hive_partitioning = false)")
        elif path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as connection:
                for table in _tables(connection):
                    yield f"{path}!{table}", _as_text(connection, table)
        else:
            yield str(path), path.read_bytes()


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute("select schema_name, table_name from duckdb_tables() where not internal")
    return [f'"{schema}"."{table}"' for schema, table in found.fetchall()]


def _as_text(connection: duckdb.DuckDBPyConnection, relation: str) -> bytes:
    rows = connection.execute(f"select columns(*)::varchar from {relation}").fetchall()
    return "\n".join("\t".join(value or "" for value in row) for row in rows).encode()


def _check_births(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    """How many columns of a relation hold births; fails if one holds a day that is not the first."""
    columns = connection.execute(f"describe from {relation}").fetchall()
    births = [name for name, kind, *_ in columns if "birth" in name and kind == "DATE"]
    for name in births:
        found = connection.execute(f'select count(*) from {relation} where day("{name}") <> 1').fetchone()
        assert found == (0,), f"{relation}: {name}"
    return len(births)
