"""Say every working day which quarters have to be published soon and are not."""

import datetime as dt

from airflow.sdk import DAG, CronTriggerTimetable, get_current_context, task

from scrutiny.orchestration import DEFAULTS, TIMEZONE, ActionNeeded, today
from scrutiny.settings import settings

with DAG(
    dag_id="publication_deadlines",
    schedule=CronTriggerTimetable("0 7 * * 1-5", timezone=TIMEZONE.key),
    start_date=dt.datetime.combine(settings().schedule_start(), dt.time(), TIMEZONE),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS | {"owner": "Performance team"},
    tags=["daily", "publication"],
    doc_md="""
### Before papers are due

A quarter is on the agenda of the meetings in `seeds/meetings.csv`. Its papers must be public a number of
clear working days before: neither the day they are published nor the day of the meeting counts. From some
working days before that day until the meeting, a quarter without a current version gets a red `unpublished`
named after it every morning, and an alert that says how it stands. Nothing waits for it, and it stays away
once the quarter is published.
""",
) as dag:

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

    unpublished.expand(name=list_unpublished())
