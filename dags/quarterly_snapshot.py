"""Freeze a quarter's figures, have two directors sign them off, publish them."""

import datetime as dt

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import (
    DAG,
    Asset,
    Param,
    PartitionedAssetTimetable,
    QuarterWindow,
    RollupMapper,
    StartOfQuarterMapper,
    get_current_context,
    task,
)
from airflow.sdk.exceptions import AirflowSkipException

from scrutiny.orchestration import (
    DEFAULTS,
    QUARTER_PATTERN,
    TIMEZONE,
    WRITERS,
    ActionNeeded,
    approvals,
    record_rejection,
    require_months,
    snapshot_quarter,
    started_by,
)
from scrutiny.settings import settings


class SignOff(ApprovalOperator):
    """An approval that keeps a rejection too: Airflow itself drops the answer when it skips what follows."""

    def execute_complete(self, context, event):
        context["ti"].xcom_push("answer", event)
        return super().execute_complete(context, event)


with DAG(
    dag_id="quarterly_snapshot",
    schedule=PartitionedAssetTimetable(
        assets=Asset("indicator_marts"),
        default_partition_mapper=RollupMapper(
            upstream_mapper=StartOfQuarterMapper(input_format="%Y-%m", timezone=TIMEZONE.key),
            window=QuarterWindow(),
        ),
    ),
    start_date=dt.datetime(2020, 4, 1, tzinfo=TIMEZONE),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS | {"owner": "Performance team"},
    tags=["quarterly", "children", "adults", "workforce", "publication"],
    params={
        "quarter": Param(
            None,
            type=["null", "string"],
            pattern=QUARTER_PATTERN,
            title="Quarter",
            description="The financial quarter to publish, like 2025-26-Q2. Leave empty on a run with a key.",
        ),
        "reason": Param(
            None,
            type=["null", "string"],
            title="Reason for a correction",
            description="Why a quarter that is already published is published again; both editions print it.",
        ),
    },
    doc_md="""
### Publish one quarter

Starts by itself when the third month of a quarter has loaded, checks that all three are there and that
every red indicator has a commentary and an action, freezes the figures in a draft, and waits for two
different people to sign it off, neither of them whoever started the run: open *Required actions*, look at
the draft, approve or reject, and say why. Only then is it published. A rejected draft stays, with the
reason, and nothing is published; mend the cause and trigger the quarter again. `housekeeping`
alerts before papers are due.

Airflow's key is the calendar quarter: `2025-Q3` is the financial quarter 2025-26 Q2.
""",
) as dag:

    @task(retries=0)
    def check_months() -> str:
        """Fail unless all months are there, a correction says why, and no approver started the run."""
        from scrutiny import snapshots

        context = get_current_context()
        started_by(context)
        quarter = snapshot_quarter(context)
        require_months(quarter)
        snapshots.require_reason(quarter, context["params"]["reason"])
        return str(quarter)

    @task(retries=0)
    def check_words() -> None:
        """Fail, naming them, while a red indicator has no commentary or no action."""
        from scrutiny.snapshots.readiness import reds_without_words

        quarter = snapshot_quarter(get_current_context())
        if reds := reds_without_words(quarter):
            raise ActionNeeded(
                f"No commentary or action for what is red in {quarter}: {', '.join(reds)}. When the words "
                f"have come, load {quarter.months[2]} again and clear this task with downstream."
            )

    @task(pool=WRITERS)
    def freeze_draft() -> str:
        """Freeze the figures, pages and tables in a draft. Returns its path."""
        from scrutiny import snapshots
        from scrutiny.snapshots.readiness import meeting_of

        context = get_current_context()
        quarter, run = snapshot_quarter(context), context["dag_run"].run_id
        draft = snapshots.freeze(quarter, run, built_by=started_by(context))
        context["ti"].xcom_push("seal", snapshots.seal(draft))
        context["ti"].xcom_push("month", str(quarter.months[2]))
        due = meeting_of(quarter) or "No meeting of this quarter is in seeds/meetings.csv"
        context["ti"].xcom_push("due", str(due))
        return str(draft)

    sign_offs = [
        SignOff(
            task_id=task_id,
            task_display_name=f"sign-off: {role}",
            subject=f"{role}: sign off the figures of {{{{ ti.xcom_pull(task_ids='check_months') }}}}",
            body="{% set draft = ti.xcom_pull(task_ids='freeze_draft') %}"
            "{% set pages = '/reports/snapshots/' ~ '/'.join(draft.split('/')[-2:]) %}"
            "{% set month = ti.xcom_pull(task_ids='freeze_draft', key='month') %}"
            "Read the [officer edition]({{ pages }}/officer/index.html) and the "
            "[public edition]({{ pages }}/public/index.html), "
            "[what the public edition withholds]({{ pages }}/review/disclosure.html), "
            "[what changed since last time]({{ pages }}/review/changes.html) and "
            "[how good the extracts were](/reports/boards/{{ month }}/data_quality.html). "
            "{{ ti.xcom_pull(task_ids='freeze_draft', key='due') }}. "
            "The draft is in `{{ draft }}` and has the seal "
            "`{{ ti.xcom_pull(task_ids='freeze_draft', key='seal') }}`. Nothing is published before "
            "two people have approved it, and nothing but this draft.",
            assigned_users={"id": user, "name": role},
            retry_delay=dt.timedelta(seconds=5),
            # A name of its own: Airflow would fill in the run's parameter of the same name.
            params={
                "why": Param(
                    None, type=["null", "string"], title="Why", description="Needed only if you reject"
                )
            },
        )
        for task_id, (user, role) in zip(
            ("first_sign_off", "second_sign_off"), settings().approvers.items(), strict=True
        )
    ]

    @task(pool=WRITERS)
    def publish(draft: str, answers: list[dict]) -> str:
        """Publish the signed-off draft. Returns the path of the snapshot."""
        from pathlib import Path

        from scrutiny import snapshots

        context = get_current_context()
        signed_seal = context["ti"].xcom_pull("freeze_draft", key="seal")
        reason = context["params"]["reason"]
        snapshots.record_sign_offs(Path(draft), approvals(answers), reason, signed_seal)
        return str(snapshots.publish_signed_off(Path(draft)))

    @task(trigger_rule="none_failed")
    def keep_rejection() -> str:
        """Leave who rejected the draft and why beside it. Skipped when nobody did."""
        from pathlib import Path

        context = get_current_context()
        draft = context["ti"].xcom_pull("freeze_draft")
        answers = context["ti"].xcom_pull([sign_off.task_id for sign_off in sign_offs], key="answer")
        kept = record_rejection(Path(draft), answers)
        if kept is None:
            raise AirflowSkipException("nobody rejected the draft")
        return str(kept)

    frozen = freeze_draft()
    first, second = sign_offs
    published = publish(frozen, [first.output, second.output])
    check_months() >> check_words() >> frozen >> first >> second >> published
    published >> keep_rejection()
