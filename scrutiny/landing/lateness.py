"""Which extracts should have arrived by a day and have not."""

from __future__ import annotations

import datetime as dt

from scrutiny.feeds import Feed, feeds
from scrutiny.landing.receipts import receipts
from scrutiny.periods import Month


def late_feeds(month: Month, on: dt.date) -> list[Feed]:
    """The feeds whose extract of a load month was due before a day, and that brought nothing for it."""
    arrived = {receipt.feed for receipt in receipts() if receipt.load_month == str(month)}
    return [feed for feed in feeds() if feed.is_overdue(month, on) and feed.feed not in arrived]


def describe_late(feed: Feed, month: Month) -> str:
    """What is late and whom to ask, in a sentence."""
    return (
        f"The {feed.feed} extract of {month} has not arrived. It was due on {feed.due_date(month):%d/%m/%Y}, "
        f"working day {feed.due_working_day} of the month after: ask {feed.owner}."
    )
