"""By when a quarter must be published, and what must be there before it is signed off."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from types import SimpleNamespace

import pytest

from scrutiny.periods import PeriodError, Quarter, bank_holidays, working_days_before
from scrutiny.reports import figures
from scrutiny.settings import settings
from scrutiny.snapshots import readiness, states
from scrutiny.synthetic.scenario import scenario

QUARTER = Quarter.parse("2025-26-Q2")


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("date", "number", "before"),
    [
        ("2025-11-27", 6, "2025-11-19"),
        ("2025-11-27", 0, "2025-11-27"),
        ("2025-12-01", 1, "2025-11-28"),  # a Monday: the Friday before
        ("2026-01-06", 6, "2025-12-24"),  # Christmas, Boxing and New Year's Day are none
        ("2025-05-06", 1, "2025-05-02"),  # Early May bank holiday
        ("2026-04-08", 2, "2026-04-02"),  # Good Friday and Easter Monday
        ("2022-06-06", 3, "2022-05-30"),  # the Platinum Jubilee's days
        ("2023-05-09", 1, "2023-05-05"),  # the Coronation
    ],
)
def test_working_days_are_counted_back(date: str, number: int, before: str) -> None:
    assert working_days_before(day(date), number) == day(before)


def test_a_year_without_bank_holidays_is_not_guessed() -> None:
    with pytest.raises(PeriodError, match="add that year's bank holidays"):
        working_days_before(day("1999-12-06"), 3)


def test_five_clear_days_leave_out_the_day_of_publication_and_the_meeting() -> None:
    meeting = readiness.Meeting(QUARTER, "Panel", day("2025-11-27"), clear_days=5, warning_days=5)
    assert meeting.public_by == day("2025-11-19")
    assert meeting.warn_from == day("2025-11-12")
    between = [
        each
        for each in (meeting.public_by + dt.timedelta(days=n) for n in range(1, 8))
        if each < meeting.date and each.weekday() < 5 and each not in bank_holidays()
    ]
    assert len(between) == 5
    assert str(meeting) == (
        "The papers of the Panel of 27 November 2025 must be public by 19 November 2025, "
        "5 clear working days before it"
    )


@pytest.fixture
def one_meeting(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seeds with one meeting: papers due on 19 November, alerted from the 12th."""
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "bank_holidays.csv").write_bytes((settings().seeds / "bank_holidays.csv").read_bytes())
    (seeds / "meetings.csv").write_text(
        "quarter,committee,meeting_date,clear_days,warning_days\n2025-26-Q2,Panel,2025-11-27,5,5\n"
    )
    monkeypatch.setenv("SCRUTINY_SEEDS", str(seeds))
    settings.cache_clear()


@pytest.mark.parametrize(
    ("on", "is_alerted"),
    [
        ("2025-11-11", False),
        ("2025-11-12", True),
        ("2025-11-19", True),
        ("2025-11-27", True),
        ("2025-11-28", False),
    ],
)
def test_a_quarter_is_alerted_before_its_papers_are_due(one_meeting: None, on: str, is_alerted: bool) -> None:
    assert bool(readiness.at_risk(day(on))) is is_alerted


@pytest.mark.parametrize(
    ("status", "is_alerted", "said"),
    [
        (None, True, "Nothing of it has been frozen yet"),
        ("draft", True, "A draft waits for its sign-offs"),
        ("rejected", True, "Its draft was rejected"),
        ("signed off", True, "scrutiny snapshots publish"),
        ("withdrawn", True, "has been withdrawn"),
        ("published", False, ""),
    ],
)
def test_the_alert_says_how_the_quarter_stands(
    one_meeting: None, monkeypatch: pytest.MonkeyPatch, status: str | None, is_alerted: bool, said: str
) -> None:
    known = [SimpleNamespace(quarter=str(QUARTER), status=status)] if status else []
    monkeypatch.setattr(states, "list_snapshots", lambda: known)
    on = day("2025-11-20")
    risks = readiness.at_risk(on)
    assert bool(risks) is is_alerted
    for meeting in risks:
        text = readiness.describe_risk(meeting, on)
        assert text.startswith("2025-26-Q2 is not published. The papers of the Panel")
        assert "That day has passed." in text
        assert said in text


def test_the_meetings_of_the_seed_can_be_counted_back_from() -> None:
    found = readiness.meetings()
    assert found
    for meeting in found:
        assert meeting.quarter.end < meeting.warn_from < meeting.public_by < meeting.date
        assert readiness.meeting_of(meeting.quarter) is not None
    assert readiness.meeting_of(Quarter.parse("1999-00-Q1")) is None


def test_every_red_needs_a_commentary_and_an_action(monkeypatch: pytest.MonkeyPatch) -> None:
    headlines = [
        {"indicator_id": "AD27", "title": "Reviews", "rag": "red", "commentary": "Late.", "action": "Hire."},
        {"indicator_id": "FD07", "title": "Referrals", "rag": "red", "commentary": "Why.", "action": " "},
        {"indicator_id": "LV02", "title": "In work", "rag": "red", "commentary": None, "action": None},
        {"indicator_id": "CP10", "title": "Plans", "rag": "green", "commentary": None, "action": None},
    ]
    copy = SimpleNamespace(rows=lambda table: headlines)
    monkeypatch.setattr(figures, "read_reporting_copy", lambda path, quarter: copy)
    assert readiness.reds_without_words(QUARTER) == [
        "FD07 Referrals (action)",
        "LV02 In work (commentary and action)",
    ]
    headlines[1]["action"] = "Check closures."
    headlines[2] |= {"commentary": "Why.", "action": "What."}
    assert readiness.reds_without_words(QUARTER) == [], "once the words have come it may go on"


def test_whatever_turns_red_in_the_demo_has_words() -> None:
    """Which indicators do depends on the size of the fictional council."""
    with (settings().seeds / "targets.csv").open(encoding="utf-8", newline="") as lines:
        targets = {row["indicator_id"] for row in csv.DictReader(lines)}
    words = {each["indicator"]: each for each in scenario()["commentary"][str(QUARTER)]}
    assert targets <= words.keys()
    for each in words.values():
        assert all(each[part] for part in ("text", "cause", "action", "owner", "due"))
