"""Which extracts are late on a day: what was due before it and brought nothing for the month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from scrutiny import landing
from scrutiny.feeds import feeds
from scrutiny.landing import Receipt, late_feeds, lateness
from scrutiny.periods import Month

AUGUST = Month(2025, 8)
FIFTEENTH = dt.date(2025, 9, 15)


def late(on: dt.date, month: Month = AUGUST) -> list[str]:
    return [feed.feed for feed in late_feeds(month, on)]


def test_feeds_become_late_as_their_days_pass(home: Path) -> None:
    assert late(dt.date(2025, 9, 3)) == []
    assert late(dt.date(2025, 9, 4)) == ["establishment"]
    assert late(FIFTEENTH) == [
        "children_looked_after",
        "children_in_need",
        "adult_client_level",
        "establishment",
    ]
    assert late(FIFTEENTH + dt.timedelta(days=31), AUGUST + 1)[3:] == [
        "workforce_census",
        "establishment",
        "commentary",
    ]


def test_whatever_arrived_for_the_month_is_not_late(home: Path, make_receipt: Callable[..., Receipt]) -> None:
    landing.save(make_receipt("cin", feed="children_in_need", load_month="2025-08", outcome="rejected"))
    landing.save(make_receipt("cld", feed="adult_client_level", load_month="2025-07"))
    assert late(FIFTEENTH) == ["children_looked_after", "adult_client_level", "establishment"]


def test_what_is_said_of_a_late_feed_names_the_day_and_whom_to_ask() -> None:
    feed = next(feed for feed in feeds() if feed.feed == "adult_client_level")
    assert lateness(feed, AUGUST) == (
        "The adult_client_level extract of 2025-08 has not arrived. It was due on 10/09/2025, working day 8 "
        "of the month after: ask Adults' data team."
    )
