"""What is looked after between the loads."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections import namedtuple
from pathlib import Path

import pytest

from scrutiny import housekeeping, settings
from scrutiny.declarations import feeds
from scrutiny.housekeeping import HousekeepingError, has_come, overdue_feeds, purge, require_room
from scrutiny.periods import Month

DAY = 86_400
NOW = time.time()


def _made(path: Path, days_old: float) -> Path:
    if path.suffix:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    else:
        path.mkdir(parents=True)
    os.utime(path, (NOW - days_old * DAY,) * 2)
    return path


def test_what_newer_things_replaced_goes_after_a_while(home: Path) -> None:
    reporting, candidates = home / "reporting", home / "warehouse" / "candidates"
    replaced = [
        _made(folder / f"2025-08_r1{kind}", 31)
        for folder, kind in (
            (reporting, ""),
            (reporting, ".duckdb"),
            (reporting / "authorities" / "998", ".duckdb"),
        )
    ]
    kept = [
        _made(reporting / "2025-07_r3.duckdb", 90),  # the only one of its month
        _made(reporting / "2025-08_r2.duckdb", 29),  # not replaced long enough ago
        _made(reporting / "2025-08_r10.duckdb", 31),
        _made(reporting / "2025-08_r10", 31),
        _made(reporting / "authorities" / "998" / "2025-08_r2.duckdb", 31),
        _made(candidates / "2025-08", 3),
        _made(candidates / "2025-09", 90),  # failed: it is looked into
    ]
    replaced.append(_made(candidates / "2025-07", 31))
    assert sorted(purge(NOW)) == sorted(replaced)
    assert all(path.exists() for path in kept)
    assert not any(path.exists() for path in replaced)


def test_what_readers_see_stays_however_old(home: Path) -> None:
    shown = _made(home / "reporting" / "2025-08_r1.duckdb", 90)
    _made(home / "reporting" / "2025-08_r2.duckdb", 90)
    (home / "reporting" / "current.duckdb").symlink_to(shown.name)
    assert purge(NOW) == []


def test_a_changed_snapshot_is_named(home: Path) -> None:
    version = home / "snapshots" / "2025-26-Q2" / "v1.0.0"
    version.mkdir(parents=True)
    with pytest.raises(HousekeepingError, match=r"1 of 1 .*2025-26-Q2 1\.0\.0: MANIFEST"):
        housekeeping.verify_snapshots()


def test_only_months_loaded_by_schedule_have_late_feeds(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRUTINY_SCHEDULE_FROM", "2026-04-15")
    settings.settings.cache_clear()
    assert overdue_feeds(dt.date(2026, 3, 31)) == [], "February was loaded by hand"
    assert overdue_feeds(dt.date(2026, 4, 1)) == [], "nothing of March is due yet"
    assert "adult_client_level" in {feed.feed for feed in overdue_feeds(dt.date(2026, 4, 30))}


def test_what_waits_in_the_inbox_has_come(home: Path) -> None:
    (feed,) = (feed for feed in feeds() if feed.feed == "adult_client_level")
    assert not has_come(feed, Month(2026, 3))
    folder = home / "inbox" / feed.location / "2026-03"
    folder.mkdir(parents=True)
    (folder / "events.csv").write_text("some")
    assert has_come(feed, Month(2026, 3))
    assert not has_come(feed, Month(2026, 2))


def test_a_disk_that_fills_up_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir()
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(housekeeping.shutil, "disk_usage", lambda _: usage(6 * 2**30))
    assert require_room() == 6
    monkeypatch.setattr(housekeeping.shutil, "disk_usage", lambda _: usage(4 * 2**30))
    with pytest.raises(HousekeepingError, match=r"4\.0 GiB are free"):
        require_room()
