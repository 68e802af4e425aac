"""What is written on demand, the Annex A lists and the data book, opened and read back."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from openpyxl.workbook import Workbook
from typer.testing import CliRunner

from scrutiny.cli import app
from scrutiny.datasets import layout
from scrutiny.periods import FinancialYear, Month
from scrutiny.reports.annex_a import write_annex_a
from scrutiny.reports.data_book import write_data_book
from scrutiny.settings import settings
from scrutiny.warehouse import current, promote, query

pytestmark = pytest.mark.integration

SEPTEMBER = Month(2025, 9)
YEAR = FinancialYear(2025)


@pytest.fixture(scope="module", autouse=True)
def promoted(golden_candidate: Path) -> Path:
    return promote(SEPTEMBER)


@pytest.fixture(scope="module")
def lists(promoted: Path, tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    path = tmp_path_factory.mktemp("annex_a") / "annex_a.xlsx"
    write_annex_a(SEPTEMBER, "999", path)
    assert path.stat().st_mode & 0o777 == 0o600
    return openpyxl.load_workbook(path)


@pytest.fixture(scope="module")
def book(promoted: Path, tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    path = tmp_path_factory.mktemp("data_book") / "book.xlsx"
    write_data_book(YEAR, "999", path)
    return openpyxl.load_workbook(path)


def _rows(book: Workbook, sheet: str) -> list[dict[str, Any]]:
    headings, *rows = book[sheet].iter_rows(min_row=4, values_only=True)
    return [dict(zip(map(str, headings), row, strict=True)) for row in rows]


def _children(book: Workbook, sheet: str) -> set[str]:
    return {row["Child Unique ID"] for row in _rows(book, sheet)}


def test_the_lists_have_the_guidances_headers(lists: Workbook) -> None:
    tables = layout("annex_a").tables
    assert lists.sheetnames == ["Read first", "Contents", *(f"List {number}" for number in range(1, 12))]
    for row, table in zip(_rows(lists, "Contents"), tables, strict=True):
        headings = [cell.value for cell in lists[row["Sheet"]][4]]
        expected = [column.name for column in table.columns] if row["Rows"] else ["There is nothing to list."]
        assert [heading for heading in headings if heading] == expected
        assert row["As on"] == dt.datetime(2025, 9, 30)
    since = [row["Look-back from"] for row in _rows(lists, "Contents")]
    assert since == [dt.datetime(2025, 3, 30)] * 8 + [None] + [dt.datetime(2024, 9, 30)] * 2
    assert "Personal data ended at staging" in dict(lists["Read first"].values)["Names"]  # type: ignore[arg-type]


def test_the_look_back_is_kept_and_what_was_withdrawn_is_not_listed(lists: Workbook) -> None:
    assert _children(lists, "List 5") == {
        "enquiry-open",
        "enquiry-conference-on-first-day",
        "enquiry-on-first-day",
    }
    assert _children(lists, "List 6") == {"need-open", "need-unborn", "need-closed-on-first-day"}
    assert _children(lists, "List 8") == {"care-open"}
    assert _children(lists, "List 10") == {"adoption-waiting", "adopted-on-first-day"}
    [visited] = [row for row in _rows(lists, "List 7") if row["Child Unique ID"].startswith("visited-11")]
    assert visited["Date of the Last Statutory Visit"] == dt.datetime(2025, 9, 15), "of September, not August"


def test_codes_are_in_words_and_birthdays_are_months(lists: Workbook) -> None:
    rows = {row["Child Unique ID"]: row for row in _rows(lists, "List 6")}
    open_case = rows["need-open"]
    assert (open_case["Gender"], open_case["Ethnicity"]) == ("Female", "White British")
    assert open_case["Primary Need Code"] == "Abuse, neglect and exploitation"
    assert open_case["Case Status"] == "Child in need plan"
    assert (open_case["Date of Birth"], open_case["Age of Child (Years)"]) == ("2015-10", 9)
    assert rows["need-closed-on-first-day"]["Age of Child (Years)"] == 10
    assert rows["need-unborn"]["Age of Child (Years)"] is None
    [care] = _rows(lists, "List 8")
    assert care["Unaccompanied Asylum Seeking Child (UASC) within the Last 12 Months (Y/N)"] == "Yes"
    assert care["Placement postcode"] is None
    assert "Not kept, so blank: 'Placement postcode' and 'LA of Placement'." in lists["List 8"]["A2"].value


def test_nothing_in_the_workbooks_is_a_formula(lists: Workbook, book: Workbook) -> None:
    cells = [cell for each in (lists, book) for sheet in each for row in sheet.iter_rows() for cell in row]
    assert len(cells) > 10_000
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    [smuggled] = [cell for cell in cells if str(cell.value).startswith("=HYPERLINK")]
    assert smuggled.quotePrefix
    for each in (lists, book):
        assert {sheet.sheet_state for sheet in each} == {"visible"}


def test_a_list_that_came_in_no_extract_says_so(promoted: Path, tmp_path: Path) -> None:
    write_annex_a(SEPTEMBER, "998", tmp_path / "lists.xlsx")
    found = openpyxl.load_workbook(tmp_path / "lists.xlsx")
    assert {row["As on"] for row in _rows(found, "Contents")} == {None}
    for number in range(1, 12):
        assert str(found[f"List {number}"]["A4"].value).startswith("This list came in no extract of Annex A")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["annex-a", "--month", "2025-08"], "newest load only, and that is 2025-09"),
        (["annex-a", "--month", "2025-09", "--authority", "123"], "authority 123 is not in"),
        (["data-book", "--year", "2031-32"], "Nothing of 2031-32 is known"),
    ],
)
def test_what_cannot_be_had_says_why_and_writes_nothing(
    promoted: Path, tmp_path: Path, command: list[str], said: str
) -> None:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, [*command, "--out", str(tmp_path / "out.xlsx")])
    assert result.exit_code == 1
    assert said in result.output
    assert list(tmp_path.iterdir()) == []


def test_the_same_book_again_is_the_same_bytes_and_nothing_is_written_over(
    promoted: Path, tmp_path: Path
) -> None:
    command = ["data-book", "--year", "2025-26", "--out"]
    one, other = tmp_path / "one.xlsx", tmp_path / "other.xlsx"
    assert [CliRunner().invoke(app, [*command, str(path)]).exit_code for path in (one, other)] == [0, 0]
    assert one.read_bytes() == other.read_bytes()
    again = CliRunner(env={"COLUMNS": "200"}).invoke(app, [*command, str(one)])
    assert again.exit_code == 1
    assert "is there already" in again.output


def _figures(book: Workbook) -> dict[tuple[str, str], dict[str, Any]]:
    scorecards = [name for name in book.sheetnames if name not in ("Contents", "Definitions", "Sources")]
    rows = [row for name in scorecards for row in _rows(book, name)]
    found = {(row["Indicator id"], row["Period"]): row for row in rows}
    assert len(found) == len(rows), "an indicator is on one scorecard"
    return found


def test_the_book_has_every_indicator_by_quarter_as_the_pack_has_it(book: Workbook) -> None:
    figures = _figures(book)
    expected = query(
        "select indicator_id, right(financial_quarter, 1) as quarter, value::double as value, "
        "target::double as target, benchmark_value::double as england, rag from mart_scrutiny_quarter "
        "where financial_quarter like '2025-26%'",
        "999",
    ).to_pylist()
    quarters = {key for key in figures if key[1].startswith("Quarter")}
    assert quarters == {(row["indicator_id"], f"Quarter {row['quarter']}") for row in expected}
    assert {quarter for _, quarter in quarters} == {"Quarter 1", "Quarter 2"}
    for row in expected:
        shown = figures[row["indicator_id"], f"Quarter {row['quarter']}"]
        assert (shown["Figure"], shown["Target"], shown["Benchmark"]) == (
            row["value"], row["target"], row["england"]
        )  # fmt: skip
        assert shown["Rating"].lower() == row["rag"]
    links = [cell.hyperlink.location for cell in book["Contents"]["A"] if cell.hyperlink]
    assert links == [f"'{name}'!A1" for name in (name.replace("'", "''") for name in book.sheetnames[1:])]
    defined = {row["Indicator id"] for row in _rows(book, "Definitions")}
    assert defined == {indicator for indicator, _ in figures}


def test_the_year_so_far_is_rated_only_as_a_quarter_of_the_same_window(book: Workbook) -> None:
    figures = _figures(book)
    rolling, counted = figures["LV02", "Year so far"], figures["AD30", "Year so far"]
    assert rolling["Window"] == figures["LV02", "Quarter 2"]["Window"]
    assert (rolling["Target"], rolling["Rating"]) == (60, "Green")
    assert counted["Window"] == "April 2025 to September 2025"
    assert counted["Numerator"] == sum(figures["AD30", f"Quarter {n}"]["Numerator"] for n in (1, 2))
    by_quarter = [
        row for (_, period), row in figures.items()
        if period == "Year so far" and row["Why not rated"] == "Targets are judged by the quarter"
    ]  # fmt: skip
    assert by_quarter
    assert {(row["Rating"], row["Target"]) for row in by_quarter} == {("Not rated", None)}


def test_a_year_that_is_over_has_four_quarters_and_the_year(promoted: Path, tmp_path: Path) -> None:
    write_data_book(FinancialYear(2024), "999", tmp_path / "book.xlsx")
    figures = _figures(openpyxl.load_workbook(tmp_path / "book.xlsx"))
    assert {period for _, period in figures} == {*(f"Quarter {n}" for n in (1, 2, 3, 4)), "Year"}
    assert figures["LV02", "Year"]["Figure"] == figures["LV02", "Quarter 4"]["Figure"]


@pytest.fixture
def in_august(promoted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A home whose reporting copy knows nothing of September yet."""
    copy = tmp_path / "reporting" / "authorities" / "999" / "current.duckdb"
    copy.parent.mkdir(parents=True)
    shutil.copyfile(current("999"), copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("delete from reporting.dim_period where month > '2025-08'")
        for table in ("fct_indicator_value", "mart_performance_board"):
            connection.execute(f"delete from reporting.{table} where month > '2025-08'")
        connection.execute(
            "delete from reporting.mart_scrutiny_quarter where financial_quarter > '2025-26-Q1'"
        )
    with monkeypatch.context() as environment:
        environment.setenv("SCRUTINY_HOME", str(tmp_path))
        settings.cache_clear()
        yield
    settings.cache_clear()


def test_a_year_within_a_quarter_is_shown_as_far_as_it_is_known(in_august: None, tmp_path: Path) -> None:
    write_data_book(YEAR, "999", tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    figures = _figures(book)
    assert {period for _, period in figures} == {"Quarter 1", "Year so far"}
    assert "Up to the end of August 2025" in book["Contents"]["A2"].value
    assert figures["LV02", "Year so far"]["Window"] == "September 2024 to August 2025"
    assert figures["LV02", "Year so far"]["Target"] == 60
    assert figures["WF01", "Year so far"]["Window"] == "End of August 2025"
    assert figures["WF01", "Year so far"]["Benchmark"] == figures["WF01", "Quarter 1"]["Benchmark"]
