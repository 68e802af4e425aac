"""A published version is made again from the archive, and what differs is named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from past import (
    BEFORE,
    CONTENT,
    JULY,
    tables_of_the_correction,
    tables_of_the_quarter_before,
)
from reporting_copy import QUARTER, Tables, write_reporting_copy

from scrutiny.landing import Receipt, receipts
from scrutiny.periods import Month
from scrutiny.settings import settings
from scrutiny.snapshots import PublicationError, find_snapshot, verify
from scrutiny.snapshots.provenance import code
from scrutiny.snapshots.rebuilding import rebuild


class Builder:
    """Makes the reporting copy in the home it is called in, like the monthly load; remembers what it saw."""

    def __init__(self, make: Callable[[], Tables]) -> None:
        self.make = make
        self.home: Path | None = None
        self.asked: tuple[Month, dt.date] | None = None
        self.received: list[Receipt] = []

    def __call__(self, month: Month, on: dt.date) -> None:
        self.home, self.asked, self.received = settings().home, (month, on), receipts()
        assert all(file.path.read_bytes() == CONTENT for each in self.received for file in each.files)
        # The made-up extracts are stored anew when the rows are made: in a home that only holds links.
        for each in self.received:
            for file in each.files:
                file.path.unlink(missing_ok=True)
        write_reporting_copy(settings().reporting, self.make())


def changed() -> Tables:
    tables = tables_of_the_quarter_before()
    tables["fct_measure_month"][0]["numerator"] += 1
    return tables


def files(folder: Path) -> dict[Path, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith("lock"))
    return {path: path.read_bytes() for path in found}


def test_a_correction_comes_out_the_same_with_all_that_was_before_it(past: Path, tmp_path: Path) -> None:
    before = files(past.parent)
    found = rebuild(find_snapshot(str(QUARTER)), tmp_path / "again", Builder(tables_of_the_correction))
    assert found.has_same_figures
    assert found.files == found.provenance == found.unexplained == ()
    assert found.has_same_manifest
    assert "every page, workbook and table is, byte for byte" in found.said[-1]
    assert verify(tmp_path / "again" / "snapshots" / str(QUARTER) / "v1.1.0") == []
    assert files(past.parent) == before, "nothing of the home is changed"
    assert settings().home == past.parent


def test_it_works_in_a_home_of_its_own_and_finds_a_figure_that_differs(past: Path) -> None:
    build = Builder(changed)
    found = rebuild(find_snapshot(str(BEFORE)), None, build)
    assert build.home is not None
    assert build.home != past.parent
    assert not build.home.exists(), "a temporary home is removed"
    assert build.asked == (Month(2025, 9), JULY.date())
    named = {each.delivery_id for each in build.received}
    assert {"999-cin-2025-05-uncounted0", "999-cin-2025-06-eeeeeeeeee"} <= named
    assert {each.outcome for each in build.received} == {"received"}, "as if nothing had been looked at"
    assert found.tables == ("fct_measure_month",)
    assert not found.has_same_figures
    assert "these tables of figures differ: fct_measure_month" in found.said[0]
    assert "figures/fct_measure_month.csv" in found.described()["files_that_differ"]
    assert "figures/fct_measure_month.csv" in found.unexplained


def test_rules_and_code_of_today_are_named_if_they_are_others(
    past: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for path in settings().seeds.iterdir():
        (seeds / path.name).write_bytes(path.read_bytes())
    with (seeds / "targets.csv").open("a", encoding="utf-8") as lines:
        lines.write("999,XX01,2025-26,,1,1,absolute,\n")
    monkeypatch.setenv("SCRUTINY_SEEDS", str(seeds))
    settings.cache_clear()
    other = code() | {"commit": "0123456789abcdef"}
    monkeypatch.setattr("scrutiny.snapshots.rebuilding.code", lambda: other)
    found = rebuild(find_snapshot(str(BEFORE)), None, Builder(tables_of_the_quarter_before))
    assert found.has_same_figures
    assert not found.has_same_manifest
    assert found.rules == ("rules/targets.csv",)
    assert not found.is_same_code
    assert found.unexplained == ()
    assert any("rules of today are not those of then: rules/targets.csv" in line for line in found.said)
    assert any("made with other code" in line for line in found.said)


def test_what_the_archive_lacks_is_named(past: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "landing" / "receipts").mkdir(parents=True)
    (tmp_path / "snapshots").symlink_to(past)
    name = "999-cin-2025-06-eeeeeeeeee"
    content = (past.parent / "landing" / "receipts" / f"{name}.json").read_bytes()
    (tmp_path / "landing" / "receipts" / f"{name}.json").write_bytes(content)
    monkeypatch.setenv("SCRUTINY_HOME", str(tmp_path))
    settings.cache_clear()
    lacks = rf"lacks 999-cin-2025-05-uncounted0 \(no receipt\).* {name} \(cin_census_2025-26\.xml is not in"
    with pytest.raises(PublicationError, match=lacks):
        rebuild(find_snapshot(str(BEFORE)), None, Builder(tables_of_the_quarter_before))


def test_a_folder_that_is_not_empty_is_left_alone(past: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(PublicationError, match="is not empty"):
        rebuild(find_snapshot(str(QUARTER)), tmp_path, Builder(tables_of_the_correction))
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
