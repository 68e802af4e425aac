"""Loading a feed: bad deliveries do not stop good ones; a killed load ends where an undisturbed one does."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest

from scrutiny import datasets, files, landing, load
from scrutiny.feeds import Feed
from scrutiny.landing import receiving
from scrutiny.load import LoadBug, load_feed
from scrutiny.periods import Month
from scrutiny.settings import SettingsError, settings

FEED = Feed("children_looked_after", "999", "ssda903", "999/ssda903", "case", "monthly", 5, "team")
JULY = Month(2025, 7)


def drop(folder: str, tables: dict[str, pa.Table]) -> None:
    """Put the tables of a return into the inbox as the case system writes them."""
    target = settings().inbox / "999" / "ssda903" / folder
    target.mkdir(parents=True)
    year = datasets.collection_year_in(folder.split("/")[1])
    for collected in datasets.layout("ssda903").tables_in(year):
        name, table = collected.name, tables[collected.name]
        columns = [column.name for column in collected.columns_in(year)]
        with (target / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(zip(*(table.column(column).to_pylist() for column in columns), strict=True))


@pytest.fixture
def inbox(home: Path, make_tables: Callable[..., dict[str, pa.Table]]) -> Path:
    """Three deliveries: a good one, one whose tables do not fit together, and one that cannot be read."""
    drop("2025-07/ssda903_2025-26", make_tables("ssda903", reviews=[{}, {"REVIEW": "CANARY"}]))
    drop("2025-07/ssda903_2024-25", make_tables("ssda903", episodes=[{"CHILD": "other"}]))
    broken = settings().inbox / "999" / "ssda903" / "2025-07" / "ssda903_2023-24"
    broken.mkdir()
    (broken / "unknown.csv").write_text("A,B\n1,CANARY\n", encoding="utf-8")
    return home


def state(home: Path) -> dict[str, bytes]:
    """Every file of a load but the inbox, and but the time at which deliveries were received."""
    found = {}
    for path in sorted(home.rglob("*")):
        name = str(path.relative_to(home))
        if path.is_file() and not name.startswith("inbox/"):
            found[name] = path.read_bytes()
    return found


@pytest.fixture(autouse=True)
def fixed_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Receipts say when they were received; two loads are only comparable if the clock says the same."""
    now = dt.datetime(2025, 8, 1, 9, 0, tzinfo=dt.UTC)
    clock = SimpleNamespace(now=lambda _zone: now)
    monkeypatch.setattr(receiving, "dt", SimpleNamespace(datetime=clock, UTC=dt.UTC))


def test_bad_deliveries_are_rejected_and_the_others_load(inbox: Path) -> None:
    done = load_feed(FEED, JULY)
    assert (done.accepted, done.rejected, done.duplicates) == (1, 2, 0)
    assert done.rows_staged + done.rows_set_aside == done.rows_received
    outcomes = {receipt.name_as_sent: receipt for receipt in landing.receipts()}
    accepted = outcomes["ssda903_2025-26"]
    assert accepted.outcome == "accepted"
    assert accepted.tables["reviews"] == {"received": 2, "staged": 1, "set_aside": 1, "queried": 0}
    unfit, unreadable = outcomes["ssda903_2024-25"], outcomes["ssda903_2023-24"]
    assert unfit.outcome == unreadable.outcome == "rejected"
    assert unfit.reason is not None
    assert unfit.reason.rule == "903-R1"
    assert unreadable.reason is not None
    assert unreadable.reason.action
    for receipt in outcomes.values():
        assert (settings().quarantine / receipt.delivery_id / "report.html").is_file()
    assert not list(settings().staged.rglob(f"authority=999/{unfit.delivery_id}.parquet"))


def test_a_table_that_did_not_come_is_told_from_one_without_rows(
    home: Path, make_tables: Callable[..., dict[str, pa.Table]]
) -> None:
    drop("2025-07/ssda903_2025-26", make_tables("ssda903", oc3=[], oc2=[]))
    (settings().inbox / "999/ssda903/2025-07/ssda903_2025-26/oc2.csv").unlink()
    assert load_feed(FEED, JULY).accepted == 1
    (receipt,) = landing.receipts()
    assert receipt.tables["oc3"]["received"] == 0
    assert "oc2" not in receipt.tables


def test_nothing_after_landing_holds_a_value_of_a_bad_row(inbox: Path) -> None:
    load_feed(FEED, JULY)
    holding = [name for name, content in state(inbox).items() if b"CANARY" in content]
    assert [name for name in holding if not name.startswith("landing/files/")] == []


def test_loading_again_changes_nothing(inbox: Path) -> None:
    load_feed(FEED, JULY)
    before = state(inbox)
    again = load_feed(FEED, JULY)
    assert (again.accepted, again.rejected, again.rows_received) == (0, 0, 0)
    assert state(inbox) == before


class Killed(BaseException):
    """Stands for the process being killed: no handler of ours may catch it."""


COMMENTARY = Feed("commentary", "999", "commentary", "999/commentary", "team", "monthly", 10, "team")


@pytest.fixture
def small_inbox(home: Path, make_tables: Callable[..., dict[str, pa.Table]]) -> Path:
    """One commentary that loads and one that does not."""
    folder = settings().inbox / "999" / "commentary" / "2025-07"
    folder.mkdir(parents=True)
    table = make_tables("commentary", commentary=[{"Quarter": "2025-26-Q1"}])["commentary"]
    pa_csv.write_csv(table.drop_columns(["row_number"]), folder / "commentary_2025-26-Q1.csv")
    (folder / "commentary_2024-25-Q4.csv").write_text("Indicator\n", encoding="utf-8")
    return home


def test_killed_at_any_step_and_run_again_ends_in_the_same_state(
    small_inbox: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Every file a load writes is renamed into place: the load is killed before each rename in turn."""
    rename = Path.replace
    steps = itertools.count()

    def counting(self: Path, target: Path) -> Path:
        next(steps)
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", counting)
    assert load_feed(COMMENTARY, JULY).accepted == 1
    undisturbed = state(small_inbox)
    total = next(steps)
    assert total > 10

    for last in range(total):
        for folder in ("landing", "quarantine", "staged"):
            (small_inbox / folder).rename(tmp_path / f"{folder}-{last}")
        left = iter(range(last))

        def killed(self: Path, target: Path, left: Any = left) -> Path:
            if next(left, None) is None:
                raise Killed
            return rename(self, target)

        monkeypatch.setattr(Path, "replace", killed)
        with pytest.raises(Killed):
            load_feed(COMMENTARY, JULY)
        monkeypatch.setattr(Path, "replace", rename)
        load_feed(COMMENTARY, JULY)
        assert state(small_inbox) == undisturbed, f"killed before rename {last}"


def test_killed_while_a_late_delivery_makes_another_a_repeat_it_ends_in_the_same_state(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    make_tables: Callable[..., dict[str, pa.Table]],
) -> None:
    """August's delivery was loaded before July's, which is the same, came; the third is held against both."""
    sent = make_tables("commentary", commentary=[{"Quarter": "2025-26-Q1"}])["commentary"]
    other = make_tables("commentary", commentary=[{"Quarter": "2025-26-Q1", "Author": "Another"}])[
        "commentary"
    ]
    folder = settings().inbox / "999" / "commentary"
    for month, table in (("2025-08", sent), ("2025-09", other), ("2025-07", sent)):
        (folder / month).mkdir(parents=True)
        if month == "2025-07":
            assert load_feed(COMMENTARY, JULY + 2).accepted == 2
            shutil.copytree(home, tmp_path / "before")
        pa_csv.write_csv(table.drop_columns(["row_number"]), folder / month / "commentary.csv")
        shutil.copytree(folder, tmp_path / "inbox", dirs_exist_ok=True)
    functions = {name: getattr(Path, name) for name in ("replace", "unlink")}
    steps = itertools.count()

    def load_with(before_each: Callable[[], None]) -> None:
        def stepping(name: str) -> Callable[..., Any]:
            def step(self: Path, *arguments: Any, **options: Any) -> Any:
                before_each()
                return functions[name](self, *arguments, **options)

            return step

        with monkeypatch.context() as patch:
            for name in functions:
                patch.setattr(Path, name, stepping(name))
            load_feed(COMMENTARY, JULY + 2)

    load_with(lambda: next(steps))
    undisturbed = state(home)
    outcomes = {receipt.load_month: receipt.outcome for receipt in landing.receipts()}
    assert outcomes == {"2025-07": "accepted", "2025-08": "duplicate", "2025-09": "accepted"}
    total = next(steps)
    assert total > 20

    for last in range(1, total, 3):
        shutil.rmtree(home)
        shutil.copytree(tmp_path / "before", home)
        shutil.copytree(tmp_path / "inbox", folder, dirs_exist_ok=True)
        at = itertools.count()

        def kill(last: int = last, at: Iterator[int] = at) -> None:
            if next(at) == last:
                raise Killed

        with pytest.raises(Killed):
            load_with(kill)
        load_feed(COMMENTARY, JULY + 2)
        assert state(home) == undisturbed, f"killed before step {last}"


def test_an_unforeseen_fault_is_told_without_values(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: Any) -> None:
        raise ValueError("could not convert 'CANARY'")

    monkeypatch.setattr(load, "validate", failing)
    with pytest.raises(LoadBug) as caught:
        load_feed(FEED, JULY)
    assert "ValueError" in str(caught.value)
    error: BaseException | None = caught.value
    while error is not None:
        assert "CANARY" not in str(error)
        error = error.__cause__ or error.__context__


def test_a_load_refuses_to_start_without_a_key(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRUTINY_DEMO", "false")
    settings.cache_clear()
    with pytest.raises(SettingsError, match="SCRUTINY_PSEUDONYM_KEY"):
        load_feed(FEED, JULY)
    assert landing.receipts() == []


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    target = tmp_path / "new" / "file.txt"

    def half() -> None:
        with files.written_whole(target) as path:
            path.write_text("half")
            raise Killed

    with pytest.raises(Killed):
        half()
    assert not target.exists()
    with files.written_whole(target) as path:
        path.write_text("whole")
    assert [p.name for p in target.parent.iterdir()] == ["file.txt"]
    assert target.read_text() == "whole"
