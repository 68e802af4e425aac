"""Looks after what lies between the loads: versions, late extracts, what may go, room on the disk."""

import datetime as dt
import logging

from airflow.sdk import DAG, CronTriggerTimetable, get_current_context, task

from scrutiny.orchestration import DEFAULTS, TIMEZONE, WRITERS, ActionNeeded, today
from scrutiny.settings import settings

log = logging.getLogger(__name__)

with DAG(
    dag_id="housekeeping",
    schedule=CronTriggerTimetable("30 5 * * *", timezone=TIMEZONE.key),
    start_date=dt.datetime.combine(settings().schedule_start(), dt.time(), TIMEZONE),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS | {"owner": "Performance team"},
    tags=["daily", "operations"],
    doc_md="""
### Look after what lies between the loads

Runs every morning, and by hand whenever you like. Each task stands for itself; a red one names what to do.

* `verify_snapshots`: every published version is, byte for byte, what was published.
* `late_feed`, one task a feed: the extract of last month was due before today, and neither a load nor the
  feed's source has it. Its owner is alerted every morning until it has come.
* `unpublished`, one task a quarter: papers of a meeting in `seeds/meetings.csv` are due soon or overdue, and
  the quarter has no current version. The alert says how it stands, every morning until the meeting.
* `purge`: reporting copies and candidates that newer ones replaced a month ago are removed
  (`SCRUTINY_KEEP_SUPERSEDED_DAYS`). What was received, staged or published stays.
* `room`: less than 5 GiB (`SCRUTINY_LEAST_FREE_GIB`) free is an alert.
""",
) as dag:

    @task
    def verify_snapshots() -> int:
        """Check every published version against its manifest. Returns how many there are."""
        from scrutiny import housekeeping

        return housekeeping.verify_snapshots()

    @task
    def list_overdue() -> list[str]:
        """The names of the feeds whose extract of last month is overdue and not received."""
        from scrutiny.housekeeping import overdue_feeds

        return [feed.feed for feed in overdue_feeds(today())]

    @task(map_index_template="{{ feed }}", retries=0)
    def late_feed(name: str) -> None:
        """Fetch once more what is overdue; if it is not there, show it in red and tell its owner."""
        context = get_current_context()
        context["feed"] = name  # type: ignore[typeddict-unknown-key]
        from scrutiny.declarations import FeedError, feeds
        from scrutiny.housekeeping import has_come
        from scrutiny.landing import describe_late
        from scrutiny.periods import Month

        month = Month(today().year, today().month) - 1
        feed = next(feed for feed in feeds() if feed.feed == name)
        if not has_come(feed, month):
            raise FeedError(describe_late(feed, month))
        log.info("the extract of %s has come and waits for the load", month)

    @task
    def list_unpublished() -> list[str]:
        """The quarters whose papers are due soon, or overdue, and that have no current version."""
        from scrutiny.snapshots.readiness import at_risk

        return sorted({str(meeting.quarter) for meeting in at_risk(today())})

    @task(map_index_template="{{ quarter }}", retries=0)
    def unpublished(name: str) -> None:
        """Show in red, and alert, that a quarter has to be published by a day and is not."""
        get_current_context()["quarter"] = name  # type: ignore[typeddict-unknown-key]
        from scrutiny.snapshots.readiness import at_risk, describe_risk

        on = today()
        for meeting in at_risk(on):
            if str(meeting.quarter) == name:
                raise ActionNeeded(describe_risk(meeting, on))

    @task(pool=WRITERS)
    def purge() -> int:
        """Remove superseded reporting copies and candidates. Returns how many went; the log names them."""
        from scrutiny import housekeeping

        gone = housekeeping.purge()
        for path in gone:
            log.info("removed %s", path)
        return len(gone)

    @task
    def room() -> float:
        """Fail if the disk fills up. Returns what is free, in GiB."""
        from scrutiny.housekeeping import require_room

        return round(require_room(), 1)

    verify_snapshots()
    late_feed.expand(name=list_overdue())
    unpublished.expand(name=list_unpublished())
    purge() >> room()
