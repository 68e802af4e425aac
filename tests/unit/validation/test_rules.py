"""Every rule of every suite: one row that breaks it, one that does not, and a message fit to be sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from scrutiny import datasets
from scrutiny.landing import Receipt
from scrutiny.periods import FinancialYear
from scrutiny.settings import settings
from scrutiny.validation import OpenDelivery, Rule, rules, validate
from scrutiny.validation.engine import Judge, failing_rows
from scrutiny.validation.suites import suite

YEAR = FinancialYear(2025)
YEARS = [FinancialYear(year) for year in range(2018, 2027)]
OF_FIGURES = {
    "targets",
    "benchmarks",
    "populations",
    "providers",
    "postcodes",
    "provider_ratings",
    "surveys",
}
"""Datasets of figures and places, with few columns and nobody in them: five of a kind would be padding."""
TABLES = [(dataset, table.name) for dataset in datasets.DATASETS for table in datasets.layout(dataset).tables]


EARLIER = ("last_year", "previous_file", "half_year_before")
"""Companions that are deliveries of the same dataset."""


def as_rows(example: Any) -> list[dict[str, Any]]:
    """The rows of an example; ``times`` says how often one stands there."""
    rows = example if isinstance(example, list) else [example]
    return [
        {name: value for name, value in row.items() if name != "times"}
        for row in rows
        for _ in range(row.get("times", 1))
    ]


def year_of(dataset: str, table: str) -> FinancialYear:
    """The year a table is tried in: the valid delivery's, or the first after it that collects the table."""
    return next(year for year in YEARS[7:] if datasets.layout(dataset).table(table).columns_in(year))


def in_year(receipt: Receipt, year: FinancialYear) -> dict[str, str]:
    """What a receipt of the valid delivery's year would say in another year."""
    later = year.start_year - YEAR.start_year
    dates = {name: str(getattr(receipt, name)) for name in ("period_start", "period_end", "load_month")}
    moved = {name: f"{int(text[:4]) + later}{text[4:]}" for name, text in dates.items()}
    return {"collection_year": str(year), **moved}


def companions_of(rule: Rule) -> list[str]:
    """The tables besides the delivery that a rule must be tried with."""
    return [f"{name}_{rule.table}" if name in EARLIER else name for name in sorted(rule.needs)]


def content(
    delivery: OpenDelivery, name: str, rows: Any, make_tables: Callable[..., dict[str, pa.Table]]
) -> tuple[datasets.Table, pa.Table]:
    """A table that rules may ask, of this dataset or a companion; without an example, with valid rows."""
    table = name
    for companion in EARLIER:
        table = table.removeprefix(f"{companion}_")
    dataset = delivery.receipt.dataset
    if table not in [ours.name for ours in delivery.layout.tables]:
        dataset = table
    changes = {} if rows is None else {table: as_rows(rows)}
    return datasets.layout(dataset).table(table), make_tables(dataset, **changes)[table]


def found(delivery: OpenDelivery, rule: Rule) -> tuple[bool, int]:
    """Whether Great Expectations says a rule fails, and how many rows our own SQL finds."""
    names = {e.kwargs["code_set"] for e in rule.expectations if "code_set" in e.kwargs}
    codes = {name: delivery.code_set(name) for name in names}
    broken = bool(Judge(delivery.connection).broken(rule.table, [rule], codes))
    rows = delivery.connection.execute(failing_rows(rule, codes)).fetchall()
    return broken, len(rows)


@pytest.mark.parametrize(("dataset", "table"), TABLES)
def test_written_rules_break_and_pass_as_their_examples_say(
    dataset: str,
    table: str,
    open_delivery: Callable[..., OpenDelivery],
    make_receipt: Callable[..., Receipt],
    make_tables: Callable[..., dict[str, pa.Table]],
) -> None:
    by_year: dict[FinancialYear, list[Mapping[str, Any]]] = {}
    for entry in suite(dataset, table).get("rules", []):
        year = FinancialYear.parse(entry["example"].get("year", str(YEAR)))
        by_year.setdefault(year, []).append(entry)
    for year, entries in by_year.items():
        with open_delivery(dataset, receipt=in_year(make_receipt(dataset), year)) as delivery:

            def put(name: str, rows: Any, delivery: OpenDelivery = delivery) -> None:
                layout, sent = content(delivery, name, rows, make_tables)
                delivery.load(layout, sent, name)

            for entry in entries:
                (rule,) = [
                    rule
                    for rule in rules(dataset, table, year)
                    if (rule.code, rule.examples) == (str(entry["rule"]), entry["example"])
                ]
                others = dict.fromkeys(companions_of(rule)) | rule.examples.get("with", {})
                for name, sent in others.items():
                    put(name, sent)
                put(table, rule.examples["breaks"])
                broken, rows = found(delivery, rule)
                assert broken, f"{rule.code} does not fail on its example"
                assert rows, f"{rule.code} finds no row in its example"
                put(table, rule.examples["passes"])
                assert found(delivery, rule) == (False, 0), f"{rule.code} fails on the row that passes"
                own = [ours.name for ours in delivery.layout.tables]
                for name in (*others, table):
                    layout, sent = content(delivery, name, None, make_tables)
                    delivery.load(layout, sent if name in own else None, name)


@pytest.mark.parametrize(("dataset", "table"), TABLES)
def test_rules_say_what_they_need(dataset: str, table: str, home: Path) -> None:
    """A rule that asks a table which may be missing must say so, or it finds nothing in an empty one."""
    for entry in suite(dataset, table).get("rules", []):
        text, needs = entry.get("unexpected_rows", ""), set(entry.get("needs", ()))
        assert ("providers as" in text or "from providers" in text) <= ("providers" in needs), entry["rule"]
        asks_place = any(f'"{name}"' in text for name in ("PL_DISTANCE", "PL_LA", "PL_LOCATION"))
        assert asks_place <= ("postcodes" in needs) or entry["rule"] == "218", entry["rule"]
        looks_back = "last_year_" in text or "carried_over" in text
        assert looks_back <= ("last_year" in needs), entry["rule"]
        for companion in ("previous_file", "half_year_before"):
            assert (f"{companion}_" in text) <= (companion in needs), entry["rule"]


@pytest.mark.parametrize(("dataset", "table"), TABLES)
def test_layout_rules_find_blanks_and_values_of_the_wrong_form(
    dataset: str,
    table: str,
    open_delivery: Callable[..., OpenDelivery],
    make_receipt: Callable[..., Receipt],
) -> None:
    year = year_of(dataset, table)
    columns = [
        column
        for column in datasets.layout(dataset).table(table).columns
        if column.is_in(year) and column.form != "derived"
    ]
    derived = [rule for rule in rules(dataset, table, year) if not rule.examples]
    required = {column.name for column in columns if column.required}
    typed = {column.name for column in columns if column.type != "text"}
    assert {rule.columns[0] for rule in derived if "blank" in rule.message} == required
    assert {rule.columns[0] for rule in derived if "is not" in rule.message} == typed
    for value, names, words in (("", required, "blank"), ("?", typed, "is not")):
        receipt = in_year(make_receipt(dataset), year)
        with open_delivery(dataset, receipt, **{table: [dict.fromkeys(names, value), {}]}) as delivery:
            found_rows = {
                (rule.code, rule.columns): found(delivery, rule) for rule in derived if words in rule.message
            }
        assert set(found_rows.values()) <= {(True, 1)}, value


@pytest.mark.parametrize("dataset", datasets.DATASETS)
def test_no_rule_fails_on_a_valid_delivery(dataset: str, open_delivery: Callable[..., OpenDelivery]) -> None:
    with open_delivery(dataset) as delivery:
        result = validate(delivery)
    assert [(o.rule.table, o.rule.code) for o in result.outcomes if o.failed] == []
    assert result.problems.num_rows == 0
    assert result.rejection is None


@pytest.mark.parametrize("dataset", datasets.DATASETS)
def test_each_dataset_has_rejecting_error_and_query_rules(dataset: str, home: Path) -> None:
    written = [
        entry["severity"]
        for table in datasets.layout(dataset).tables
        for entry in suite(dataset, table.name).get("rules", [])
    ]
    counts = Counter(written)
    least = 1 if dataset in OF_FIGURES else 5
    assert counts["error"] >= least
    assert counts["query"] >= least
    assert counts["reject"] >= 1


@pytest.mark.parametrize(("dataset", "table"), TABLES)
def test_rules_are_told_apart_and_speak_plainly(dataset: str, table: str, home: Path) -> None:
    for year in YEARS:
        keys = Counter((rule.code, rule.columns, rule.message) for rule in rules(dataset, table, year))
        assert [key for key, count in keys.items() if count > 1] == []
        for rule in rules(dataset, table, year):
            assert rule.message.endswith("."), rule
            assert 20 <= len(rule.message) <= 220, rule


def test_every_suite_belongs_to_a_table(home: Path) -> None:
    written = {(path.parent.name, path.stem) for path in settings().expectations.glob("*/*.yaml")}
    assert written == set(TABLES)


def test_code_sets_follow_the_collection_year(open_delivery: Callable[..., OpenDelivery]) -> None:
    """Sex was written 1 and 2 until 2023-24, and M, F and U from 2024-25."""
    failed = {}
    for year in (FinancialYear(2023), FinancialYear(2024)):
        (rule,) = (rule for rule in rules("ssda903", "header", year) if rule.code == "101")
        for sex in ("1", "F"):
            receipt = {"collection_year": str(year)}
            with open_delivery("ssda903", receipt=receipt, header=[{"SEX": sex}]) as delivery:
                failed[str(year), sex] = found(delivery, rule)[0]
    assert failed == {
        ("2023-24", "1"): False,
        ("2023-24", "F"): True,
        ("2024-25", "1"): True,
        ("2024-25", "F"): False,
    }


def test_client_level_data_is_read_in_the_words_of_its_release(
    open_delivery: Callable[..., OpenDelivery],
) -> None:
    old = {
        "Reporting Period Start Date": "01/07/2024",
        "Reporting Period End Date": "30/06/2025",
        "Client Type": "Service User",
    }
    release_1 = {"period_start": "2024-07-01", "period_end": "2025-06-30"}
    with open_delivery("cld", receipt=release_1, events=[old]) as delivery:
        first = {o.rule.columns for o in validate(delivery).outcomes if o.failed and o.rule.code == "CLD-C01"}
    with open_delivery("cld", events=[{"Client Type": "Service User"}]) as delivery:
        second = {
            o.rule.columns for o in validate(delivery).outcomes if o.failed and o.rule.code == "CLD-C01"
        }
    assert ("Client Type",) not in first
    assert ("Client Type",) in second
