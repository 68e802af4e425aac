"""The rules of every extract table, read from ``expectations/<dataset>/<table>.yaml``.

A suite names published rules and says each as a Great Expectations expectation. What the layout already
knows (a required column, a date, a number, a code list) is not repeated there: those expectations are
derived from the layout, and the suite only says which published rule they stand for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import yaml

from scrutiny import datasets
from scrutiny.periods import FinancialYear
from scrutiny.settings import settings
from scrutiny.validation.delivery import as_sent, quoted

Severity = Literal["reject", "error", "query"]
SEVERITIES: tuple[Severity, ...] = ("reject", "error", "query")
Kind = Literal["missing", "format", "rule", "volume"]
UNEXPECTED_ROWS = "unexpected_rows_expectation"

_FORMATS = {
    "date": "a real date in the form {date_form}",
    "month": "a month in the form YYYY-MM",
    "integer": "a whole number",
    "decimal": "a number",
    "flag": "0 or 1 (or true or false)",
}


class SuiteError(ValueError):
    """A suite that cannot be used, naming its file and the rule at fault."""


@dataclass(frozen=True)
class Expectation:
    """One Great Expectations expectation: its type and arguments.

    ``code_set`` among the arguments stands for ``value_set``: the codes valid in the collection year.
    """

    type: str
    kwargs: Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """One rule on one table. It fails where any of its expectations fails.

    ``columns`` are source columns. ``severity`` says what becomes of the row: ``reject`` stops the whole
    delivery, ``error`` sets the row aside, ``query`` keeps it and asks. ``needs`` are the companions of the
    delivery (``last_year``, ``previous_file``, ``providers`` …) without which the rule cannot be run.
    ``kind`` says what is asked: that a required cell is filled (``missing``), that a value can be read or is
    a code of its list (``format``), what a suite says (``rule``), or how many rows there are (``volume``).
    """

    table: str
    code: str
    severity: Severity
    message: str
    columns: tuple[str, ...]
    source: str
    expectations: tuple[Expectation, ...]
    needs: frozenset[str] = frozenset()
    kind: Kind = "rule"
    examples: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@cache
def suite(dataset: str, table: str) -> Mapping[str, Any]:
    """The suite of a table as written. Raises SuiteError if there is none or it is not a suite."""
    path = settings().expectations / dataset / f"{table}.yaml"
    if not path.is_file():
        raise SuiteError(
            f"{path.name}: no suite for table {table} of {dataset}; add one under expectations/{dataset}/"
        )
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    if not isinstance(content, dict) or content.get("table") != table:
        raise SuiteError(f"{dataset}/{path.name} does not say 'table: {table}'")
    return content


def rules(dataset: str, table: str, year: FinancialYear) -> list[Rule]:
    """All rules of a table in a financial year: the layout's own first, then the suite's, in written order.

    A rule with ``first_year`` or ``last_year`` holds in those years only. Raises SuiteError for a rule that
    lacks something or names a column the table does not have.
    """
    content = suite(dataset, table)
    written = [
        _rule(dataset, table, entry)
        for entry in content.get("rules", [])
        if entry.get("first_year", "") <= str(year) <= entry.get("last_year", "9999-00")
    ]
    return _layout_rules(dataset, table, content.get("layout", {}), year) + written


def _rule(dataset: str, table: str, entry: Mapping[str, Any]) -> Rule:
    where = f"{dataset}/{table}.yaml, rule {entry.get('rule', '?')}"
    missing = [name for name in ("rule", "severity", "columns", "message", "source") if not entry.get(name)]
    if missing:
        raise SuiteError(f"{where}: lacks {', '.join(missing)}")
    if entry["severity"] not in SEVERITIES:
        raise SuiteError(f"{where}: severity is one of {', '.join(SEVERITIES)}")
    if ("expectation" in entry) == ("unexpected_rows" in entry):
        raise SuiteError(f"{where}: give either expectation or unexpected_rows")
    if "unexpected_rows" in entry:
        expectation = Expectation(
            UNEXPECTED_ROWS, {"unexpected_rows_query": entry["unexpected_rows"].strip()}
        )
    else:
        ((kind, kwargs),) = entry["expectation"].items()
        expectation = Expectation(kind, kwargs)
    known = {column.name for column in datasets.layout(dataset).table(table).columns}
    if unknown := set(entry["columns"]) - known:
        raise SuiteError(f"{where}: the layout has no column {', '.join(sorted(unknown))}")
    return Rule(
        table=table,
        code=str(entry["rule"]),
        severity=entry["severity"],
        message=" ".join(entry["message"].split()),
        columns=tuple(entry["columns"]),
        source=entry["source"],
        expectations=(expectation,),
        needs=frozenset(entry.get("needs", ())),
        examples=entry.get("example", {}),
    )


def _layout_rules(dataset: str, table: str, names: Mapping[str, Any], year: FinancialYear) -> list[Rule]:
    default = names.get("default", {})
    found = []
    for column in datasets.layout(dataset).table(table).columns:
        if not column.is_in(year) or column.form == "derived":
            continue
        named = {**default, **names.get(column.name, {})}
        missing = str(named.get("missing", f"M-{column.name}"))
        format_ = str(named.get("format", f"F-{column.name}"))
        source = named.get("source", "extract layout")
        form = _form(dataset, column)
        readable = _readable(column)
        not_null = Expectation("expect_column_values_to_not_be_null", {"column": column.name})
        # A typed column is null where its text could not be read: only a blank text counts as missing.
        if column.required and column.type not in ("text", "code"):
            not_null = Expectation("expect_column_values_to_not_be_null", {"column": as_sent(column.name)})
        checks: list[tuple[str, Kind, str, tuple[Expectation, ...]]] = []
        if column.required and form and missing == format_:
            message = f"{column.name} is blank or is not {form}. Give {form}."
            checks = [(missing, "missing", message, (not_null, readable))]
        else:
            if column.required:
                checks.append((missing, "missing", f"{column.name} is blank. Fill it in.", (not_null,)))
            if form:
                message = f"{column.name} is not {form}. Correct it."
                checks.append((format_, "format", message, (readable,)))
        for code, kind, message, expectations in checks:
            severity: Severity = named.get(f"{kind}_severity", "error")
            columns = (column.name,)
            found.append(Rule(table, code, severity, message, columns, source, expectations, kind=kind))
    return found


def _form(dataset: str, column: datasets.Column) -> str | None:
    """What the column's values must be, in words; None if any text will do."""
    if column.type == "code":
        return f"a code of the list {column.code_set}"
    if column.type == "label":
        return f"a code or label of the list {column.code_set}"
    date_form = datasets.DATE_FORMS[datasets.dataset(dataset).dates].words
    form = _FORMATS.get(column.type)
    return form.format(date_form=date_form) if form else None


def _readable(column: datasets.Column) -> Expectation:
    if column.type == "code":
        return Expectation(
            "expect_column_values_to_be_in_set", {"column": column.name, "code_set": column.code_set}
        )
    query = (
        f"select row_id from {{batch}} where {quoted(as_sent(column.name))} is not null "
        f"and {quoted(column.name)} is null"
    )
    return Expectation(UNEXPECTED_ROWS, {"unexpected_rows_query": query})
