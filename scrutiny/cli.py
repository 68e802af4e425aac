"""The command line: the same functions the DAGs call, for people at a terminal."""

from __future__ import annotations

import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from scrutiny.periods import FinancialYear, Month, PeriodError
from scrutiny.settings import SettingsError, settings
from scrutiny.snapshot_commands import snapshots_app

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="Turns councils' social care extracts into figures for scrutiny.\n\n"
    "Try `scrutiny demo` first: the whole job on a fictional council. Everything is kept under `data/`, or "
    "where `SCRUTINY_HOME` points.",
)
app.add_typer(snapshots_app, name="snapshots")

console = Console()
errors = Console(stderr=True)


class Outcome(StrEnum):
    """What can become of a delivery."""

    received = "received"
    accepted = "accepted"
    rejected = "rejected"
    duplicate = "duplicate"


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except PeriodError as error:
        raise typer.BadParameter(str(error)) from error


def _fail(error: object) -> typer.Exit:
    errors.print(f"[red]Error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
    return typer.Exit(1)


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise _fail(f"{path} is there already: give another name, or remove it first")


@app.command()
def demo(
    stay: Annotated[
        bool, typer.Option("--stay", help="Leave Airflow running and the two sign-offs to you, until Ctrl-C.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Remove what an earlier demo kept, and do it all again.")
    ] = False,
    population: Annotated[
        int, typer.Option(min=2_000, max=5_000_000, help="People of the fictional council.")
    ] = 260_000,
) -> None:
    """Do the whole job on a fictional council, through a real Airflow on this machine.

    Writes its extracts in their real formats, loads July to September 2025, waits for the quarterly
    snapshot to start by itself, gives both sign-offs as two demo users, publishes, verifies. Run again, it
    goes on where it stopped.

    Examples:

    * `scrutiny demo`
    * `scrutiny demo --stay` to look round Airflow and sign off yourself
    * `scrutiny demo --fresh` to begin again from nothing
    """
    from scrutiny.airflow_service import AirflowError
    from scrutiny.demo import DemoError, run, start_afresh

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ended politely, it ends Airflow too
    try:
        if fresh:
            start_afresh()
        run(console, population, stay)
    except (AirflowError, DemoError) as error:
        raise _fail(error) from error
    except KeyboardInterrupt:
        errors.print("Stopped; every process has ended. Run it again to go on from here.")
        raise typer.Exit(130) from None


def _financial_year(text: str) -> FinancialYear:
    try:
        return FinancialYear.parse(text)
    except PeriodError as error:
        raise typer.BadParameter(str(error)) from error


@app.command()
def template(
    dataset: Annotated[
        str, typer.Argument(help="The extract it is for, like commentary, actions or targets.")
    ],
    year: Annotated[
        FinancialYear,
        typer.Option(
            parser=_financial_year, metavar="YYYY-YY", help="The financial year it is filled in for."
        ),
    ],
    path: Annotated[
        Path | None, typer.Argument(help="Where to write it; <dataset>.xlsx if left out.")
    ] = None,
) -> None:
    """Write the workbook that officers fill in for an extract, with lists to choose from.

    Filled in, it goes into the inbox like any other file.

    Example: `scrutiny template commentary --year 2025-26`
    """
    from scrutiny.datasets import write_template

    target = path or Path(f"{dataset}.xlsx")
    _refuse_existing(target)
    try:
        write_template(dataset, target, year)
    except LookupError as error:
        raise _fail(error.args[0]) from error
    console.print(f"Written: {target}", highlight=False)


@app.command()
def load(
    month: Annotated[Month, typer.Option(parser=_month, metavar="YYYY-MM", help="The month to load.")],
) -> None:
    """Load one month without Airflow: receive, check, stage, build, promote.

    Takes in everything in the inbox up to the month that has not been taken in yet. Running it again is safe.

    Example: `scrutiny load --month 2025-07`
    """
    import duckdb

    from scrutiny import warehouse
    from scrutiny.declarations import FeedError
    from scrutiny.feeds import feeds, printable, unclaimed
    from scrutiny.landing import describe_late, late_feeds
    from scrutiny.load import LoadBug, load_feed
    from scrutiny.orchestration import today
    from scrutiny.reports.board import write_board
    from scrutiny.reports.quality import write_quality_page
    from scrutiny.reports.reconciliation import write_reconciliation_page
    from scrutiny.validation import SuiteError, ValidationBug
    from scrutiny.validation.companions import REFERENCES
    from scrutiny.warehouse.postgres import publish_to_postgres

    failed = []
    try:
        for feed in sorted(feeds(), key=lambda feed: feed.dataset not in REFERENCES):
            try:
                with console.status(f"{feed.feed}"):
                    counts = load_feed(feed, month)
            except (FeedError, LoadBug, OSError, SuiteError, ValidationBug, duckdb.Error) as error:
                _fail(error)
                failed.append(feed.feed)
                continue
            console.print(
                f"{feed.feed}: {counts.accepted} accepted, {counts.rejected} rejected, "
                f"{counts.duplicates} duplicate; {counts.rows_staged} rows staged, "
                f"{counts.rows_set_aside} set aside",
                highlight=False,
            )
        with console.status("dbt"):
            warehouse.build(month, today())
        copy = warehouse.promote(month)
        if database := settings().reporting_postgres:
            publish_to_postgres(copy, database.get_secret_value())
        page = write_quality_page(month)
        compared = write_reconciliation_page(month)
        board_page = write_board(month)
    except (FeedError, SettingsError, warehouse.WarehouseError) as error:
        raise _fail(error) from error
    shown = warehouse.current()
    if shown == copy.resolve():
        console.print(f"{month} is what readers now see: {copy}", soft_wrap=True, highlight=False)
    else:
        console.print(
            f"{month} is kept as {copy}. Readers go on seeing {shown.name[:7]}: load that month again, "
            "so that it takes in what has come.",
            soft_wrap=True,
            highlight=False,
        )
    console.print(f"The board: {board_page}", soft_wrap=True, highlight=False)
    console.print(f"How good its extracts were: {page}", soft_wrap=True, highlight=False)
    if compared:
        console.print(f"Two systems compared: {compared}", soft_wrap=True, highlight=False)
    for feed in late_feeds(month, today()):
        errors.print(f"Late: {describe_late(feed, month)}", highlight=False, soft_wrap=True)
    for path in unclaimed(settings().inbox, today()):
        errors.print(
            f"No feed takes in {escape(printable(str(path)))}: its folder or month is unknown, its month is "
            "yet to come, it may not be read, or it is still on its way.",
            soft_wrap=True,
        )
    if failed:
        raise _fail(f"{', '.join(failed)} could not be loaded; its indicators are shown as unavailable.")


@app.command()
def board(
    month: Annotated[Month, typer.Option(parser=_month, metavar="YYYY-MM", help="The month loaded.")],
) -> None:
    """Write the Performance Board's pack of a load month again, as pages and a workbook.

    Early warnings first, with why and what to look at; then every indicator for 13 months. Every load writes
    it. It is for officers: counts are not suppressed.

    Example: `scrutiny board --month 2025-07`
    """
    from scrutiny.reports.board import write_board
    from scrutiny.warehouse import WarehouseError

    try:
        page = write_board(month)
    except WarehouseError as error:
        raise _fail(error) from error
    console.print(f"Written: {page}", soft_wrap=True, highlight=False)


@app.command()
def quality(
    month: Annotated[Month, typer.Option(parser=_month, metavar="YYYY-MM", help="The month loaded.")],
) -> None:
    """Write the data quality page of a load month again.

    What came and what did not, how complete, timely and valid it was over 13 months, and which indicators
    the worst problems endanger. Every load writes it.

    Example: `scrutiny quality --month 2025-07`
    """
    from scrutiny.declarations import FeedError
    from scrutiny.reports.quality import write_quality_page
    from scrutiny.warehouse import WarehouseError

    try:
        page = write_quality_page(month)
    except (FeedError, WarehouseError) as error:
        raise _fail(error) from error
    console.print(f"Written: {page}", soft_wrap=True, highlight=False)


@app.command()
def reconciliation(
    month: Annotated[Month, typer.Option(parser=_month, metavar="YYYY-MM", help="The month loaded.")],
) -> None:
    """Write the page that compares two systems again, for a load month both sent an extract for.

    Records by table, those that one system has alone, fields that differ, and each indicator by either. Every
    load of such a month writes it.

    Example: `scrutiny reconciliation --month 2025-07`
    """
    from scrutiny.declarations import FeedError
    from scrutiny.reports.reconciliation import write_reconciliation_page
    from scrutiny.warehouse import WarehouseError

    try:
        page = write_reconciliation_page(month)
    except (FeedError, WarehouseError) as error:
        raise _fail(error) from error
    if page is None:
        raise _fail(
            f"no two systems sent an extract of the same dataset for {month}: there is nothing to compare"
        )
    console.print(f"Written: {page}", soft_wrap=True, highlight=False)


@app.command("annex-a")
def annex_a(
    month: Annotated[Month, typer.Option(parser=_month, metavar="YYYY-MM", help="The month loaded last.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The workbook to write.")],
    authority: Annotated[
        str | None, typer.Option(metavar="CODE", help="Whose lists, if not the council's own.")
    ] = None,
) -> None:
    """Write the Annex A lists that inspectors ask for, 1 to 11, as one workbook for officers.

    Under pseudonyms, without names and birthdays, as the newest extract has them, each with its look-back.

    Example: `scrutiny annex-a --month 2025-09 --out annex_a.xlsx`
    """
    from scrutiny.reports.annex_a import write_annex_a
    from scrutiny.warehouse import WarehouseError

    _refuse_existing(out)
    try:
        write_annex_a(month, authority or settings().authority, out)
    except (LookupError, WarehouseError) as error:
        raise _fail(error.args[0]) from error
    except OSError as error:
        raise _fail(error) from error
    console.print(f"Written: {out}", soft_wrap=True, highlight=False)


@app.command("data-book")
def data_book(
    year: Annotated[
        FinancialYear, typer.Option(parser=_financial_year, metavar="YYYY-YY", help="The financial year.")
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The workbook to write.")],
    authority: Annotated[
        str | None, typer.Option(metavar="CODE", help="Whose figures, if not the council's own.")
    ] = None,
) -> None:
    """Write every indicator of a financial year by quarter and year, with definitions, for officers.

    Nothing is withheld in it: not for publication. A year that has begun is shown as far as it is known.

    Example: `scrutiny data-book --year 2025-26 --out data_book.xlsx`
    """
    from scrutiny.reports.data_book import write_data_book
    from scrutiny.warehouse import WarehouseError

    _refuse_existing(out)
    try:
        write_data_book(year, authority or settings().authority, out)
    except (LookupError, WarehouseError) as error:
        raise _fail(error.args[0]) from error
    except OSError as error:
        raise _fail(error) from error
    console.print(f"Written: {out}", soft_wrap=True, highlight=False)


@app.command()
def query(
    sql: Annotated[
        str, typer.Argument(help="What to ask, in DuckDB's SQL; `-` reads it from standard input.")
    ],
    csv: Annotated[
        bool, typer.Option("--csv", help="Write CSV, for a spreadsheet or another program.")
    ] = False,
    authority: Annotated[
        str | None, typer.Option(metavar="CODE", help="Ask the copy with this authority's rows only.")
    ] = None,
    officer: Annotated[
        bool, typer.Option("--officer", help="Also the cases behind the figures; with --authority.")
    ] = False,
) -> None:
    """Ask the reporting copy, read-only.

    Examples:

    * `scrutiny query "show all tables"`
    * `scrutiny query "select title, value, rag from reporting.mart_scrutiny_quarter"`
    * `scrutiny query --csv "from reporting.dim_indicator" > indicators.csv`
    * `scrutiny query --officer --authority 999 "from officer.mart_case where indicator_id = 'FD07'"`
    """
    import duckdb

    from scrutiny import warehouse
    from scrutiny.terminal import table, write_csv

    try:
        rows = warehouse.query(sys.stdin.read() if sql == "-" else sql, authority, officer=officer)
    except (warehouse.WarehouseError, duckdb.Error) as error:
        raise _fail(error) from error
    if csv:
        write_csv(rows, sys.stdout)
    else:
        console.print(table(rows))
        errors.print(f"{rows.num_rows} rows", style="dim")


@app.command()
def deliveries(
    outcome: Annotated[Outcome | None, typer.Option(help="Only those that ended so.")] = None,
    month: Annotated[
        Month | None, typer.Option(parser=_month, metavar="YYYY-MM", help="Only those of one load month.")
    ] = None,
) -> None:
    """What arrived and what became of it; for a rejected delivery, what to do.

    Examples:

    * `scrutiny deliveries`
    * `scrutiny deliveries --outcome rejected --month 2025-09`
    """
    from rich.table import Table

    from scrutiny.landing import receipts

    found = [
        receipt
        for receipt in receipts()
        if outcome in (None, receipt.outcome) and (month is None or receipt.load_month == str(month))
    ]
    if not found:
        console.print(
            "No such delivery." if outcome or month else f"Nothing has been received in {settings().home}."
        )
        return
    shown = Table("delivery", "as sent", header_style="bold")
    shown.add_column("outcome")
    for name in ("received", "staged", "set aside"):
        shown.add_column(name, justify="right")
    for receipt in found:
        counts = receipt.tables.values()
        rows = (
            sum(count["received"] for count in counts),
            sum(count["staged"] for count in counts),
            sum(count["set_aside"] for count in counts),
        )
        shown.add_row(
            receipt.delivery_id,
            escape(receipt.name_as_sent),
            receipt.outcome,
            *map(str, rows),
        )
    console.print(shown)
    for receipt in found:
        if receipt.reason:
            console.print(
                f"{receipt.delivery_id} was rejected: {receipt.reason.what} ({receipt.reason.where}). "
                f"{receipt.reason.action} "
                f"The report to send back: {settings().quarantine / receipt.delivery_id}",
                markup=False,
                soft_wrap=True,
                highlight=False,
            )
