"""What must be there before a quarter can be signed off, and by when it must be published.

Papers of a meeting are open to the public a number of clear days before it: neither the day they are
published nor the day of the meeting counts, and councils count working days. ``seeds/meetings.csv`` says when
a quarter is on the agenda.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass

from scrutiny.periods import Quarter, working_days_before
from scrutiny.reports.words import date_words
from scrutiny.settings import settings


@dataclass(frozen=True)
class Meeting:
    """A meeting that a quarter is reported to: days as working days, see ``seeds/meetings.csv``."""

    quarter: Quarter
    committee: str
    date: dt.date
    clear_days: int
    warning_days: int

    @property
    def public_by(self) -> dt.date:
        """The last day on which publication leaves the clear days."""
        return working_days_before(self.date, self.clear_days + 1)

    @property
    def warn_from(self) -> dt.date:
        """The day from which it is alerted that the quarter is not published yet."""
        return working_days_before(self.public_by, self.warning_days)

    def __str__(self) -> str:
        return (
            f"The papers of the {self.committee} of {date_words(self.date)} must be public by "
            f"{date_words(self.public_by)}, {self.clear_days} clear working days before it"
        )


def meetings() -> list[Meeting]:
    """Every meeting of ``seeds/meetings.csv``, the earliest first."""
    with (settings().seeds / "meetings.csv").open(encoding="utf-8", newline="") as lines:
        found = [
            Meeting(
                Quarter.parse(row["quarter"]),
                row["committee"],
                dt.date.fromisoformat(row["meeting_date"]),
                int(row["clear_days"]),
                int(row["warning_days"]),
            )
            for row in csv.DictReader(lines)
        ]
    return sorted(found, key=lambda meeting: meeting.date)


def meeting_of(quarter: Quarter) -> Meeting | None:
    """The first meeting a quarter is reported to, if one is fixed."""
    return next((meeting for meeting in meetings() if meeting.quarter == quarter), None)


def at_risk(on: dt.date) -> list[Meeting]:
    """The meetings whose papers are due soon or overdue on a day, their quarter not being published."""
    from scrutiny.snapshots.states import PUBLISHED, list_snapshots

    published = {each.quarter for each in list_snapshots() if each.status == PUBLISHED}
    return [
        meeting
        for meeting in meetings()
        if meeting.warn_from <= on <= meeting.date and str(meeting.quarter) not in published
    ]


def describe_risk(meeting: Meeting, on: dt.date) -> str:
    """What is at risk and how the quarter stands, in sentences."""
    from scrutiny.snapshots.states import list_snapshots

    states = [each.status for each in list_snapshots() if each.quarter == str(meeting.quarter)]
    stands = {
        "draft": "A draft waits for its sign-offs",
        "signed off": "A draft is signed off and was not published: scrutiny snapshots publish does it",
        "rejected": "Its draft was rejected",
        "withdrawn": "What was published has been withdrawn",
        "superseded": "What was published has been withdrawn",
        "damaged": "Its folder is damaged: scrutiny snapshots verify says how",
    }
    now = stands[states[-1]] if states else "Nothing of it has been frozen yet"
    late = " That day has passed." if on > meeting.public_by else ""
    return f"{meeting.quarter} is not published. {meeting}.{late} {now}."


def reds_without_words(quarter: Quarter) -> list[str]:
    """The red indicators of a quarter that lack a commentary or an action, with what they lack.

    Read from the reporting copy the quarter would be frozen from. Raises PublicationError if it cannot be.
    """
    from scrutiny.reports.figures import read_reporting_copy

    figures = read_reporting_copy(settings().reporting / "current.duckdb", quarter)
    return [
        f"{row['indicator_id']} {row['title']} ({' and '.join(lacks)})"
        for row in figures.rows("mart_scrutiny_quarter")
        if row["rag"] == "red"
        and (lacks := [name for name in ("commentary", "action") if not (row[name] or "").strip()])
    ]
