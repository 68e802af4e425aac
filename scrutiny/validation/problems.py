"""Which problems of a delivery are new, still open or fixed since the supplier's last one.

What a delivery's problems were is kept in ``staged/validation/problems/<delivery_id>.parquet``. A problem is
known again by its table, rule and columns and by a keyed hash of the row's key columns as sent; of several
with the same of these, the first is taken for the first. Neither the file nor a comparison holds a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from scrutiny import landing
from scrutiny.files import written_whole
from scrutiny.settings import settings
from scrutiny.staging.pseudonyms import pseudonyms
from scrutiny.validation.checks import Outcome, ValidationResult
from scrutiny.validation.delivery import OpenDelivery, as_sent, quoted

if TYPE_CHECKING:
    from scrutiny.datasets import Table
    from scrutiny.landing import Receipt

NEW, STILL_OPEN = "new", "still open"

PROBLEMS = pa.schema(
    [
        ("table_name", pa.string()),
        ("rule_code", pa.string()),
        ("columns", pa.string()),
        ("problem_key", pa.string()),
        ("occurrence", pa.int64()),
    ]
)
_IDENTITY = ", ".join(PROBLEMS.names)


@dataclass(frozen=True)
class Comparison:
    """The problems of a delivery beside those of the one before.

    ``problems`` has a row for each source row and rule, in the order of ``outcomes`` and rows: ``outcome``
    (its position), ``row_id``, ``row_number`` and ``since``, which is ``new`` or ``still open``. ``fixed``
    counts, by position in ``outcomes``, the problems that were in ``earlier`` and are not found any more.
    """

    earlier: Receipt | None
    problems: pa.Table
    fixed: dict[int, int]


def compare(delivery: OpenDelivery, result: ValidationResult) -> Comparison:
    """Compare a validated delivery with the one before, and keep its problems for the next.

    Of a rule that was not run this time nothing is said to be fixed. Raises SettingsError without a key.
    """
    receipt = delivery.receipt
    earlier = last_checked(receipt, landing.receipts(receipt.authority_code))
    found = _found(delivery, result)
    with duckdb.connect() as connection:
        connection.register("found", found)
        connection.register("rules", _rules(result.outcomes))
        before = PROBLEMS.empty_table() if earlier is None else pq.read_table(_path(earlier))
        connection.register("before", before)
        connection.execute(
            """
            create table identified as
            select
                outcome, row_id, row_number, table_name, rule_code, columns, problem_key,
                row_number() over (
                    partition by outcome, problem_key order by row_id nulls first
                ) as occurrence
            from found join rules using (outcome)
            """
        )
        kept = connection.execute(f"select {_IDENTITY} from identified order by all").to_arrow_table()
        problems = connection.execute(
            f"""
            select
                outcome, identified.row_id, identified.row_number,
                case when before.problem_key is null then '{NEW}' else '{STILL_OPEN}' end as since
            from identified left join before using ({_IDENTITY})
            order by outcome, row_id nulls first
            """
        ).to_arrow_table()
        fixed = connection.execute(
            f"""
            select rules.outcome, count(*)
            from before anti join identified using ({_IDENTITY})
            join rules on
                before.table_name = rules.table_name and before.rule_code = rules.rule_code
                and before.columns = rules.columns
            where rules.was_run
            group by rules.outcome
            """
        ).fetchall()
    with written_whole(_path(receipt)) as path:
        pq.write_table(kept.cast(PROBLEMS), path, compression="zstd")
    return Comparison(earlier, problems, dict(fixed))


def last_reason(receipt: Receipt, known: Sequence[Receipt]) -> str | None:
    """The rule that the feed's delivery before this one was rejected for, if it was."""
    before = [
        other
        for other in known
        if (other.dataset, other.feed) == (receipt.dataset, receipt.feed)
        and other.outcome != "duplicate"
        and other.order < receipt.order
    ]
    last = max(before, key=lambda other: other.order, default=None)
    return last.reason.rule if last and last.reason else None


def last_checked(receipt: Receipt, known: Sequence[Receipt]) -> Receipt | None:
    """The last delivery of the same feed and period that was checked or, if none, the last of the dataset.

    Only those whose turn is before are looked at: a load that is repeated finds the same.
    """

    def is_same_period(other: Receipt) -> bool:
        return (other.feed, other.collection_year, other.period_start, other.period_end) == (
            receipt.feed,
            receipt.collection_year,
            receipt.period_start,
            receipt.period_end,
        )

    before = [
        other
        for other in known
        if other.dataset == receipt.dataset and other.turn < receipt.turn and _path(other).is_file()
    ]
    return max(before, key=lambda other: (is_same_period(other), other.turn), default=None)


def _path(receipt: Receipt) -> Path:
    return settings().staged / "validation" / "problems" / f"{receipt.delivery_id}.parquet"


def _rules(outcomes: tuple[Outcome, ...]) -> pa.Table:
    return pa.table(
        {
            "outcome": pa.array(range(len(outcomes)), pa.int32()),
            "table_name": pa.array([outcome.rule.table for outcome in outcomes], pa.string()),
            "rule_code": pa.array([outcome.rule.code for outcome in outcomes], pa.string()),
            "columns": pa.array(["; ".join(outcome.rule.columns) for outcome in outcomes], pa.string()),
            "was_run": pa.array([outcome.failed is not None for outcome in outcomes], pa.bool_()),
        }
    )


def _found(delivery: OpenDelivery, result: ValidationResult) -> pa.Table:
    """The rows of the table ``problems`` with the keyed hash of each row's key columns."""
    secret, authority = settings().secret(), delivery.receipt.authority_code
    parts = []
    for table in delivery.layout.tables:
        of_table = [
            str(position)
            for position, outcome in enumerate(result.outcomes)
            if outcome.rule.table == table.name
        ]
        rows = delivery.connection.execute(
            f"select problems.outcome, problems.row_id, problems.row_number, "
            f"'problem:{table.name}|' || {_key(table)} as key_text "
            f"from problems left join {quoted(table.name)} using (row_id) "
            f"where problems.outcome in ({', '.join(of_table) or '-1'})"
        ).to_arrow_table()
        keys = pseudonyms(secret, authority, rows["key_text"])
        parts.append(rows.drop_columns("key_text").append_column("problem_key", keys))
    return pa.concat_tables(parts)


def _key(table: Table) -> str:
    """SQL for the key columns of a row as sent, one text; the same for all rows of a table without a key."""
    names = [
        column.name if column.type in ("text", "code") else as_sent(column.name)
        for column in table.columns
        if column.is_key
    ]
    return (
        f"concat_ws(chr(31), {', '.join(f'coalesce({quoted(name)}, chr(30))' for name in names)})"
        if names
        else "''"
    )
