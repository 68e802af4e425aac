"""Files are copied into the inbox once, whole, under names that stay there, and never while being written."""

from __future__ import annotations

import datetime as dt
import logging
import os
from pathlib import Path

import pytest

from scrutiny.declarations import Feed, FeedError
from scrutiny.feeds import arrivals, copying, unclaimed
from scrutiny.feeds.copying import Entry, look
from scrutiny.feeds.fetching import fetch
from scrutiny.feeds.folder import Folder
from scrutiny.feeds.incoming import origins
from scrutiny.periods import Month

JULY = Month(2025, 7)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRUTINY_SETTLING_SECONDS", "0")


@pytest.fixture
def share(tmp_path: Path, home: Path) -> Path:
    (tmp_path / "share").mkdir()
    return tmp_path / "share"


def put(share: Path, *names: str) -> None:
    for name in names:
        (share / name).parent.mkdir(parents=True, exist_ok=True)
        (share / name).write_text(name, encoding="utf-8")


def feed_at(share: Path, place: str = "{yyyy}-{mm}/", dataset: str = "cld") -> Feed:
    source = {"kind": "folder", "path": f"{share}/{place}"}
    return Feed(dataset, "999", dataset, f"999/{dataset}", "s", "monthly", 5, "o", source=source)


def in_inbox(home: Path) -> list[str]:
    inbox = home / "inbox"
    return sorted(
        path.relative_to(inbox).as_posix()
        for path in inbox.rglob("*")
        if path.is_file() and "/." not in path.as_posix()
    )


def test_a_copy_keeps_the_time_at_which_its_file_was_written(share: Path, home: Path) -> None:
    put(share, "2025-07/a.csv", "2025-07/b.csv")
    for name, day in (("a.csv", 5), ("b.csv", 7)):
        moment = dt.datetime(2025, 8, day, 15, tzinfo=dt.UTC).timestamp()
        os.utime(share / "2025-07" / name, (moment, moment))
    feed = feed_at(share)
    fetch(feed, JULY)
    assert [arrival.sent_at.day for arrival in arrivals(feed, JULY)] == [5, 7]


@pytest.mark.parametrize(
    ("place", "there", "found"),
    [
        ("{yyyy}-{mm}/", "2025-07/a.csv", "2025-07/a.csv"),
        ("{yyyy}-{mm}/", "2025-07/in/a.csv", "2025-07/in/a.csv"),
        ("{yyyy}-{mm}/", "2025-13/a.csv", None),
        ("{yyyy}-{mm}/", "2025-7/a.csv", None),
        ("{yyyy}-{mm}/cld/", "2025-07/cld/a.csv", "2025-07/a.csv"),
        ("{yyyy}-{mm}/cld/", "2025-07/cin/a.csv", None),
        ("{yyyy}/{mm}/", "2025/06/a.csv", "2025-06/a.csv"),
        ("{yyyy}/{yyyy}{mm}/", "2025/202507/a.csv", "2025-07/a.csv"),
        ("{yyyy}/{yyyy}{mm}/", "2024/202507/a.csv", None),
        ("CLD_{yyyy}{mm}*.csv", "CLD_202507_final.csv", "2025-07/CLD_202507_final.csv"),
        ("CLD_{yyyy}{mm}*.csv", "CLD_202507.csv", "2025-07/CLD_202507.csv"),
        ("CLD_{yyyy}{mm}*.csv", "CLD_202507.csv.part", None),
        ("CLD_{yyyy}{mm}*.csv", "CLD_202507/a.csv", None),
        ("{yyyy}/x ({mm}).csv", "2025/x (07).csv", "2025-07/x (07).csv"),
        ("{yyyy}-{mm}/", "2025-08/later.csv", None),
        ("{yyyy}-{mm}/", "2025-07/.hidden", None),
    ],
)
def test_which_file_is_of_which_month(
    share: Path, home: Path, place: str, there: str, found: str | None
) -> None:
    put(share, there)
    fetch(feed_at(share, place), JULY)
    assert in_inbox(home) == ([f"999/cld/{found}"] if found else [])
    if found:
        assert (home / "inbox/999/cld" / found).read_text() == there


def test_what_was_fetched_is_an_arrival_and_nothing_is_unclaimed(share: Path, home: Path) -> None:
    put(share, "2025-07/ssda903_2025-26/header.csv", "2025-07/ssda903_2025-26/episodes.csv")
    feed = feed_at(share, dataset="ssda903")
    fetch(feed, JULY)
    (arrival,) = arrivals(feed, JULY)
    assert arrival.location == "999/ssda903/2025-07/ssda903_2025-26"
    assert unclaimed(home / "inbox", dt.date(2025, 8, 15)) == []


def test_a_file_is_fetched_again_when_it_changed_or_is_gone(
    share: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    copy = Folder.copy
    monkeypatch.setattr(
        Folder, "copy", lambda self, path, to: copied.append(Path(path).name) or copy(self, path, to)
    )
    put(share, "2025-07/a.csv", "2025-07/b.csv", "2025-06/c.csv")
    for _ in range(2):
        fetch(feed_at(share), JULY)
    assert copied == ["c.csv", "a.csv", "b.csv"]
    os.utime(share / "2025-07/a.csv", (0, 0))
    (home / "inbox/999/cld/2025-06/c.csv").unlink()
    fetch(feed_at(share), JULY)
    assert copied[3:] == ["c.csv", "a.csv"]
    (origin,) = {origins(home / "inbox/999/cld/2025-06")["c.csv"].place}
    assert origin == f"{share}/2025-06/c.csv"


@pytest.mark.parametrize("name", ["b.csv.part", "b.tmp", "in/b.csv.filepart"])
def test_a_month_still_being_written_to_is_left_alone(
    share: Path, home: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    put(share, "2025-07/a.csv", f"2025-07/{name}", "2025-06/done.csv")
    with caplog.at_level(logging.WARNING):
        fetch(feed_at(share), JULY)
    assert in_inbox(home) == ["999/cld/2025-06/done.csv"]
    assert f"{name} is still being written" in caplog.text
    (share / "2025-07" / name).unlink()
    fetch(feed_at(share), JULY)
    assert in_inbox(home) == ["999/cld/2025-06/done.csv", "999/cld/2025-07/a.csv"]


@pytest.mark.parametrize("change", ["grows", "is touched", "is joined by another", "is taken away"])
def test_what_changes_between_two_looks_is_left_alone(
    share: Path, home: Path, change: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    put(share, "2025-07/a.csv", "2025-07/b.csv", "2025-06/done.csv")

    def meanwhile(_seconds: float) -> None:
        if change == "grows":
            with (share / "2025-07/a.csv").open("a") as file:
                file.write("more")
        elif change == "is touched":
            os.utime(share / "2025-07/a.csv", (0, 0))
        elif change == "is joined by another":
            put(share, "2025-07/c.csv")
        else:
            (share / "2025-07/a.csv").unlink()

    monkeypatch.setattr(copying.time, "sleep", meanwhile)
    with caplog.at_level(logging.WARNING):
        fetch(feed_at(share), JULY)
    assert in_inbox(home) == ["999/cld/2025-06/done.csv"]
    assert "still being written" in caplog.text
    monkeypatch.undo()
    fetch(feed_at(share), JULY)
    assert len(in_inbox(home)) == {"is joined by another": 4, "is taken away": 2}.get(change, 3)


class Killed(BaseException):
    """Stands for the process being killed."""


@pytest.mark.parametrize("fault", [OSError(5, "Input/output error"), Killed()])
def test_a_break_half_way_leaves_nothing_half(
    share: Path, home: Path, fault: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(share, "2025-07/a.csv", "2025-07/b.csv")
    copy = Folder.copy

    def breaks(self: Folder, path: str, target: Path) -> None:
        if path.endswith("b.csv"):
            target.write_text("ha")
            raise fault
        copy(self, path, target)

    monkeypatch.setattr(Folder, "copy", breaks)
    with pytest.raises((FeedError, Killed)):
        fetch(feed_at(share), JULY)
    assert in_inbox(home) == []
    assert arrivals(feed_at(share), JULY) == []
    monkeypatch.setattr(Folder, "copy", copy)
    fetch(feed_at(share), JULY)
    assert [path.read_text() for (path,) in (a.files for a in arrivals(feed_at(share), JULY))] == [
        "2025-07/a.csv",
        "2025-07/b.csv",
    ]


def test_a_share_that_is_not_mounted_fails_the_feed_with_what_to_check(share: Path) -> None:
    with pytest.raises(FeedError, match=r"cld, 2025-07: .*No such file.*Check that the share is mounted"):
        fetch(feed_at(share, "gone/{yyyy}-{mm}/"), JULY)


def test_links_are_not_followed(share: Path, home: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("secret")
    (share / "2025-07").mkdir()
    (share / "2025-07/a.csv").symlink_to(tmp_path / "secret.csv")
    (share / "2025-06").symlink_to(tmp_path)
    fetch(feed_at(share), JULY)
    assert in_inbox(home) == []


class Hostile:
    """A store whose names try to leave the folder they are written to."""

    def entries(self, folder: str) -> list[Entry]:
        if folder == "/":
            return [Entry("2025-07", is_folder=True)]
        return [
            Entry(name, False) for name in ("x/../../up.csv", "a\\b.csv", "a\nb.csv", "/etc/x", "good.csv")
        ]

    def copy(self, path: str, target: Path) -> None:
        raise AssertionError


def test_names_that_lead_elsewhere_are_not_taken(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert list(look(Hostile(), "/{yyyy}-{mm}/", JULY)[JULY]) == ["good.csv"]
    assert caplog.text.count("give it a plain name") == 4
