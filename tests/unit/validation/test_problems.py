"""What became of a supplier's problems since their last delivery."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest

from scrutiny import datasets, landing
from scrutiny.feeds import Feed
from scrutiny.landing import Receipt
from scrutiny.load import load_feed
from scrutiny.periods import Month
from scrutiny.settings import settings
from scrutiny.validation import (
    OpenDelivery,
    Outcome,
    Rejection,
    Rule,
    ValidationResult,
    report_unreadable,
    validate,
    write_reports,
)
from scrutiny.validation.problems import compare

FEED = Feed("costs", "999", "placement_costs", "999/costs", "finance", "monthly", 8, "Finance team")
Rows = dict[str, list[dict[str, str]]]


def lines(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / "errors.csv").read_text(encoding="utf-8-sig"))))


def counted(folder: Path) -> dict[str, tuple[int, int, int]]:
    """New, still open and fixed by rule, as the workbook counts them."""
    heading, *rows = openpyxl.load_workbook(folder / "errors.xlsx")["Counts by rule"].values
    found = [dict(zip(heading, row, strict=True)) for row in rows]
    return {row["Rule"]: (row["New"], row["Still open"], row["Fixed"]) for row in found}


def send(name: str, rows: Rows) -> Path:
    """Drop a delivery of placement costs, load it, and give the folder of its report."""
    folder = settings().inbox / "999" / "costs" / "2025-07" / name
    folder.mkdir(parents=True)
    for table in datasets.layout("placement_costs").tables:
        with (folder / f"{table.name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, [column.name for column in table.columns], restval="")
            writer.writeheader()
            writer.writerows(rows[table.name])
    load_feed(FEED, Month(2025, 7))
    (receipt,) = [receipt for receipt in landing.receipts() if receipt.name_as_sent == name]
    assert receipt.outcome == "accepted"
    return settings().quarantine / receipt.delivery_id


@pytest.fixture
def valid(home: Path, make_tables: Callable[..., dict[str, pa.Table]]) -> Rows:
    """Eight placements and their budgets, in which no rule fails."""
    rows: Rows = {}
    for name, table in make_tables("placement_costs").items():
        (row,) = table.drop_columns("row_number").to_pylist()
        rows[name] = [{column: text for column, text in row.items() if text is not None}]
    (placement,) = rows["placements"]
    rows["placements"] = [
        placement | {"Placement Reference": f"P{number}", "Child ID": str(number)} for number in range(1, 9)
    ]
    return rows


DIRTY: dict[str, dict[int, dict[str, str]]] = {
    "placements": {
        0: {"Placement Type": "Castle"},
        1: {"Start Date": "31/31/2025"},
        2: {"Weekly Cost": ""},
        7: {"Placement Reference": "P5"},
        5: {"End Date": "01/04/2025"},
        6: {"Weekly Cost": "999999", "Provider Type": "None"},
    },
    "activity_budgets": {0: {"Budgeted People": "many"}},
}


def dirty(valid: Rows) -> Rows:
    return {
        table: [row | DIRTY[table].get(position, {}) for position, row in enumerate(rows)]
        for table, rows in valid.items()
    }


def test_correcting_exactly_the_listed_cells_clears_the_list(valid: Rows) -> None:
    valid["activity_budgets"].append(valid["activity_budgets"][0] | {"Placement Type": "Residential care"})
    wrong = dirty(valid)
    first = send("placement_costs_first", wrong)
    listed = lines(first)
    assert [line for line in listed if not line["Row"]] == []
    assert len(listed) >= 8
    assert {line["Since last delivery"] for line in listed} == {"new"}
    for line in listed:
        row = int(line["Row"]) - 2
        for column in line["Column"].split("; "):
            right = valid[Path(line["File"]).stem][row]
            wrong[Path(line["File"]).stem][row][column] = right.get(column, "")
    second = send("placement_costs_second", wrong)
    assert lines(second) == []
    assert counted(second) == {
        rule: (0, 0, count) for rule, count in Counter(r["Rule"] for r in listed).items()
    }
    page = (second / "report.html").read_text(encoding="utf-8")
    assert "Nothing to put right" in page
    assert f"<strong>{len(listed)}</strong> fixed" in page


def test_each_problem_is_new_or_still_open_wherever_its_row_has_moved(valid: Rows) -> None:
    wrong = dirty(valid)
    send("placement_costs_first", wrong)
    wrong["placements"][0] = valid["placements"][0]
    wrong["placements"][7] = valid["placements"][7] | {"Start Date": "soon"}
    wrong["placements"].reverse()
    second = send("placement_costs_second", wrong)
    since = {(line["Row"], line["Column"]): line["Since last delivery"] for line in lines(second)}
    assert since["2", "Start Date"] == "new"
    assert since["8", "Start Date"] == "still open"
    assert since["7", "Weekly Cost"] == "still open"
    assert Counter(since.values())["new"] == 1
    counts = counted(second)
    assert counts["F-Placement Type"] == (0, 0, 1)
    assert counts["F-Start Date"] == (1, 1, 0)


Opened = Callable[..., OpenDelivery]


def report(open_delivery: Opened, number: int, rows: Sequence[dict[str, Any]], **receipt: Any) -> Path:
    """Check and report on a commentary, as the delivery of this sequence number."""
    named = {"delivery_id": f"commentary-{number}", "sequence": number} | receipt
    with open_delivery("commentary", receipt=named, commentary=rows) as delivery:
        landing.save(delivery.receipt)
        return write_reports(delivery, validate(delivery))


BLANK = {"Author": ""}
RULE = "M-Author"


def test_the_last_delivery_of_the_same_period_is_compared_with(open_delivery: Opened) -> None:
    report(open_delivery, 1, [BLANK])
    quarter = {"period_start": "2025-04-01", "period_end": "2025-06-30", "load_month": "2025-08"}
    report(open_delivery, 2, [{}], **quarter)
    assert counted(report(open_delivery, 3, [BLANK])) == {RULE: (0, 1, 0)}


def test_without_one_the_last_of_the_dataset_is(open_delivery: Opened) -> None:
    report(open_delivery, 1, [{}])
    report(open_delivery, 2, [BLANK])
    quarter = {"period_start": "2025-10-01", "period_end": "2025-12-31", "load_month": "2025-12"}
    folder = report(open_delivery, 3, [BLANK], **quarter)
    assert counted(folder) == {RULE: (0, 1, 0)}
    assert "commentary-2" in (folder / "report.html").read_text(encoding="utf-8")


def test_what_came_later_does_not_count(open_delivery: Opened) -> None:
    """A load that was interrupted reports again what it reported before."""
    before = report(open_delivery, 1, [BLANK, BLANK]).joinpath("errors.csv").read_bytes()
    report(open_delivery, 2, [BLANK])
    assert report(open_delivery, 1, [BLANK, BLANK]).joinpath("errors.csv").read_bytes() == before


def test_of_several_problems_with_one_key_as_many_are_open_as_were_there(open_delivery: Opened) -> None:
    report(open_delivery, 1, [BLANK, BLANK, BLANK, {}])
    assert counted(report(open_delivery, 2, [{}, BLANK, {}, {}]))[RULE] == (0, 1, 2)
    assert counted(report(open_delivery, 3, [BLANK, BLANK, {}, {}]))[RULE] == (1, 1, 0)


def test_a_first_delivery_has_nothing_to_compare_with(open_delivery: Opened) -> None:
    page = report(open_delivery, 1, [BLANK]).joinpath("report.html").read_text(encoding="utf-8")
    assert "no earlier delivery" in page


@pytest.mark.parametrize("dataset", datasets.DATASETS)
def test_rows_of_every_table_can_be_known_again(dataset: str, open_delivery: Opened) -> None:
    with open_delivery(dataset) as delivery:
        outcomes = []
        for position, table in enumerate(delivery.layout.tables):
            rows = delivery.connection.execute(
                f'insert into problems select {position}, row_id, row_number from "{table.name}"'
            ).fetchall()
            rule = Rule(table.name, "ANY", "query", "Look.", (), "a test", ())
            outcomes.append(Outcome(rule, rows[0][0], rows[0][0]))
        result = ValidationResult(tuple(outcomes), pa.table({}), {}, {}, {})
        found = compare(delivery, result)
    assert found.problems.num_rows == sum(outcome.checked for outcome in outcomes) > 0
    assert set(found.problems["since"].to_pylist()) == {"new"}


def test_another_key_gives_other_hashes(open_delivery: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    def kept() -> list[bytes]:
        return [path.read_bytes() for path in (settings().staged / "validation" / "problems").iterdir()]

    report(open_delivery, 1, [BLANK])
    first = kept()
    monkeypatch.setenv("SCRUTINY_PSEUDONYM_KEY", "a quite different secret")
    settings.cache_clear()
    report(open_delivery, 1, [BLANK])
    assert kept() != first


def test_a_file_that_cannot_be_read_for_the_same_reason_is_still_open(
    home: Path, make_receipt: Callable[..., Receipt]
) -> None:
    rejection = Rejection("empty", "The file is empty.", "a.csv", "Send it again.")
    reason = {"rule": "empty", "what": "The file is empty.", "where": "a.csv", "action": "Send it again."}
    for number, since in ((1, "new"), (2, "still open")):
        receipt = make_receipt("cld", delivery_id=f"cld-{number}", sequence=number)
        assert [line["Since last delivery"] for line in lines(report_unreadable(receipt, rejection))] == [
            since
        ]
        landing.save(
            make_receipt(
                "cld", delivery_id=f"cld-{number}", sequence=number, outcome="rejected", reason=reason
            )
        )
