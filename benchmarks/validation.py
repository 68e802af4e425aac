"""Validation: a million rows of text, thirty expectations; here and by Great Expectations on pandas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from benchmarks.measurement import Measurement, seconds, speed_ratio
from scrutiny.datasets import DATE_FORMS
from scrutiny.validation.delivery import as_sent, quoted, typed_columns
from scrutiny.validation.engine import Judge, failing_rows, great_expectation, parameter
from scrutiny.validation.suites import UNEXPECTED_ROWS, Expectation, Rule

ROWS = 1_000_000
_CODES = {
    "sex": ["F", "M", "U"],
    "ethnicity": [f"E{n}" for n in range(18)],
    "event": ["Request", "Assessment", "Service", "Review"],
    "outcome": [f"O{n}" for n in range(16)],
    "service": [f"S{n}" for n in range(9)],
    "component": [f"C{n}" for n in range(25)],
    "reason": [f"R{n}" for n in range(12)],
    "funding": [f"F{n}" for n in range(4)],
}
_DATES = ["born", "start_date", "end_date", "reviewed"]
_NUMBERS = ["cost", "units"]
_TYPES = {
    **dict.fromkeys(_CODES, "code"),
    **dict.fromkeys(_DATES, "date"),
    **dict.fromkeys(_NUMBERS, "decimal"),
}
_REQUIRED = [*_CODES, "person", "reference"]


def run() -> Iterator[Measurement]:
    """Both start from the same million rows of text, as a reader delivers them: columns are typed, rules
    judged, and the rows that break them found. Both must find the same rules broken."""
    table = _table()
    few = table.slice(0, 10)
    _ours(few), _on_pandas(few)  # imports and first use
    found: dict[str, set[int]] = {}

    def here() -> None:
        found["here"] = _ours(table)

    def there() -> None:
        found["there"] = _on_pandas(table)

    here_seconds, there_seconds = seconds(here, repeats=3), seconds(there)
    if found["here"] != found["there"] or not found["here"]:
        raise RuntimeError("the two disagree on which rules are broken")
    yield speed_ratio(
        "validate 1,000,000 rows of text with 30 expectations and find the failing rows",
        here_seconds,
        "Great Expectations on a pandas frame",
        there_seconds,
        8,
    )


def _table() -> pa.Table:
    """Events as text with a few faults: blanks, wrong codes, no dates, ends before starts."""
    codes = ", ".join(
        f"case when i % {100_003 + 2 * n} = 7 then '?' "
        f"else list_extract({values}, 1 + (hash(i + {n}) % {len(values)})::integer) end as {name}"
        for n, (name, values) in enumerate(_CODES.items())
    )
    return duckdb.sql(
        f"""
        select i + 1 as row_id, i + 2 as row_number, {codes}, i::varchar as reference,
            case when i % 99991 <> 5 then 'P' || (i // 4) end as person,
            case when i % 94321 = 9 then '31/02/2000'
                 else strftime(date '1930-01-01' + (hash(i) % 30000)::integer, '%d/%m/%Y') end as born,
            strftime(date '2024-04-01' + (hash(i + 1) % 365)::integer, '%d/%m/%Y') as start_date,
            strftime(date '2025-04-01' - case when i % 88883 = 1 then 400 else 0 end, '%d/%m/%Y') as end_date,
            strftime(date '2025-04-01' + (hash(i + 3) % 365)::integer, '%d/%m/%Y') as reviewed,
            ((hash(i) % 90000) / 100)::decimal(18, 2)::varchar as cost,
            case when i % 77773 = 3 then '999' else (hash(i + 4) % 168)::varchar end as units
        from range({ROWS}) as numbers(i)
        """
    ).to_arrow_table()


def _rules() -> list[Rule]:
    checks: list[tuple[str, dict[str, Any]]] = [
        ("expect_column_values_to_not_be_null", {"column": column}) for column in _REQUIRED
    ]
    checks += [
        ("expect_column_values_to_be_in_set", {"column": column, "code_set": column}) for column in _CODES
    ]
    checks += [
        (UNEXPECTED_ROWS, {"unexpected_rows_query": _unreadable(column)}) for column in (*_DATES, *_NUMBERS)
    ]
    checks += [
        ("expect_column_pair_values_a_to_be_greater_than_b", {"column_A": a, "column_B": b, "or_equal": True})
        for a, b in (("end_date", "start_date"), ("start_date", "born"))
    ]
    checks += [
        ("expect_column_values_to_be_between", {"column": "cost", "min_value": 0, "max_value": 10_000}),
        ("expect_column_values_to_be_between", {"column": "units", "min_value": 0, "max_value": 168}),
        ("expect_compound_columns_to_be_unique", {"column_list": ["reference", "person"]}),
        ("expect_table_row_count_to_be_between", {"min_value": 1}),
    ]
    return [
        Rule("events", f"{kind} {position}", "error", "", (), "", (Expectation(kind, arguments),))
        for position, (kind, arguments) in enumerate(checks)
    ]


def _unreadable(column: str) -> str:
    sent = quoted(as_sent(column))
    return f"select row_id from {{batch}} where {sent} is not null and {quoted(column)} is null"


def _ours(table: pa.Table) -> set[int]:
    rules = _rules()
    with duckdb.connect() as connection:
        connection.register("sent", table)
        typed = [
            sql
            for name in table.column_names[2:]
            for sql in typed_columns(name, _TYPES.get(name, "text"), DATE_FORMS["day_first"])
        ]
        connection.execute(f"create table events as select row_id, row_number, {', '.join(typed)} from sent")
        broken = Judge(connection).broken("events", rules, _CODES)
        for position in broken:
            connection.execute(failing_rows(rules[position], _CODES)).fetchall()
    return broken


def _on_pandas(table: pa.Table) -> set[int]:
    """The same rules, with the expectations there are for pandas; COMPLETE results name the failing rows."""
    import great_expectations as gx
    from great_expectations import expectations as gxe
    from great_expectations.data_context.types.base import ProgressBarsConfig

    frame = table.to_pandas()
    for column in _DATES:
        frame[as_sent(column)] = frame[column]
        frame[column] = pd.to_datetime(frame[column], format="%d/%m/%Y", errors="coerce")
    for column in _NUMBERS:
        frame[as_sent(column)] = frame[column]
        frame[column] = pd.to_numeric(frame[column], errors="coerce")
    suite = gx.ExpectationSuite("events")
    for position, rule in enumerate(_rules()):
        (expectation,) = rule.expectations
        unreadable = next(
            (
                c
                for c in (*_DATES, *_NUMBERS)
                if expectation.kwargs.get("unexpected_rows_query") == _unreadable(c)
            ),
            None,
        )
        meta = {"rule": position}
        if unreadable in _DATES:
            check = gxe.ExpectColumnValuesToMatchStrftimeFormat(
                column=as_sent(unreadable), strftime_format="%d/%m/%Y", meta=meta
            )
        elif unreadable:
            check = gxe.ExpectColumnValuesToMatchRegex(
                column=as_sent(unreadable), regex=r"^[+-]?[0-9]+\.?[0-9]*$", meta=meta
            )
        else:
            check = great_expectation(expectation, position)
        suite.expectations.append(check)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("pandas").add_dataframe_asset("events")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    outcome = batch.validate(
        suite,
        result_format="COMPLETE",
        expectation_parameters={parameter(name): codes for name, codes in _CODES.items()},
    )
    return {result.expectation_config.meta["rule"] for result in outcome.results if not result.success}
