"""What has arrived: which files belong together, what is left alone, and what nobody will pick up."""

import datetime as dt
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scrutiny.datasets import DATASETS
from scrutiny.declarations import FeedError
from scrutiny.feeds import Feed, arrivals, feeds, unclaimed
from scrutiny.periods import Month

TODAY = dt.date(2025, 8, 15)


def feed(dataset: str) -> Feed:
    return next(feed for feed in feeds() if feed.dataset == dataset)


def drop(home: Path, *locations: str) -> None:
    for location in locations:
        path = home / "inbox" / location
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(location, encoding="utf-8")


def found(dataset: str, month: str = "2025-07") -> dict[str, list[str]]:
    return {
        arrival.location: [path.name for path in arrival.files]
        for arrival in arrivals(feed(dataset), Month.parse(month))
    }


def test_the_feeds_of_the_seed() -> None:
    declared = feeds()
    assert {feed.dataset for feed in declared} == set(DATASETS)
    assert len({feed.location for feed in declared}) == len(declared)
    assert all(1 <= feed.due_working_day <= 23 for feed in declared)


def test_folders_archives_and_loose_files_of_a_year_are_deliveries(home: Path) -> None:
    drop(
        home,
        "999/ssda903/2025-07/ssda903_2025-26/episodes.csv",
        "999/ssda903/2025-07/ssda903_2025-26/inner/header.csv",
        "999/ssda903/2025-07/ssda903_2024-25.zip",
        "999/ssda903/2025-07/2017-episodes.csv",
        "999/ssda903/2025-07/2017-header.csv",
        "999/ssda903/2025-07/2018-header.csv",
        "999/ssda903/2025-07/2019-20 header.csv",
        "999/ssda903/2025-07/notes.txt",
    )
    assert found("ssda903") == {
        "999/ssda903/2025-07/*2019-20*.csv": ["2019-20 header.csv"],
        "999/ssda903/2025-07/2017-*.csv": ["2017-episodes.csv", "2017-header.csv"],
        "999/ssda903/2025-07/2018-*.csv": ["2018-header.csv"],
        "999/ssda903/2025-07/notes.txt": ["notes.txt"],
        "999/ssda903/2025-07/ssda903_2024-25.zip": ["ssda903_2024-25.zip"],
        "999/ssda903/2025-07/ssda903_2025-26": ["episodes.csv", "header.csv"],
    }


def test_every_file_of_other_datasets_is_a_delivery(home: Path) -> None:
    drop(home, "999/cld/2025-07/a.csv", "999/cld/2025-07/more/b.csv", "999/cld/2025-07/more/c.csv")
    assert list(found("cld")) == [
        "999/cld/2025-07/a.csv",
        "999/cld/2025-07/more/b.csv",
        "999/cld/2025-07/more/c.csv",
    ]


def test_arrivals_come_in_order_of_month_up_to_the_load_month(home: Path) -> None:
    drop(home, "999/cld/2025-08/a.csv", "999/cld/2025-07/z.csv", "999/cld/2024-12/y.csv")
    assert list(found("cld", "2025-07")) == ["999/cld/2024-12/y.csv", "999/cld/2025-07/z.csv"]
    assert list(found("cld", "2025-08"))[-1] == "999/cld/2025-08/a.csv"
    assert list(found("cld", "2024-11")) == []


@pytest.mark.parametrize("name", [".hidden", "a.csv.part", "a.tmp", "a.csv.filepart"])
def test_what_is_hidden_or_still_being_written_is_left_alone(home: Path, name: str) -> None:
    drop(home, f"999/cld/2025-07/{name}", "999/cld/2025-07/done.csv")
    assert list(found("cld")) == ["999/cld/2025-07/done.csv"]


def test_a_folder_still_being_written_to_is_left_alone_as_a_whole(home: Path) -> None:
    drop(home, "999/ssda903/2025-07/ssda903_2025-26/header.csv")
    drop(home, "999/ssda903/2025-07/ssda903_2025-26/episodes.csv.part")
    assert found("ssda903") == {}
    assert [path.name for path in unclaimed(home / "inbox", TODAY)] == ["episodes.csv.part", "header.csv"]


def test_nothing_in_the_inbox_is_lost_silently(home: Path) -> None:
    lost = [
        "999/cld/2025-13/a.csv",
        "999/cld/b.csv",
        "999/unknown/2025-07/c.csv",
        "997/cld/2025-07/d.csv",
        "e",
        "999/cld/2205-07/g.csv",
        "999/cld/2025-10/two months ahead.csv",
    ]
    drop(home, *lost, "999/cld/2025-07/f.csv", "999/cld/2025-09/next month.csv", "999/cld/.keep")
    assert [path.as_posix() for path in unclaimed(home / "inbox", TODAY)] == sorted(lost)


def test_an_inbox_that_is_not_there_is_empty(home: Path) -> None:
    assert found("cld") == {}
    assert unclaimed(home / "inbox", TODAY) == []


@pytest.fixture
def may_not_be_read(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Takes the permission to read a folder away, also from an account that may read everything."""
    forbidden = set()
    scandir = os.scandir

    def guarded(path: str | Path) -> object:
        if Path(path) in forbidden:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    return forbidden.add


def test_a_folder_that_may_not_be_read_is_an_arrival_that_will_be_rejected(
    home: Path, may_not_be_read: Callable[[Path], None]
) -> None:
    drop(home, "999/ssda903/2025-07/ssda903_2025-26/header.csv", "999/ssda903/2025-07/ssda903_2024-25/a.csv")
    drop(home, "999/ssda903/2025-06/ssda903_2025-26/header.csv")
    may_not_be_read(home / "inbox/999/ssda903/2025-07/ssda903_2025-26")
    may_not_be_read(home / "inbox/999/ssda903/2025-06")
    assert found("ssda903") == {
        "999/ssda903/2025-06": ["2025-06"],
        "999/ssda903/2025-07/ssda903_2024-25": ["a.csv"],
        "999/ssda903/2025-07/ssda903_2025-26": ["ssda903_2025-26"],
    }
    assert unclaimed(home / "inbox", TODAY) == []


def test_a_feed_whose_folder_may_not_be_read_says_so_and_no_other_suffers(
    home: Path, may_not_be_read: Callable[[Path], None]
) -> None:
    drop(home, "999/ssda903/2025-07/header.csv", "999/cld/2025-07/a.csv", "997/b.csv")
    may_not_be_read(home / "inbox/999/ssda903")
    may_not_be_read(home / "inbox/997")
    with pytest.raises(FeedError, match=r"999/ssda903.*permission"):
        arrivals(feed("ssda903"), Month(2025, 7))
    assert list(found("cld")) == ["999/cld/2025-07/a.csv"]
    assert [path.as_posix() for path in unclaimed(home / "inbox", TODAY)] == ["997", "999/ssda903"]


@pytest.fixture
def deep(home: Path) -> Iterator[Callable[[str], None]]:
    """Makes folders 1,100 deep in each other, more than a search that calls itself can bear."""

    def make(location: str) -> None:
        top = home / "inbox" / location
        top.mkdir(parents=True)
        here = os.open(top, os.O_RDONLY)
        for _ in range(1_100):
            os.mkdir("d", dir_fd=here)
            here, above = os.open("d", os.O_RDONLY, dir_fd=here), here
            os.close(above)
        os.close(here)

    yield make
    subprocess.run(["rm", "-rf", home / "inbox"], check=True)  # pytest's own clearing up calls itself


@pytest.mark.parametrize("dataset", ["cld", "ssda903"])
def test_folders_however_deep_end_the_search(home: Path, deep: Callable[[str], None], dataset: str) -> None:
    deep(f"999/{dataset}/2025-07/deep")
    ((_, files),) = found(dataset).items()
    assert files == ["d"], "the first folder that is too deep stands for all that is in it"
    assert unclaimed(home / "inbox", TODAY) == []
