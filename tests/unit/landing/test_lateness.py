"""Which extracts are late on a day: what was due before it and brought nothing for the month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from scrutiny import landing
from scrutiny.feeds import Feed
from scrutiny.landing import Receipt, describe_late, late_feeds, lateness
from scrutiny.periods import Month

AUGUST = Month(2025, 8)
FIFTEENTH = dt.date(2025, 9, 15)
ADULTS = Feed("adults", "999", "cld", "999/cld", "s", "monthly", 8, "Adults' data team")
POSTS = Feed("posts", "999", "establishment", "999/posts", "s", "monthly", 3, "team")
COMMENTARY = Feed("officers", "999", "commentary", "999/commentary", "s", "quarterly", 10, "team")
CENSUS = Feed("census", "999", "csww", "999/csww", "s", "yearly", 10, "team", due_month=9)


@pytest.fixture(autouse=True)
def declared(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lateness, "feeds", lambda: [ADULTS, POSTS, COMMENTARY, CENSUS])


def late(on: dt.date, month: Month = AUGUST) -> list[str]:
    return [feed.feed for feed in late_feeds(month, on)]


def test_feeds_become_late_as_their_days_pass() -> None:
    assert late(dt.date(2025, 9, 3)) == []
    assert late(dt.date(2025, 9, 4)) == ["posts"]
    assert late(FIFTEENTH) == ["adults", "posts"]
    assert late(dt.date(2025, 10, 15), AUGUST + 1) == ["adults", "posts", "officers", "census"]


def test_whatever_arrived_for_the_month_is_not_late(make_receipt: Callable[..., Receipt]) -> None:
    landing.save(make_receipt("establishment", feed="posts", load_month="2025-08", outcome="rejected"))
    landing.save(make_receipt("cld", feed="adults", load_month="2025-07"))
    assert late(FIFTEENTH) == ["adults"]


def test_what_is_said_of_a_late_feed_names_the_day_and_whom_to_ask() -> None:
    assert describe_late(ADULTS, AUGUST) == (
        "The adults extract of 2025-08 has not arrived. It was due on 10/09/2025, working day 8 of the month "
        "after: ask Adults' data team."
    )
