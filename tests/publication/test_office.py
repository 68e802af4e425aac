"""The workbook and the Word file as LibreOffice opens them."""

import datetime as dt
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from reporting_copy import QUARTER, figures_of, reporting_rows

from scrutiny.reports.edition import write_edition
from scrutiny.reports.view import Edition, report

EDITION = Edition("officer", "1.0.0", "Version 1.0.0.", dt.datetime(2025, 10, 16, tzinfo=dt.UTC))
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("x")', "=cmd|'/c calc'!A1"]


@pytest.fixture(scope="module")
def soffice() -> str:
    """LibreOffice. Where there is none its tests are skipped, but in CI they fail."""
    found = shutil.which("soffice")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("LibreOffice is missing: .ci/office should have installed it.")
        pytest.skip("LibreOffice is not installed")
    return found


@pytest.fixture(scope="module")
def opened(soffice: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an edition whose words look like formulas, and what LibreOffice made of it."""
    folder = tmp_path_factory.mktemp("office")
    tables = reporting_rows()
    for row, formula in zip(tables["mart_scrutiny_quarter"], FORMULAS, strict=False):
        row["commentary"] = formula
    figures = figures_of(tables)
    shown = report(figures, EDITION, frozenset({("CP10", QUARTER.months[2])}), "Few people.", (), {})
    write_edition(shown, figures, folder / "officer")
    for name, to in (("workbook.xlsx", "xlsx"), ("pack.docx", "txt:Text (encoded):UTF8")):
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        subprocess.run(
            [soffice, profile, "--headless", "--convert-to", to, "--outdir", folder / "opened",
             folder / "officer" / name],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
    return folder


def held(value: Any) -> Any:
    """A value as it is compared: of the fifteen digits that a spreadsheet keeps, twelve."""
    return float(f"{value:.12g}") if isinstance(value, float) else value


def test_the_workbook_is_read_back_equal(opened: Path) -> None:
    ours = openpyxl.load_workbook(opened / "officer" / "workbook.xlsx")
    theirs = openpyxl.load_workbook(opened / "opened" / "workbook.xlsx")
    assert theirs.sheetnames == ours.sheetnames
    for sheet in ours:
        other = theirs[sheet.title].iter_rows(max_row=sheet.max_row, max_col=sheet.max_column)
        assert [[held(cell.value) for cell in row] for row in other] == [
            [held(cell.value) for cell in row] for row in sheet.iter_rows()
        ], sheet.title
        assert list(theirs[sheet.title].tables) == list(sheet.tables)
    commentaries = {row[21].value for row in theirs["Indicators"].iter_rows(min_row=5)}
    assert set(FORMULAS) <= commentaries
    assert not any(cell.data_type == "f" for sheet in theirs for row in sheet.iter_rows() for cell in row)


def test_the_word_file_is_read_whole(opened: Path) -> None:
    read = (opened / "opened" / "pack.txt").read_text(encoding="utf-8-sig")
    for said in (
        "Social care performance, July to September 2025",
        "Off target: what is wrong, why, what is being done, will it come right",
        "Why Review officers were moved to hospital discharge",
        "Where this report comes from",
        *(f"What the service says {formula}" for formula in FORMULAS),
    ):
        assert said in read
