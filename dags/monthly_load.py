"""Load one month: receive, check and stage every feed, build the indicators, promote them if all is well."""

import datetime as dt
import logging

from airflow.sdk import DAG, Asset, CronPartitionTimetable, Param, TaskGroup, get_current_context, task

from scrutiny.declarations import feeds
from scrutiny.orchestration import (
    DEFAULTS,
    MONTH_PATTERN,
    TIMEZONE,
    WRITERS,
    layer_results,
    load_month,
    today,
)
from scrutiny.settings import settings

log = logging.getLogger(__name__)
feeds()  # a wrong declaration is an import error that everybody sees, not a failure in the night of the load
indicator_marts = Asset("indicator_marts")

with DAG(
    dag_id="monthly_load",
    # On the 15th, once the last extract is due, for the month before.
    schedule=CronPartitionTimetable("0 6 15 * *", timezone=TIMEZONE.key, run_offset=-1, key_format="%Y-%m"),
    start_date=dt.datetime.combine(settings().schedule_start(), dt.time(), TIMEZONE),
    catchup=True,
    max_active_runs=1,
    default_args=DEFAULTS | {"owner": "Performance team"},
    tags=["monthly", "children", "adults", "workforce"],
    params={
        "month": Param(
            None,
            type=["null", "string"],
            pattern=MONTH_PATTERN,
            title="Month",
            description="The month to load, like 2025-07. Leave empty on a run that has a partition key.",
        )
    },
    doc_md="""
### Load one month

Takes in what the feeds brought up to the month, checks it, stages it without personal data, builds the
indicators in a candidate database and, if every test passes, swaps them in for the readers.

* A delivery that cannot be used is rejected with a receipt and an error report; the other feeds go on, and
  the indicators that need it are shown as unavailable.
* A feed that is overdue gets a red `late_feed` named after it, and its owner an alert; nothing waits for it.
* If dbt fails, readers keep what they have. The candidate stays in `warehouse/candidates/<month>`.
* The Performance Board's pack, early warnings first, is `boards/<month>/performance_board.html` and `.xlsx`.
* What came, how good it was and what to do about it is on a page: `boards/<month>/data_quality.html`.
* While a system is replaced and both send an extract, a page compares them:
  `boards/<month>/reconciliation.html`.
* Running it again is safe and ends in the same state. `dags/README.md` has the recipes.
""",
) as dag:

    @task
    def list_feeds() -> list[str]:
        """The names of the feeds of this load, from `seeds/feeds.yaml`."""
        from scrutiny.feeds import printable, unclaimed

        load_month(get_current_context())
        for path in unclaimed(settings().inbox, today()):
            log.warning(
                "no feed takes in %s: unknown folder or month, a month yet to come, not to be read, or still "
                "on its way",
                printable(str(path)),
            )
        return [feed.feed for feed in feeds()]

    @task(multiple_outputs=False)
    def load_references() -> dict[str, int]:
        """Load what other extracts are looked up in (providers, postcodes). Returns rows staged by feed."""
        from scrutiny.load import load_feed as load
        from scrutiny.validation.companions import REFERENCES

        month = load_month(get_current_context())
        references = [feed for feed in feeds() if feed.dataset in REFERENCES]
        return {feed.feed: load(feed, month).rows_staged for feed in references}

    # The timeout is for a server that takes a connection and then says nothing: the build waits for it.
    @task(
        map_index_template="{{ feed }}",
        multiple_outputs=False,
        execution_timeout=dt.timedelta(hours=2),
        trigger_rule="all_done",
    )
    def load_feed(name: str) -> dict[str, int | str]:
        """Fetch, receive, check and stage what has arrived of one feed. Returns counts."""
        context = get_current_context()
        context["feed"] = name  # type: ignore[typeddict-unknown-key]
        from dataclasses import asdict

        from scrutiny.load import load_feed as load

        feed = next(feed for feed in feeds() if feed.feed == name)
        return asdict(load(feed, load_month(context)))

    @task(trigger_rule="all_done")
    def list_late() -> list[str]:
        """The names of the feeds whose extract is overdue on the day of looking."""
        from scrutiny.landing import late_feeds

        return [feed.feed for feed in late_feeds(load_month(get_current_context()), today())]

    @task(map_index_template="{{ feed }}", retries=0)
    def late_feed(name: str) -> None:
        """Show in red, and tell its owner, that the extract of a feed is overdue. Stops nothing."""
        context = get_current_context()
        context["feed"] = name  # type: ignore[typeddict-unknown-key]
        from scrutiny.declarations import FeedError
        from scrutiny.landing import describe_late

        feed = next(feed for feed in feeds() if feed.feed == name)
        raise FeedError(describe_late(feed, load_month(context)))

    with TaskGroup("dbt", tooltip="One dbt build in a candidate database; a task for each layer it built"):

        @task(pool=WRITERS, trigger_rule="all_done", retries=1)
        def build() -> str:
            """Run dbt in a fresh candidate database. A failed feed does not stop it."""
            from scrutiny import warehouse

            return str(warehouse.build(load_month(get_current_context()), today()))

        @task(trigger_rule="all_done", retries=0, multiple_outputs=False)
        def layer(name: str) -> dict[str, int]:
            """What dbt did in one layer, node by node in the log. Fails if any node of it failed."""
            return layer_results(load_month(get_current_context()), name)

        built = build()
        layers = [
            layer.override(task_id=name)(name) for name in ("seeds", "staging", "intermediate", "marts")
        ]
        built >> layers

    @task(pool=WRITERS)
    def promote() -> str:
        """Swap the new marts in for the readers. Returns the path of the reporting copy."""
        from scrutiny import warehouse

        return str(warehouse.promote(load_month(get_current_context())))

    @task(pool=WRITERS)
    def fill_postgres(release: str) -> None:
        """Put the marts into the PostgreSQL database of `SCRUTINY_REPORTING_POSTGRES`, swapped in whole."""
        from pathlib import Path

        from scrutiny.warehouse.postgres import publish_to_postgres

        publish_to_postgres(Path(release), settings().reporting_postgres.get_secret_value())

    @task
    def board_pages() -> str:
        """Write the Performance Board's pack of the month. Returns the path of its first page."""
        from scrutiny.reports.board import write_board

        return str(write_board(load_month(get_current_context())))

    @task
    def quality_page() -> str:
        """Write what officers read about the month's extracts. Returns the path of the page."""
        from scrutiny.reports.quality import write_quality_page

        return str(write_quality_page(load_month(get_current_context())))

    @task
    def reconciliation_page() -> str | None:
        """Compare a replaced system with its successor, if both sent the month. Returns the page's path."""
        from scrutiny.reports.reconciliation import write_reconciliation_page

        page = write_reconciliation_page(load_month(get_current_context()))
        return str(page) if page else None

    @task(outlets=[indicator_marts])
    def announce(*, outlet_events) -> None:
        """Tell Airflow that this month's marts are there. The third of a quarter starts the snapshot."""
        outlet_events[indicator_marts].add_partitions(str(load_month(get_current_context())))

    loaded, late = load_feed.expand(name=list_feeds()), list_late()
    load_references() >> loaded >> [late, built]
    late_feed.expand(name=late) >> built
    promoted, announced = promote(), announce()
    [built, *layers] >> promoted >> [announced, board_pages(), quality_page(), reconciliation_page()]
    if settings().reporting_postgres:
        fill_postgres(promoted) >> announced
