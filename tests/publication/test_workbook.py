"""The workbook and the CSV files, as a spreadsheet opens them."""

import csv
import datetime as dt
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from reporting_copy import QUARTER, figures_of, reporting_rows

from scrutiny.reports.edition import write_edition
from scrutiny.reports.view import Edition, report

EDITION = Edition("officer", "1.0.0", "Version 1.0.0.", dt.datetime(2025, 10, 16, tzinfo=dt.UTC))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("edition") / "officer"
    figures = figures_of(reporting_rows())
    write_edition(
        report(figures, EDITION, frozenset({("CP10", QUARTER.months[2])}), "Few people.", (), {}),
        figures,
        folder,
    )
    return folder


@pytest.fixture
def book(folder: Path) -> Workbook:
    return openpyxl.load_workbook(folder / "workbook.xlsx")


def test_sheets(book: Workbook) -> None:
    assert book.sheetnames == [
        "Contents",
        "Summary",
        "Indicators",
        "Series",
        "Definitions",
        "Withheld",
        "Monthly counts",
        "Validation",
        "Months",
        "Forecasts",
        "Warnings",
        "Actions",
        "Budget",
        "Savings",
        "Data dictionary",
    ]
    assert {sheet.sheet_state for sheet in book} == {"visible"}
    assert "pack.pdf and pack.docx beside this workbook" in book["Contents"]["A2"].value
    rows = range(5, 4 + len(book.sheetnames))
    listed = [book["Contents"].cell(row, 1).value for row in rows]
    assert listed == book.sheetnames[1:]
    links = [book["Contents"].cell(row, 1).hyperlink for row in rows]
    assert [link.location for link in links if link] == [f"'{name}'!A1" for name in listed]


def test_every_sheet_is_one_proper_table_with_a_frozen_header(book: Workbook) -> None:
    for sheet in book:
        (table,) = sheet.tables.values()
        headings = [column.name for column in table.tableColumns]
        assert len(headings) == len(set(headings))
        assert all(headings)
        assert table.ref.startswith("A4:")
        assert table.ref == f"A4:{sheet.cell(sheet.max_row, sheet.max_column).coordinate}"
        assert sheet.freeze_panes == "A5"
        assert not sheet.merged_cells.ranges
        assert not any(dimension.hidden for dimension in sheet.row_dimensions.values())
        assert not any(dimension.hidden for dimension in sheet.column_dimensions.values())


def test_the_summary_begins_with_the_reds(book: Workbook) -> None:
    ratings = [row[0].value for row in book["Summary"].iter_rows(min_row=5)]
    assert ratings == ["Red"] * 3 + ["Amber"] + ["Green"] * 7


def test_numbers_are_numbers_and_dates_are_dates(book: Workbook) -> None:
    sheet = book["Indicators"]
    headings = [cell.value for cell in sheet[4]]
    row = next(row for row in sheet.iter_rows(min_row=5) if row[0].value == "AD27")
    found = dict(zip(headings, (cell.value for cell in row), strict=True))
    assert found["Figure"] == 79.7
    assert row[headings.index("Figure")].number_format == "#,##0.0"
    assert found["Numerator"] == 1275
    assert found["Action due"] == dt.datetime(2025, 12, 31)


def test_the_properties_are_fixed(book: Workbook) -> None:
    assert book.properties.created == dt.datetime(2025, 10, 16)
    assert book.properties.title == "Social care performance, July to September 2025 – Fallowmere Council"


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1+1", '=HYPERLINK("x")']


def test_text_never_becomes_a_formula(tmp_path: Path) -> None:
    tables = reporting_rows()
    for headline, definition, formula in zip(
        tables["mart_scrutiny_quarter"], tables["dim_indicator"], FORMULAS, strict=False
    ):
        headline["commentary"] = definition["owner"] = formula
    figures = figures_of(tables)
    folder = tmp_path / "officer"
    write_edition(report(figures, EDITION, frozenset(), "", (), {}), figures, folder)
    with zipfile.ZipFile(folder / "workbook.xlsx") as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        assert not any(b"<f>" in book.read(name) for name in sheets)
        assert b'quotePrefix="1"' in book.read("xl/styles.xml")
    for name, column in (("indicators", "commentary"), ("definitions", "owner")):
        with (folder / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            values = {row[column] for row in csv.DictReader(lines)}
        assert {f"'{formula}" for formula in FORMULAS} <= values


def test_every_cell_of_every_csv_is_harmless(folder: Path) -> None:
    for path in folder.rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.reader(lines):
                for cell in row:
                    assert not cell.startswith(("=", "+", "@", "\t", "\r")), (path.name, cell)


def test_the_data_dictionary_describes_every_published_column(folder: Path) -> None:
    with (folder / "tables" / "data_dictionary.csv").open(encoding="utf-8", newline="") as lines:
        described = {(row["table"], row["column"]) for row in csv.DictReader(lines) if row["description"]}
    found = set()
    for path in (folder / "tables").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as lines:
            found |= {(path.stem, name) for name in next(csv.reader(lines)) if path.stem != "data_dictionary"}
    assert described == found
