"""The whole job on the fictional council, as ``make run`` and ``make up`` do it.

Extracts in their real formats, three monthly loads through the real Airflow scheduler, the quarterly snapshot
it then starts by itself, two sign-offs by two users through Airflow's API, and a published snapshot that
verifies.
"""

from __future__ import annotations

import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from scrutiny.airflow_service import OPERATOR, Airflow
from scrutiny.periods import Month, Quarter
from scrutiny.settings import settings
from scrutiny.terminal import table

QUARTER = Quarter.parse("2025-26-Q2")
POPULATION = 260_000
_RUN_TAKES = 900  # seconds, on a machine busy with other things
_UNFINISHED = ("queued", "running")


_SUMMARY = {
    "What was loaded": """
        select dataset,
            count(*) filter (outcome = 'accepted') as accepted,
            count(*) filter (outcome = 'rejected') as rejected,
            count(*) filter (outcome = 'duplicate') as duplicates,
            sum(rows_received)::bigint as rows_received, sum(rows_staged)::bigint as rows_staged,
            sum(rows_set_aside)::bigint as rows_set_aside
        from reporting.mart_delivery group by dataset order by dataset
    """,
    "What was set aside, and why": """
        select dataset, rule_code, any_value(message) as rule, sum(failed)::bigint as "rows"
        from reporting.mart_validation where severity = 'error' and failed > 0
        group by dataset, rule_code order by "rows" desc, rule_code
    """,
    f"Red in {QUARTER}": f"""
        select indicator_id, title, value, target, direction_short, cause
        from reporting.mart_scrutiny_quarter
        where financial_quarter = '{QUARTER}' and rag = 'red' order by indicator_id
    """,
}


class DemoError(RuntimeError):
    """A step of the demo did not end as it must; says which and where to look."""


def prepare() -> None:
    """Make this process and its children a run of the demo: no secret, and no load started by the clock."""
    os.environ["SCRUTINY_DEMO"] = "true"
    settings.cache_clear()


def run(console: Console, population: int = POPULATION, stay: bool = False) -> Path | None:
    """Do the whole job and return the published snapshot, or None with ``stay``: then it is left to the user.

    ``population`` is the number of people of the fictional authority. What an earlier run has done is not
    done again. Every process it starts has ended when it returns or raises. Raises DemoError if a load, the
    snapshot or its verification fails, AirflowError if Airflow does.
    """
    prepare()
    if not stay and (published := _published()):
        console.print(
            f"{QUARTER} is already loaded, signed off and published. "
            "To do it all again: scrutiny demo --fresh"
        )
        return _finish(console, published)
    airflow = Airflow(
        settings().home / "airflow", settings().logs / "airflow", dict.fromkeys(settings().approvers, "op")
    )
    try:
        with ThreadPoolExecutor() as beside, _step(console, "Airflow starts while the extracts are written"):
            writing = beside.submit(_write_extracts, population)
            airflow.start()
            said = writing.result()
        console.print(f"  {said}")
        for month in QUARTER.months:
            _load(console, airflow, month)
        run = _quarterly_run(console, airflow)
        if stay:
            _leave_running(console, airflow, run)
            return None
        for user, role in settings().approvers.items():
            _sign_off(console, airflow, run, user, role)
        with _step(console, f"{QUARTER}: publishing"):
            _finish_run(airflow, "quarterly_snapshot", run)
    finally:
        airflow.stop()
    published = _published()
    if published is None:
        raise DemoError(f"Airflow says it has published {QUARTER}, but there is no such snapshot")
    return _finish(console, published)


def start_afresh() -> None:
    """Remove everything an earlier demo kept, published quarters included, which are read-only.

    Raises DemoError if the home is not one of the demo.
    """
    home = settings().home
    if not home.exists():
        return
    if not (home / "inbox" / ".complete").exists():
        raise DemoError(f"{home} does not hold a finished demo: look what it is, and remove it yourself")
    for folder in (home, *(path for path in home.rglob("*") if path.is_dir() and not path.is_symlink())):
        folder.chmod(0o755)
    shutil.rmtree(home)


def _write_extracts(population: int) -> str:
    """Write the inbox once. The mark is left last, so that a killed run writes it again."""
    from scrutiny.synthetic import authorities, write_extracts

    mark = settings().inbox / ".complete"
    if mark.exists():
        return "the extracts were already in the inbox"
    for code, people in authorities(population).items():
        write_extracts(
            settings().inbox, authority_code=code, population=people, months=tuple(map(str, QUARTER.months))
        )
    mark.touch()
    files = [path for path in settings().inbox.rglob("*") if path.is_file() and path != mark]
    megabytes = sum(path.stat().st_size for path in files) / 1e6
    return f"{len(files)} files, {megabytes:.0f} MB, in {settings().inbox}"


def _load(console: Console, airflow: Airflow, month: Month) -> None:
    runs = airflow.call("GET", "/dags/monthly_load/dagRuns", params={"limit": 100})["dag_runs"]
    mine = [run for run in runs if run["partition_key"] == str(month)]
    if any(run["state"] == "success" for run in mine):
        console.print(f"[green]✓[/] {month} was already loaded")
        return
    with _step(console, f"{month}: loading") as say:
        unfinished = [run for run in mine if run["state"] in _UNFINISHED]
        run = (
            unfinished[0]
            if unfinished
            else airflow.call(
                "POST",
                "/dags/monthly_load/dagRuns",
                json={"logical_date": None, "partition_key": str(month), "note": "Started by scrutiny demo"},
            )
        )
        _finish_run(airflow, "monthly_load", run["dag_run_id"], say)
    console.print(_arrived(month))
    compared = settings().boards / str(month) / "reconciliation.html"
    if compared.exists():
        console.print(f"  a replaced system and its successor, compared: {compared}", soft_wrap=True)


def _quarterly_run(console: Console, airflow: Airflow) -> str:
    """The run of ``quarterly_snapshot`` that Airflow started by itself when the third month was there."""
    found: list[str] = []

    def started() -> bool:
        runs = airflow.call("GET", "/dags/quarterly_snapshot/dagRuns", params={"order_by": "-run_after"})
        found.extend(
            run["dag_run_id"]
            for run in runs["dag_runs"]
            if run["partition_key"] and Quarter.from_calendar_key(run["partition_key"]) == QUARTER
        )
        return bool(found)

    with _step(console, f"{QUARTER}: waiting for Airflow to start the quarterly snapshot by itself"):
        airflow.wait(started, 60, "start quarterly_snapshot")
    return found[0]


def _sign_off(console: Console, airflow: Airflow, run: str, user: str, role: str) -> None:
    """Approve as ``user`` what Airflow asks that user. Does nothing if it was approved before."""
    tasks: list[str] = []

    def asked() -> bool:
        _raise_if_failed(airflow, "quarterly_snapshot", run)
        details = airflow.call("GET", f"/dags/quarterly_snapshot/dagRuns/{run}/hitlDetails", user)
        tasks.extend(
            detail["task_instance"]["task_id"]
            for detail in details["hitl_details"]
            if any(assigned["id"] == user for assigned in detail["assigned_users"])
        )
        return bool(tasks)

    with _step(console, f"{QUARTER}: signed off by {user}, {role}, by this command through Airflow's API"):
        airflow.wait(asked, _RUN_TAKES, f"ask {user} to sign off")
        approval = {"chosen_options": ["Approve"], "params_input": {"why": "Approved by the demo"}}
        airflow.answer("quarterly_snapshot", run, tasks[0], user, **approval)


def _leave_running(console: Console, airflow: Airflow, run: str) -> None:
    users = Table("user", "password", "for", title=f"Airflow runs at {airflow.url}", title_justify="left")
    users.add_row(OPERATOR, airflow.passwords[OPERATOR], "watching and starting loads")
    for user, role in settings().approvers.items():
        users.add_row(user, airflow.passwords[user], f"signing off as {role}")
    console.print(users)
    if published := _published():
        console.print(
            f"{QUARTER} has been signed off and published: {published / 'public' / 'index.html'}\n"
            "To sign off yourself, start again with: scrutiny demo --fresh --stay",
            soft_wrap=True,
        )
    else:
        console.print(
            f"{QUARTER} waits for two sign-offs: log in as each approver and open\n"
            f"{airflow.url}/dags/quarterly_snapshot/runs/{run}/required_actions",
            soft_wrap=True,
        )
    console.print("Ctrl-C ends Airflow; 'make up' goes on from here.")
    if published is None:
        airflow.wait(lambda: _published() is not None, float("inf"), "publish")
        console.print(f"[green]✓[/] {QUARTER} has been published: {_published()}", soft_wrap=True)
    airflow.wait(lambda: False, float("inf"), "run")


def _finish_run(airflow: Airflow, dag: str, run: str, say: Callable[[str], None] | None = None) -> None:
    def finished() -> bool:
        if say:
            say(_where(airflow, dag, run))
        return _raise_if_failed(airflow, dag, run) == "success"

    airflow.wait(finished, _RUN_TAKES, f"finish {dag}")


def _raise_if_failed(airflow: Airflow, dag: str, run: str) -> str:
    state: str = airflow.call("GET", f"/dags/{dag}/dagRuns/{run}")["state"]
    if state == "failed":
        tasks = airflow.call("GET", f"/dags/{dag}/dagRuns/{run}/taskInstances")["task_instances"]
        failed = ", ".join(sorted({task["task_id"] for task in tasks if task["state"] == "failed"}))
        raise DemoError(f"{dag} failed in {failed}: see the logs in {airflow.logs / 'tasks'}")
    return state


def _where(airflow: Airflow, dag: str, run: str) -> str:
    """How far a run is: the tasks under way."""
    tasks = airflow.call("GET", f"/dags/{dag}/dagRuns/{run}/taskInstances")["task_instances"]
    done = sum(task["state"] in ("success", "failed", "skipped") for task in tasks)
    running = [task["rendered_map_index"] or task["task_id"] for task in tasks if task["state"] == "running"]
    return f"{done} of {len(tasks)} tasks" + (f", now {', '.join(running)}" if running else "")


def _published() -> Path | None:
    """The newest published snapshot of the quarter."""
    from scrutiny.snapshots import list_snapshots

    found = [
        snapshot.path
        for snapshot in list_snapshots()
        if snapshot.quarter == str(QUARTER) and snapshot.status == "published"
    ]
    return found[-1] if found else None


def _arrived(month: Month) -> str:
    """What became of the deliveries of a month, in one line."""
    from scrutiny.landing import receipts

    outcomes = Counter(receipt.outcome for receipt in receipts() if receipt.load_month == str(month))
    return "  deliveries: " + ", ".join(f"{number} {outcome}" for outcome, number in sorted(outcomes.items()))


def _finish(console: Console, published: Path) -> Path:
    """Say what was loaded, what was set aside and why, the reds, and where the snapshot is; verify it."""
    from scrutiny.snapshots import verify
    from scrutiny.warehouse import query

    for title, sql in _SUMMARY.items():
        console.print(table(query(sql), title))
    problems = verify(published)
    if problems:
        raise DemoError(f"the snapshot does not verify: {' '.join(problems)}")
    console.print(
        f"[green]✓[/] {QUARTER} is published and verified: {published}\n"
        f"  For members and the public: {published / 'public' / 'index.html'}\n"
        f"  For officers:               {published / 'officer' / 'index.html'}\n"
        '  Ask the marts: scrutiny query "select title, value, target, rag from '
        f"reporting.mart_scrutiny_quarter where financial_quarter = '{QUARTER}'\"",
        soft_wrap=True,
        highlight=False,
    )
    return published


@contextmanager
def _step(console: Console, what: str) -> Iterator[Callable[[str], None]]:
    """Show that something is being done, then that it was, with its seconds."""
    begun = time.monotonic()
    with console.status(what) as status:
        yield lambda detail: status.update(f"{what}: {detail}")
    console.print(f"[green]✓[/] {what} [dim]({time.monotonic() - begun:.0f} s)[/]")
