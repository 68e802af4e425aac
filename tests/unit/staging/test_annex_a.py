"""The Annex A workbook from the file to staged rows: however it is written, the same rows come out of it."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
import yaml

from scrutiny import datasets
from scrutiny.landing import Receipt
from scrutiny.periods import FinancialYear, Month
from scrutiny.settings import settings
from scrutiny.staging import pseudonym, schema, stage
from scrutiny.validation import OpenDelivery, ValidationResult, validate, write_reports

VALID = yaml.safe_load((Path(__file__).parents[1] / "valid_rows.yaml").read_text(encoding="utf-8"))["annex_a"]
TABLES = datasets.layout("annex_a").tables
NOTHING_SET_ASIDE = ValidationResult((), pa.table({}), {}, {}, {})
Cells = dict[str, list[list[Any]]]


@dataclass(frozen=True)
class Sent:
    name: str
    path: Path


def cells(as_dates: bool) -> Cells:
    """Every list as a header and rows, its dates as text or as dates."""
    lists = {}
    for table in TABLES:
        rows: list[list[Any]] = [[column.name for column in table.columns]]
        for row in VALID[table.name]:
            values = [row.get(column.name) for column in table.columns]
            if as_dates:
                values = [
                    dt.datetime.strptime(value, "%d/%m/%Y").date()
                    if value and column.type == "date"
                    else value
                    for column, value in zip(table.columns, values, strict=True)
                ]
            rows.append(values)
        lists[table.name] = rows
    return lists


def by_openpyxl(folder: Path, lists: Cells) -> list[Sent]:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(lists.values(), start=1):
        sheet = book.create_sheet(f"List_{number}")
        for row in rows:
            sheet.append(row)
    book.create_sheet("Guidance").append(["One sheet a list"])
    path = folder / "annex.xlsx"
    book.save(path)
    return [Sent(path.name, path)]


def by_xlsxwriter(folder: Path, lists: Cells) -> list[Sent]:
    path = folder / "annex.xlsx"
    with xlsxwriter.Workbook(str(path), {"default_date_format": "dd/mm/yyyy"}) as book:
        for number, rows in enumerate(lists.values(), start=1):
            sheet = book.add_worksheet(f"List {number}")
            for position, row in enumerate(rows):
                sheet.write_row(position, 0, ["" if value is None else value for value in row])
    return [Sent(path.name, path)]


def as_csv(folder: Path, lists: Cells) -> list[Sent]:
    sent = []
    for number, rows in enumerate(lists.values(), start=1):
        path = folder / f"list_{number}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        sent.append(Sent(path.name, path))
    return sent


def as_csv_with_serials(folder: Path, lists: Cells) -> list[Sent]:
    """CSV made from cells that lost their date format: 45123 for 16 July 2023."""
    first = dt.date(1899, 12, 30)
    return as_csv(
        folder,
        {
            name: [[(v - first).days if isinstance(v, dt.date) else v for v in row] for row in rows]
            for name, rows in lists.items()
        },
    )


def read(files: Sequence[Sent], receipt: Receipt) -> dict[str, pa.Table]:
    described = datasets.describe("annex_a", files, "annex_a", "999", Month(2025, 7))
    assert (described.period_start, described.period_end) == (dt.date(2025, 7, 1), dt.date(2025, 7, 31))
    assert described.collection_year == FinancialYear(2025)
    return datasets.read(receipt.model_copy(update={"files": tuple(files)}))


def staged(table: str) -> pa.Table:
    (path,) = (settings().staged / "annex_a" / table / "authority=999").glob("*.parquet")
    return pq.read_table(path, partitioning=None)


@pytest.mark.parametrize(
    ("write", "as_dates"),
    [
        (by_openpyxl, True),
        (by_openpyxl, False),
        (by_xlsxwriter, True),
        (as_csv, False),
        (as_csv_with_serials, True),
    ],
)
def test_every_way_of_sending_the_lists_stages_the_same_rows(
    home: Path,
    tmp_path: Path,
    make_receipt: Callable[..., Receipt],
    make_tables: Callable[..., dict[str, pa.Table]],
    write: Callable[[Path, Cells], list[Sent]],
    as_dates: bool,
) -> None:
    receipt = make_receipt("annex_a")
    with OpenDelivery(receipt, make_tables("annex_a")) as delivery:
        stage(delivery, NOTHING_SET_ASIDE)
    expected = {table.name: staged(table.name) for table in TABLES}
    folder = tmp_path / "sent"
    folder.mkdir()
    sent = read(write(folder, cells(as_dates)), receipt)
    with OpenDelivery(receipt, sent) as delivery:
        result = validate(delivery)
        stage(delivery, result)
    assert result.problems.num_rows == 0
    for table in TABLES:
        assert expected[table.name].num_rows == len(VALID[table.name])
        assert staged(table.name).equals(expected[table.name]), table.name


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a) White British", "WBRI"),
        ("White British", "WBRI"),
        ("WBRI", "WBRI"),
        ("a)  white   british", "WBRI"),
        ("WBRI - White British", "WBRI"),
        ("q)\u00a0CHNE", "CHNE"),
        ("Gypsy / Roma", "WROM"),
        ("Martian", None),
        ("a)", None),
    ],
)
def test_variants_of_a_label_become_its_code(
    open_delivery: Callable[..., OpenDelivery], text: str, code: str | None
) -> None:
    with open_delivery("annex_a", contacts=[{"Ethnicity": text}]) as delivery:
        stage(delivery, NOTHING_SET_ASIDE)
    assert staged("contacts")["ethnicity_code"].to_pylist() == [code]


@pytest.mark.parametrize("quote", ["'", "’", ""])
def test_quotes_and_case_do_not_tell_labels_apart(
    open_delivery: Callable[..., OpenDelivery], quote: str
) -> None:
    label = f"N2 - CHILD{quote}S disability".replace("S d", "s D" if quote else "'s D")
    with open_delivery("annex_a", children_in_need=[{"Primary Need Code": label}]) as delivery:
        stage(delivery, NOTHING_SET_ASIDE)
    assert staged("children_in_need")["primary_need_code"].to_pylist() == ["N2"]


def test_rules_see_codes(open_delivery: Callable[..., OpenDelivery]) -> None:
    row = {"Placement Type": "P1 - Placed with own parents", "Placement Provider": "PR4 - Private provision"}
    with open_delivery("annex_a", children_in_care=[row]) as delivery:
        failed = {o.rule.code for o in validate(delivery).outcomes if o.failed}
    assert "AA810" in failed


def test_an_unknown_label_is_queried_without_being_shown(
    open_delivery: Callable[..., OpenDelivery],
) -> None:
    with open_delivery("annex_a", contacts=[{"Contact Source": "Canary of the neighbours"}]) as delivery:
        result = validate(delivery)
        stage(delivery, result)
        write_reports(delivery, result)
    (failed,) = [o for o in result.outcomes if o.failed]
    assert (failed.rule.columns, failed.rule.severity) == (("Contact Source",), "query")
    assert staged("contacts")["contact_source_code"].to_pylist() == [None]
    reports = list((settings().quarantine / delivery.receipt.delivery_id).iterdir())
    assert reports
    for path in reports:
        assert b"neighbours" not in path.read_bytes()


def test_a_code_of_another_year_is_no_label(open_delivery: Callable[..., OpenDelivery]) -> None:
    row = {"Activity Status": "F3"}
    codes = []
    for year in ("2019-20", "2025-26"):
        with open_delivery("annex_a", receipt={"collection_year": year}, care_leavers=[row]) as delivery:
            codes += delivery.connection.sql('select "Activity Status" from care_leavers').fetchall()
    assert codes == [("F3",), (None,)]


@pytest.mark.parametrize("year", ["2019-20", "2025-26"])
def test_no_label_stands_for_two_codes(open_delivery: Callable[..., OpenDelivery], year: str) -> None:
    with open_delivery("annex_a", receipt={"collection_year": year}) as delivery:
        clashes = delivery.connection.sql(
            "select code_set, label from labels group by all having count(distinct code) > 1"
        ).fetchall()
    assert clashes == []


def test_labels_are_those_of_codes(home: Path) -> None:
    with (settings().seeds / "labels.csv").open(encoding="utf-8", newline="") as lines:
        labels = list(csv.DictReader(lines))
    codes = {name: set(datasets.code_set(name)) for name in {row["code_set"] for row in labels}}
    assert [row for row in labels if row["code"] not in codes[row["code_set"]]] == []
    used = {column.code_set for table in TABLES for column in table.columns if column.type == "label"}
    assert set(codes) == used


def test_five_digits_are_a_day_for_annex_a_only(open_delivery: Callable[..., OpenDelivery]) -> None:
    with open_delivery("annex_a", contacts=[{"Date of Contact": "45779"}]) as delivery:
        found = delivery.connection.sql('select "Date of Contact" from contacts').fetchone()
    assert found == (dt.date(2025, 5, 2),)
    with open_delivery("ssda903", header=[{"DOB": "41061"}]) as delivery:
        assert delivery.connection.sql('select "DOB" from header').fetchone() == (None,)


def test_staged_lists_hold_no_worker_and_no_exact_age() -> None:
    for table in TABLES:
        staged_as = {column.name: (column.staged_as, column.treatment) for column in table.columns}
        for name, (kept, treatment) in staged_as.items():
            if "Worker" in name or "Advisor" in name:
                assert treatment == "key:worker", name
            if name.startswith("Age"):
                assert not kept, name
        if "Allocated Team" in staged_as:
            assert "team_code" in schema("annex_a", table.name).names


def test_children_are_known_by_the_same_key_as_in_the_returns(
    open_delivery: Callable[..., OpenDelivery],
) -> None:
    with open_delivery("annex_a") as delivery:
        stage(delivery, NOTHING_SET_ASIDE)
    expected = pseudonym(settings().secret(), "999", "child", "C1")
    assert staged("referrals")["child_key"].to_pylist() == [expected]
