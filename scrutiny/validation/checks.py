"""Runs every rule on every table of an open delivery and gathers which rows broke which rule."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from scrutiny import datasets
from scrutiny.validation import volumes
from scrutiny.validation.delivery import OpenDelivery, quoted
from scrutiny.validation.engine import CodeSets, Judge, ValidationBug, failing_rows
from scrutiny.validation.suites import Rule, rules

_ROWS_THAT_COUNT = 10
_ACTION = "Correct the extract as the error report says and send the whole delivery again."


@dataclass(frozen=True)
class Outcome:
    """One rule on one table: rows checked and rows that broke it (1 if the table as a whole did).

    ``failed`` is None for a rule that was not run because the delivery lacks what it needs.
    """

    rule: Rule
    checked: int
    failed: int | None


@dataclass(frozen=True)
class Rejection:
    """Why a delivery cannot be used, in the four parts a receipt keeps."""

    rule: str
    what: str
    where: str
    action: str


@dataclass(frozen=True)
class ValidationResult:
    """What the rules found. Holds counts and row numbers, never a value of the delivery.

    ``problems`` has a row for each source row that broke a rule: ``outcome`` (position in ``outcomes``,
    int32) and ``row_number`` (int64, null for the table as a whole). ``received``, ``set_aside`` and
    ``queried`` count rows by table; a row that broke an error rule counts as set aside only.
    """

    outcomes: tuple[Outcome, ...]
    problems: pa.Table
    received: dict[str, int]
    set_aside: dict[str, int]
    queried: dict[str, int]
    required_tables: tuple[str, ...] = ()
    lost_months: tuple[str, ...] = ()

    @property
    def rejection(self) -> Rejection | None:
        """The first rejecting rule that failed, or None if the delivery can be used.

        A delivery that loses every row of a table it cannot do without, of a table of ten rows or more, or of
        one of its months is rejected too: accepted, it would count as an empty one, and figures would be zero
        where they are unavailable.
        """
        for outcome in self.outcomes:
            if outcome.rule.severity == "reject" and outcome.failed:
                columns = f", column {', '.join(outcome.rule.columns)}" if outcome.rule.columns else ""
                return Rejection(
                    rule=outcome.rule.code,
                    what=outcome.rule.message,
                    where=f"table {outcome.rule.table}{columns}",
                    action=_ACTION,
                )
        for table, received in self.received.items():
            is_judged = table in self.required_tables or received >= _ROWS_THAT_COUNT
            if received and is_judged and self.set_aside[table] == received:
                return Rejection(
                    rule="nothing_usable",
                    what=f"Every row of the table {table} breaks an error rule",
                    where=f"table {table}",
                    action=_ACTION,
                )
        if self.lost_months:
            return Rejection(
                rule="nothing_usable",
                what=f"Every row of {', '.join(self.lost_months)} breaks an error rule",
                where=f"table {self.required_tables[0]}, column Month",
                action=_ACTION,
            )
        return None


def validate(delivery: OpenDelivery) -> ValidationResult:
    """Run the suites of the delivery's dataset for its collection year, then the volume rules.

    Fills the table ``problems`` of the delivery's database, from which staging knows the rows to leave out.
    Raises SuiteError or ValidationBug for a fault of the suites.
    """
    connection = delivery.connection
    connection.execute("delete from problems")
    delivery.keep_views()
    judge = Judge(connection)
    outcomes: list[Outcome] = []
    for table in delivery.layout.tables:
        checked = delivery.rows(table.name)
        # An absent or empty table breaks no rule about its rows, but may break one about the table.
        table_rules = rules(delivery.receipt.dataset, table.name, delivery.financial_year)
        code_sets = _code_sets(delivery, table_rules)
        run = [rule for rule in table_rules if rule.needs <= delivery.companions]
        found = {
            position: _record(delivery, rule, len(outcomes) + position, code_sets) if checked else 0
            for position, rule in enumerate(run)
        }
        outcomes += [Outcome(rule, checked, found[position]) for position, rule in enumerate(run)]
        suspected = {position for position, failed in found.items() if failed}
        if checked and judge.broken(table.name, run, code_sets, suspected) != suspected:
            raise ValidationBug(f"table {table.name}: rows were found that break a rule which holds")
        outcomes += [Outcome(rule, 0, None) for rule in table_rules if not rule.needs <= delivery.companions]
    received = {table.name: delivery.rows(table.name) for table in delivery.layout.tables}
    set_aside = _count(delivery, outcomes, "error")
    for rule, checked, holds in volumes.judge(delivery.receipt, received, set_aside):
        if not holds:
            connection.execute("insert into problems values ($1, null, null)", [len(outcomes)])
        outcomes.append(Outcome(rule, checked, int(not holds)))
    problems = connection.execute(
        "select outcome, row_number from problems order by row_id nulls first, outcome"
    ).to_arrow_table()
    return ValidationResult(
        outcomes=tuple(outcomes),
        problems=problems,
        received=received,
        set_aside=set_aside,
        queried=_count(delivery, outcomes, "query"),
        required_tables=datasets.dataset(delivery.receipt.dataset).required_tables,
        lost_months=_lost_months(delivery, outcomes),
    )


def rows_with(outcomes: list[Outcome] | tuple[Outcome, ...], severity: str, table: str) -> str:
    """SQL for the ``row_id`` of the rows of a table that broke a rule of a severity."""
    positions = [
        str(position)
        for position, outcome in enumerate(outcomes)
        if outcome.rule.severity == severity and outcome.rule.table == table
    ]
    return (
        f"select distinct row_id from problems where outcome in ({', '.join(positions) or '-1'}) "
        "and row_id is not null"
    )


def _lost_months(delivery: OpenDelivery, outcomes: list[Outcome]) -> tuple[str, ...]:
    """Of a dataset whose rows say their month, the months whose every row broke an error rule."""
    dataset = datasets.dataset(delivery.receipt.dataset)
    if dataset.period != "months":
        return ()
    (table,) = dataset.required_tables
    lost = delivery.connection.execute(
        f'select "Month" from {quoted(table)} where "Month" is not null group by "Month" '
        f"having bool_and(row_id in ({rows_with(outcomes, 'error', table)})) order by 1"
    ).fetchall()
    return tuple(month for (month,) in lost)


def _record(delivery: OpenDelivery, rule: Rule, position: int, code_sets: CodeSets) -> int:
    (failed,) = delivery.connection.execute(
        f"insert into problems select {position}, row_id, row_number "
        f"from (select distinct row_id from ({failing_rows(rule, code_sets)})) as found "
        f"left join {quoted(rule.table)} using (row_id)"
    ).fetchone() or (0,)
    return int(failed)


def _count(delivery: OpenDelivery, outcomes: list[Outcome], severity: str) -> dict[str, int]:
    counts = {}
    for table in delivery.layout.tables:
        select = rows_with(outcomes, severity, table.name)
        if severity == "query":
            select += f" and row_id not in ({rows_with(outcomes, 'error', table.name)})"
        row = delivery.connection.execute(f"select count(*) from ({select})").fetchone()
        counts[table.name] = int(row[0]) if row else 0
    return counts


def _code_sets(delivery: OpenDelivery, table_rules: list[Rule]) -> CodeSets:
    names = {
        expectation.kwargs["code_set"]
        for rule in table_rules
        for expectation in rule.expectations
        if "code_set" in expectation.kwargs
    }
    return {name: delivery.code_set(name) for name in sorted(names)}
