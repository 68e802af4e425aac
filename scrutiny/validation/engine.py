"""Runs a table's rules: our own SQL finds the rows that break them, Great Expectations says which hold.

The two must agree. Great Expectations samples failing values into its results, so it is only ever asked for
true or false, and what it is asked goes to the delivery's own DuckDB connection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import duckdb

from scrutiny.validation.delivery import quoted
from scrutiny.validation.suites import UNEXPECTED_ROWS, Expectation, Rule

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation as GreatExpectation

CodeSets = Mapping[str, Sequence[str]]

_TOGETHER = -1


class ValidationBug(RuntimeError):  # noqa: N818 - it reads as what it is
    """A rule that could not be evaluated: a fault of Scrutiny, not of the delivery. Holds no values."""


class Judge:
    """Great Expectations on one delivery's connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        from scrutiny.validation import duckdb_datasource

        self._gx = duckdb_datasource
        self._source = duckdb_datasource.open_source(connection)

    def broken(
        self, table: str, rules: Sequence[Rule], code_sets: CodeSets, suspected: set[int] | None = None
    ) -> set[int]:
        """Which rules do not hold on a table, by position.

        ``code_sets`` gives the codes by code set name. Where ``suspected`` says which rules are thought
        broken, the queries of the others are asked as one, which saves most of the time. Raises ValidationBug
        if a rule cannot be evaluated, or if one that was not suspected does not hold.
        """
        from great_expectations import ExpectationSuite

        suite = ExpectationSuite(name=table)
        together: list[str] = []
        for position, rule in enumerate(rules):
            for expectation in rule.expectations:
                if suspected is None or position in suspected or expectation.type != UNEXPECTED_ROWS:
                    suite.expectations.append(great_expectation(expectation, position))
                else:
                    query = expectation.kwargs["unexpected_rows_query"]
                    together.append(f"select row_id from ({query})")
        if together:
            union = {"unexpected_rows_query": "\nunion all ".join(together)}
            suite.expectations.append(great_expectation(Expectation(UNEXPECTED_ROWS, union), _TOGETHER))
        outcome = self._gx.table_batch(self._source, table).validate(
            suite,
            result_format="BOOLEAN_ONLY",
            expectation_parameters={parameter(name): list(codes) for name, codes in code_sets.items()},
        )
        broken = set()
        for result in outcome.results:
            config = result.expectation_config
            if config is None:
                raise ValidationBug(f"table {table}: a result does not say which rule it is of")
            position = config.meta["rule"]
            if position == _TOGETHER:
                if _raised(result.exception_info) or not result.success:
                    raise ValidationBug(f"table {table}: rules do not hold in which no row was found")
                continue
            if _raised(result.exception_info):
                raise ValidationBug(
                    f"rule {rules[position].code} of table {table} could not be evaluated: "
                    f"correct its expectation in the suite"
                )
            if not result.success:
                broken.add(position)
        return broken


def failing_rows(rule: Rule, code_sets: CodeSets) -> str:
    """SQL for the row_id of the rows that break a rule; a null one stands for the table as a whole."""
    parts = [_failing(rule.table, expectation, code_sets) for expectation in rule.expectations]
    return " union ".join(f"({part})" for part in parts)


def _failing(table: str, expectation: Expectation, code_sets: CodeSets) -> str:
    arguments = expectation.kwargs
    batch = quoted(table)
    column = quoted(arguments.get("column", ""))
    rows = f"select row_id from {batch} where"
    match expectation.type:
        case "unexpected_rows_expectation":
            return str(arguments["unexpected_rows_query"].format(batch=batch))
        case "expect_column_values_to_not_be_null":
            return f"{rows} {column} is null"
        case "expect_column_values_to_be_null":
            return f"{rows} {column} is not null"
        case "expect_column_values_to_be_in_set":
            values = code_sets[arguments["code_set"]] if "code_set" in arguments else arguments["value_set"]
            return f"{rows} {column} not in ({', '.join(_literal(value) for value in values)})"
        case "expect_column_values_to_not_be_in_set":
            return f"{rows} {column} in ({', '.join(_literal(value) for value in arguments['value_set'])})"
        case "expect_column_values_to_be_between":
            outside = [
                f"{column} {sign} {_literal(arguments[name])}"
                for name, sign in (("min_value", "<"), ("max_value", ">"))
                if arguments.get(name) is not None
            ]
            return f"{rows} {' or '.join(outside)}"
        case "expect_column_value_lengths_to_be_between":
            outside = [
                f"length({column}) {sign} {int(arguments[name])}"
                for name, sign in (("min_value", "<"), ("max_value", ">"))
                if arguments.get(name) is not None
            ]
            return f"{rows} {' or '.join(outside)}"
        case "expect_column_pair_values_a_to_be_greater_than_b":
            sign = "<" if arguments.get("or_equal") else "<="
            return f"{rows} {quoted(arguments['column_A'])} {sign} {quoted(arguments['column_B'])}"
        case "expect_column_values_to_be_unique":
            return f"{rows} {column} is not null qualify count(*) over (partition by {column}) > 1"
        case "expect_compound_columns_to_be_unique":
            names = ", ".join(quoted(name) for name in arguments["column_list"])
            return f"select row_id from {batch} qualify count(*) over (partition by {names}) > 1"
        case "expect_table_row_count_to_be_between":
            low, high = arguments.get("min_value", 0), arguments.get("max_value", 2**62)
            return (
                f"select null::bigint as row_id from (select count(*) as rows from {batch}) "
                f"where rows not between {int(low)} and {int(high)}"
            )
        case other:
            raise ValidationBug(f"no SQL is known for {other}: add it, or use unexpected_rows")


def great_expectation(expectation: Expectation, position: int) -> GreatExpectation:
    """An expectation of a suite as Great Expectations', marked with the position of its rule."""
    from great_expectations.expectations.registry import get_expectation_impl

    arguments: dict[str, Any] = dict(expectation.kwargs)
    if "code_set" in arguments:
        arguments["value_set"] = {"$PARAMETER": parameter(arguments.pop("code_set"))}
    if expectation.type == "expect_column_pair_values_a_to_be_greater_than_b":
        arguments.setdefault("ignore_row_if", "either_value_is_missing")
    implementation = get_expectation_impl(expectation.type)
    return implementation(**arguments, meta={"rule": position})


def parameter(code_set: str) -> str:
    """The suite parameter that carries a code set."""
    return code_set.replace(".", "_")


def _raised(exception_info: Mapping[str, Any]) -> bool:
    """Great Expectations gives one record of an exception, or one for each metric."""
    if "raised_exception" in exception_info:
        return bool(exception_info["raised_exception"])
    return any(record["raised_exception"] for record in exception_info.values())


def _literal(value: object) -> str:
    if isinstance(value, int | float):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"
