"""What the supplier gets back: right places, plain words, no values, the same bytes every time."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from lxml import html

from scrutiny.landing import Receipt
from scrutiny.settings import settings
from scrutiny.validation import OpenDelivery, Rejection, report_unreadable, validate, write_reports

FAULTY: dict[str, Any] = {
    "receipt": {"name_as_sent": "ssda903_2025-26"},
    "header": [
        {"SEX": "CANARY"},
        {"CHILD": "2", "DOB": "CANARY", "UPN": "CANARY"},
        {"CHILD": "3", "DOB": "01/06/2006", "UPN": "UN3", "MOTHER": ""},
        *({"CHILD": child, "UPN": f"A12345678901{child}"} for child in ("4", "5", "6")),
    ],
    "episodes": [
        {"DECOM": "02/03/2026", "DEC": "01/03/2026", "REC": "E8", "HOME_POST": "CANARY"},
        {"CHILD": "CANARY", "LS": "CANARY"},
        {"CHILD": "4"},
        {"CHILD": "5", "DECOM": "01/05/2024"},
        {
            "CHILD": "6",
            "DECOM": "01/02/2025",
            "RNE": "P",
            "LS": "E1",
            "PLACE": "A6",
            "DEC": "01/06/2025",
            "REC": "E12",
        },
    ],
    "reviews": [{"DOB": "CANARY", "REVIEW": "CANARY"}],
}


def lines(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / "errors.csv").read_text(encoding="utf-8-sig"))))


def test_report_names_file_table_row_column_letter_rule_and_what_to_do(
    open_delivery: Callable[..., OpenDelivery],
) -> None:
    with open_delivery("ssda903", **FAULTY) as delivery:
        folder = write_reports(delivery, validate(delivery))
    (line,) = (line for line in lines(folder) if line["Rule"] == "356")
    assert line == {
        "File": "episodes.csv",
        "Table": "episodes",
        "Row": "2",
        "Column": "DECOM; DEC",
        "Spreadsheet column": "B; H",
        "Rule": "356",
        "Severity": "error",
        "What to do": "The episode ends before it starts. Correct one of the dates.",
        "Since last delivery": "new",
    }


def test_workbook_holds_the_rows_and_the_counts(open_delivery: Callable[..., OpenDelivery]) -> None:
    with open_delivery("ssda903", **FAULTY) as delivery:
        result = validate(delivery)
        folder = write_reports(delivery, result)
    workbook = openpyxl.load_workbook(folder / "errors.xlsx")
    rows, counts = workbook["Rows to look at"], workbook["Counts by rule"]
    assert rows.max_row == 1 + result.problems.num_rows == 1 + len(lines(folder))
    assert counts.max_row == 1 + sum(bool(outcome.failed) for outcome in result.outcomes)
    assert [cell.value for cell in counts[1]][-4:] == ["New", "Still open", "Fixed", "Source"]
    for sheet in (rows, counts):
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref is not None
        assert sheet.column_dimensions["A"].width > 20


def test_nothing_written_about_a_delivery_holds_a_value(open_delivery: Callable[..., OpenDelivery]) -> None:
    with open_delivery("ssda903", **FAULTY) as delivery:
        result = validate(delivery)
        folder = write_reports(delivery, result)
    workbook = openpyxl.load_workbook(folder / "errors.xlsx")
    texts = [str(cell) for sheet in workbook for row in sheet.values for cell in row]
    texts += [(folder / "errors.csv").read_text("utf-8"), (folder / "report.html").read_text("utf-8")]
    history = pq.read_table(settings().staged / "validation" / f"{folder.name}.parquet")
    texts += [str(history.to_pydict()), repr(result), str(result.problems.to_pydict())]
    kept = pq.read_table(settings().staged / "validation" / "problems" / f"{folder.name}.parquet")
    assert kept.num_rows == result.problems.num_rows
    texts.append(str(kept.to_pydict()))
    assert [text for text in texts if "CANARY" in text or "02/03/2026" in text] == []
    assert result.problems.num_rows > 8


def test_the_same_delivery_gives_the_same_bytes(open_delivery: Callable[..., OpenDelivery]) -> None:
    written = []
    for _ in range(2):
        with open_delivery("ssda903", **FAULTY) as delivery:
            folder = write_reports(delivery, validate(delivery))
        kept = sorted((settings().staged / "validation").rglob("*.parquet"))
        written.append([path.read_bytes() for path in (*sorted(folder.iterdir()), *kept)])
    assert written[0] == written[1]
    assert len(written[0]) == 5


def test_putting_right_what_the_report_lists_clears_it(
    open_delivery: Callable[..., OpenDelivery], make_tables: Callable[..., dict[str, pa.Table]]
) -> None:
    rows = {table: FAULTY[table] for table in ("header", "episodes", "reviews")}
    with open_delivery("ssda903", **FAULTY) as delivery:
        listed = lines(write_reports(delivery, validate(delivery)))
    valid = {"header": list("123456"), "episodes": list("12456"), "reviews": ["1"]}
    for line in listed:
        if line["Table"] not in rows:
            continue  # it differs from a row of the Header that is put right
        row = rows[line["Table"]][int(line["Row"]) - 2]
        wrong = line["Column"].split("; ")[0]
        row = {name: value for name, value in row.items() if name != wrong}
        rows[line["Table"]][int(line["Row"]) - 2] = row
    corrected = {
        table: [{**row, "CHILD": child} for row, child in zip(rows[table], children, strict=True)]
        for table, children in valid.items()
    }
    corrected["header"][1]["UPN"] = "A123456789013"
    corrected["header"][2] |= {"DOB": "01/06/2006"}
    corrected["episodes"][1] |= {"LS": "V2"}
    with open_delivery("ssda903", **corrected) as delivery:
        assert lines(write_reports(delivery, validate(delivery))) == []


def test_page_is_whole_accessible_html_without_outside_resources(
    open_delivery: Callable[..., OpenDelivery],
) -> None:
    with open_delivery("ssda903", **FAULTY) as delivery:
        folder = write_reports(delivery, validate(delivery))
    text = (folder / "report.html").read_text(encoding="utf-8")
    page = html.fromstring(text)
    assert text.startswith("<!DOCTYPE html>")
    assert page.get("lang") == "en-GB"
    assert page.findtext(".//title")
    assert len(page.findall(".//h1")) == 1
    assert page.findall(".//table")
    for table in page.findall(".//table"):
        assert table.findtext("caption")
        assert {cell.get("scope") for cell in table.iter("th")} == {"col", "row"}
    assert {link.get("href") for link in page.iter("a")} == {"errors.xlsx", "errors.csv"}
    assert "http" not in text
    assert "<script" not in text


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "<b>x</b>", "@sum"])
def test_names_from_outside_do_nothing_in_a_spreadsheet_or_a_page(
    name: str, home: Path, make_receipt: Callable[..., Receipt]
) -> None:
    rejection = Rejection("empty", "The file is empty.", name, "Send it again.")
    folder = report_unreadable(make_receipt("cld", name_as_sent=name), rejection)
    assert all(line["File"][0] not in "=@" for line in lines(folder))
    sheet = openpyxl.load_workbook(folder / "errors.xlsx")["Rows to look at"]
    assert sheet["A2"].data_type == "s"
    assert "<b>" not in (folder / "report.html").read_text(encoding="utf-8")
    history = pq.read_table(settings().staged / "validation" / f"{folder.name}.parquet").to_pylist()
    assert [(row["rule_code"], row["severity"], row["failed"]) for row in history] == [("empty", "reject", 1)]


def test_history_has_every_rule_once(open_delivery: Callable[..., OpenDelivery]) -> None:
    with open_delivery("cld", events=[{"Event End Date": ""}]) as delivery:
        result = validate(delivery)
        folder = write_reports(delivery, result)
    rows = pq.read_table(settings().staged / "validation" / f"{folder.name}.parquet").to_pylist()
    assert len(rows) == len(result.outcomes)
    assert len({(row["table_name"], row["rule_code"], row["columns"]) for row in rows}) == len(rows)
    assert [row["failed"] for row in rows if row["rule_code"] == "CLD-M08"] == [1]
    assert {(row["checked"], row["failed"] is None) for row in rows} == {(1, False), (0, True)}, "run or not"
    kinds = {row["rule_code"]: row["kind"] for row in rows}
    assert kinds["CLD-M08"] == "rule"
    assert set(kinds.values()) == {"missing", "format", "rule"}


def test_a_rejecting_rule_stops_the_delivery(open_delivery: Callable[..., OpenDelivery]) -> None:
    with open_delivery("ssda903", episodes=[{"CHILD": "other"}]) as delivery:
        rejection = validate(delivery).rejection
    assert rejection is not None
    assert rejection.rule == "903-R1"
    assert rejection.where == "table header, column CHILD"
