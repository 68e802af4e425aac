"""Workbooks as councils send them: recognised by their headers, read as a spreadsheet shows them."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest

from scrutiny.datasets import Unreadable, csv_files, layout, workbooks

TABLES = layout("establishment").tables
POSTS = [column.name for column in TABLES[0].columns]


@dataclass(frozen=True)
class Sent:
    path: Path

    @property
    def name(self) -> str:
        return self.path.name


def workbook(folder: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Sent:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    path = folder / "posts.xlsx"
    book.save(path)
    return Sent(path)


def post(**values: object) -> list[object]:
    return [values.get(name.replace(" ", "_")) for name in POSTS]


def test_cells_are_read_as_an_export_to_csv_would_write_them(tmp_path: Path) -> None:
    row = post(
        Month="2025-07",
        Post_ID=17.0,
        Post_FTE=0.5,
        Team="  North ",
        Start_Date=dt.datetime(2024, 2, 29),
        Leave_Date="31/02/2025",
        Cases_Held=12,
    )
    sent = workbook(tmp_path, {"Posts": [POSTS, row, [], row]})
    (sheet,) = workbooks.recognise(sent, TABLES, None, "day_first")
    read = workbooks.read(sheet)
    assert sheet.name == "posts.xlsx, sheet Posts"
    assert read["row_number"].to_pylist() == [2, 4]
    assert {name: value for name, value in read.slice(0, 1).to_pylist()[0].items() if value} == {
        "Month": "2025-07",
        "Post ID": "17",
        "Post FTE": "0.5",
        "Team": "North",
        "Start Date": "29/02/2024",
        "Leave Date": "31/02/2025",
        "Cases Held": "12",
        "row_number": 2,
    }


def test_a_workbook_and_a_csv_file_give_the_same_table(tmp_path: Path) -> None:
    rows = [post(Month="2025-07", Post_ID="P1", Start_Date="01/04/2024"), post(Month="2025-07", Post_ID="P2")]
    (sheet,) = workbooks.recognise(workbook(tmp_path, {"a": [POSTS, *rows]}), TABLES, None, "day_first")
    path = tmp_path / "posts.csv"
    path.write_text("\n".join(",".join(str(cell or "") for cell in row) for row in (POSTS, *rows)) + "\n")
    read = csv_files.read(csv_files.recognise(Sent(path), TABLES, None))
    assert workbooks.read(sheet).equals(read)
    assert workbooks.read(sheet).schema.field("Team").metadata == {b"position": b"3"}


def test_sheets_for_people_and_blank_ones_are_passed_over(tmp_path: Path) -> None:
    sheets = {
        "Guidance": [["Fill in"]],
        "Lists": [["Filled"]],
        "Empty": [],
        "Posts": [POSTS, post(Month="m")],
    }
    found = workbooks.recognise(workbook(tmp_path, sheets), TABLES, None, "day_first")
    assert [sheet.table.name for sheet in found] == ["posts"]


@pytest.mark.parametrize(
    ("rows", "rule", "where"),
    [
        ([["Team", "Post"], ["a", "b"]], "unknown_table", "posts.xlsx, sheet S, row 1"),
        ([POSTS[1:], POSTS[1:]], "missing_column", "posts.xlsx, sheet S, row 1"),
        ([[*POSTS, "Shoe size"]], "unexpected_column", "posts.xlsx, sheet S, row 1, column P"),
        ([[*POSTS, "Team"]], "duplicate_column", "posts.xlsx, sheet S, row 1, column P"),
        ([[], POSTS], "blank_first_row", "posts.xlsx, sheet S, row 1"),
        ([], "empty_file", "posts.xlsx"),
    ],
)
def test_what_cannot_be_used_says_which_sheet(
    tmp_path: Path, rows: Sequence[Sequence[object]], rule: str, where: str
) -> None:
    with pytest.raises(Unreadable) as raised:
        workbooks.recognise(workbook(tmp_path, {"S": rows}), TABLES, None, "day_first")
    assert (raised.value.rule, raised.value.where) == (rule, where)


def test_headers_without_rows_are_no_extract(tmp_path: Path) -> None:
    (sheet,) = workbooks.recognise(workbook(tmp_path, {"S": [POSTS]}), TABLES, None, "day_first")
    assert workbooks.read(sheet, may_be_empty=True).num_rows == 0
    with pytest.raises(Unreadable, match="no rows"):
        workbooks.read(sheet)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a workbook", b"\xd0\xcf\x11\xe0 an old one"])
def test_a_broken_workbook_is_refused_without_its_text(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "posts.xlsx"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match="cannot be opened"):
        workbooks.recognise(Sent(path), TABLES, None, "day_first")


def test_a_workbook_that_unpacks_to_too_much_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "posts.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts, parts.open("sheet1.xml", "w") as part:
        for _ in range(129):
            part.write(bytes(1 << 20))
    with pytest.raises(Unreadable, match="128 MB"):
        workbooks.recognise(Sent(path), TABLES, None, "day_first")
