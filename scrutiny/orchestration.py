"""What the DAG files share: which period a run is for, who signs off, whom to tell when something fails.

The period of a run is its partition key or, on a run started by hand without one, the parameter of the
trigger form. It is never taken from the clock or a logical date, which are absent or wrong on such runs.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from scrutiny.declarations import FeedError, alert_connection, feeds
from scrutiny.periods import Month, PeriodError, Quarter
from scrutiny.settings import settings

if TYPE_CHECKING:
    from scrutiny.snapshots import Approval

log = logging.getLogger(__name__)

TIMEZONE = ZoneInfo("Europe/London")
MONTH_PATTERN = r"^20\d{2}-(0[1-9]|1[0-2])$"
QUARTER_PATTERN = r"^20\d{2}-\d{2}-Q[1-4]$"
WRITERS = "warehouse"
"""The Airflow pool of one slot that every task writing the warehouse or a snapshot waits for."""


class ActionNeeded(Exception):  # noqa: N818
    """Something that people have to see to before it can go on; says what and who, never a value."""


def today() -> dt.date:
    """The day in England, by which an extract is late; nothing else may ask the clock."""
    return dt.datetime.now(TIMEZONE).date()


def load_month(context: Mapping[str, Any]) -> Month:
    """The month a run loads. Raises PeriodError if it has none, is not a month, or is given two."""
    key, typed = context["dag_run"].partition_key, context["params"].get("month")
    if key and typed and key != typed:
        raise PeriodError(f"the run's partition key says {key}, its parameter month says {typed}: give one")
    if not (key or typed):
        raise PeriodError("this run has no month: trigger it with a month like 2025-07")
    return Month.parse(key or typed)


def snapshot_quarter(context: Mapping[str, Any]) -> Quarter:
    """The financial quarter a run publishes. Raises PeriodError like ``load_month``.

    Airflow's key names the calendar quarter (``2025-Q3``), the parameter the financial one (``2025-26-Q2``).
    """
    key, typed = context["dag_run"].partition_key, context["params"].get("quarter")
    if not (key or typed):
        raise PeriodError("this run has no quarter: trigger it with a financial quarter like 2025-26-Q2")
    quarter = Quarter.from_calendar_key(key) if key else Quarter.parse(typed)
    if key and typed and quarter != Quarter.parse(typed):
        raise PeriodError(f"the run's partition key {key} is {quarter}, its parameter says {typed}: give one")
    return quarter


def started_by(context: Mapping[str, Any]) -> str | None:
    """The account that started a run; None if Airflow did. Raises ActionNeeded if it signs off too."""
    user: str | None = context["dag_run"].triggering_user_name
    if user in settings().approvers:
        raise ActionNeeded(
            f"{user} started this run and is one of those who sign it off: somebody else must start it."
        )
    return user


def approvals(answers: Iterable[Mapping[str, Any]]) -> list[Approval]:
    """The sign-offs of a snapshot from the answers two people gave in Airflow, in the order of the approvers.

    The role is the one the settings give the account that answered, whoever the question was put to. Raises
    PublicationError if an account that the settings do not name has answered.
    """
    from scrutiny.snapshots import Approval, PublicationError

    answers = list(answers)
    for answer in answers:
        if answer["responded_by_user"]["id"] not in settings().approvers:
            raise PublicationError(
                f"The account {answer['responded_by_user']['id']} has answered and is not one of the "
                "approvers of SCRUTINY_APPROVERS. Trigger the quarter again and have the two approvers sign."
            )
    return [
        Approval(
            approver=answer["responded_by_user"]["id"],
            role=settings().approvers[answer["responded_by_user"]["id"]],
            approved_at=_moment(answer["responded_at"]),
        )
        for answer in answers
    ]


def record_rejection(draft: Path, answers: Iterable[Mapping[str, Any] | None]) -> Path | None:
    """Write who rejected a draft, when and why, beside it; gives that file, or None if nobody did.

    The draft stays as it is. An answer is None if the question was never asked.
    """
    from scrutiny.snapshots import rejection_of, seal
    from scrutiny.snapshots.states import write_json

    rejections = [
        {
            "draft": draft.name,
            "seal": seal(draft),
            "rejected_by": answer["responded_by_user"]["id"],
            "rejected_at": _moment(answer["responded_at"]).isoformat(timespec="seconds"),
            "reason": answer["params_input"].get("why") or "no reason given",
        }
        for answer in answers
        if answer and "Reject" in answer["chosen_options"]
    ]
    if not rejections:
        return None
    return write_json(rejection_of(draft), rejections)


def require_months(quarter: Quarter) -> None:
    """Make sure the figures of a whole quarter can be frozen. Raises WarehouseError saying what to load.

    Every month of it must have been promoted, and readers must see its last month or a later one.
    """
    from scrutiny import warehouse

    promoted = {path.name[:7] for path in settings().reporting.glob("????-??_r*.duckdb")}
    missing = [str(month) for month in quarter.months if str(month) not in promoted]
    if missing:
        raise warehouse.WarehouseError(f"{quarter} cannot be frozen: load {' and '.join(missing)} first.")
    shown, last = warehouse.current().name[:7], str(quarter.months[2])
    if shown < last:
        raise warehouse.WarehouseError(
            f"{quarter} cannot be frozen: readers see the load of {shown}. Load {last} again first."
        )


def layer_results(month: Month, layer: str) -> dict[str, int]:
    """What dbt made of one layer in the build of a month: nodes by status; the log names each.

    ``layer`` is ``seeds`` or a folder of models; tests count to the layer of the model they test. Raises
    WarehouseError if any node failed or dbt stopped before the layer.
    """
    from scrutiny.warehouse import Build, WarehouseError

    folder = settings().warehouse / "candidates" / str(month)
    artefacts = Build(month, folder, {}).artefacts
    run = artefacts / "run_results.json"
    results = json.loads(run.read_bytes()) if run.exists() else None
    if results is None or Path(results["args"]["log_path"]).parent != folder:
        raise WarehouseError(
            f"dbt's last build was not one of {month}: clear the task build, with downstream."
        )
    manifest = json.loads((artefacts / "manifest.json").read_bytes())
    nodes = manifest["nodes"] | manifest["unit_tests"]
    counts: dict[str, int] = {}
    failed = []
    for result in results["results"]:
        name, status = result["unique_id"], result["status"]
        if _layer(nodes[name], nodes) != layer:
            continue
        log.info("%s %s in %.1f s", status, nodes[name]["name"], result["execution_time"])
        counts[status] = counts.get(status, 0) + 1
        if status in ("error", "fail", "runtime error"):
            failed.append(nodes[name]["name"])
    if failed:
        raise WarehouseError(
            f"{len(failed)} of {sum(counts.values())} failed in {layer}: {', '.join(failed)}."
        )
    return counts


def _layer(node: Mapping[str, Any], nodes: Mapping[str, Mapping[str, Any]]) -> str:
    """The layer of a seed or model, or the last layer of those a test reads."""
    if node["resource_type"] == "seed":
        return "seeds"
    if node["resource_type"] == "model":
        return str(node["fqn"][1])
    read = [nodes[name] for name in node["depends_on"]["nodes"] if name in nodes]
    order = ("seeds", "staging", "intermediate", "marts")
    return max((_layer(model, nodes) for model in read), key=order.index)


def _moment(moment: dt.datetime | str) -> dt.datetime:
    return moment if isinstance(moment, dt.datetime) else dt.datetime.fromisoformat(moment)


def alert(context: Mapping[str, Any]) -> None:
    """Say in the log what failed, for which feed and period, and where to look; write to the feed's owner.

    Of an unforeseen error only the kind is named: its text may quote what it was reading.
    """
    task, run, error = context["task_instance"], context["dag_run"], context.get("exception")
    feed = context.get("feed") or ""
    what = str(error) if isinstance(error, (ActionNeeded, FeedError)) else f"{type(error).__name__}."
    message = (
        f"{task.task_id} of {task.dag_id} failed{f' for feed {feed}' if feed else ''}"
        f"{f' for {run.partition_key}' if run.partition_key else ''}: {what} "
        f"Look at the task's log in Airflow (run {run.run_id}); dags/README.md says how to run it again."
    )
    log.error("ALERT %s", message)
    if feed:
        _write_to_owner(context, feed, message)


def _write_to_owner(context: Mapping[str, Any], name: str, message: str) -> None:
    """Mail an alert to the owner of a feed, if a mail connection and the owner's address are declared."""
    connection = alert_connection()
    addresses = [feed.owner_email for feed in feeds() if feed.feed == name and feed.owner_email]
    if not (connection and addresses):
        return
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier

    subject = f"Scrutiny: the feed {name} needs you"
    mail = SmtpNotifier(to=addresses, subject=subject, html_content=escape(message), smtp_conn_id=connection)
    try:
        mail.notify(context)  # type: ignore[arg-type]
    except Exception as error:  # the log has the alert; a mail server away must not hide what it was about
        fault = type(error).__name__
        log.error("ALERT the owner of %s could not be written to through %s: %s", name, connection, fault)


DEFAULTS: dict[str, Any] = {
    "retries": 2,
    "retry_delay": dt.timedelta(seconds=30),
    "retry_exponential_backoff": True,
    "on_failure_callback": alert,
}
