"""The return of children looked after says the same in XML as in CSV, and is read under the same limits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from scrutiny import datasets
from scrutiny.datasets import Unreadable, layout, xml_files
from scrutiny.landing import Receipt
from scrutiny.periods import FinancialYear
from scrutiny.validation import OpenDelivery, validate
from tests.unit.datasets.test_xml_files import Sent
from tests.unit.landing.small_extracts import Inbox, csv_text

ELEMENTS = {
    "episodes": "EPISODE",
    "reviews": "AREVIEW",
    "missing": "AMISSING",
    "oc2": "OC2",
    "previous_permanence": "PERMANENCE",
    "placed_adoption": "AD_PLACED",
    "social_worker_episodes": "SWEPISODE",
}
IN_HEADER = ("uasc", "oc3", "ad1")
SAID_ONCE = ("CHILD", "SEX", "DOB")


def element(name: str, value: str | None) -> str:
    return f"<{'PL' if name == 'PLACE' else name}>{value or ''}</{'PL' if name == 'PLACE' else name}>"


def as_xml(tables: dict[str, pa.Table]) -> str:
    """The return as XML: one CHILD a header row, everything else about the child inside it."""
    rows = {
        name: [{k: v for k, v in row.items() if k != "row_number"} for row in table.to_pylist()]
        for name, table in tables.items()
    }
    text = ["<?xml version='1.0' encoding='utf-8'?>", "<EXPSSDA903>"]
    for child in rows["header"]:

        def of_child(name: str, child: dict[str, str] = child) -> list[dict[str, str]]:
            return [row for row in rows[name] if row["CHILD"] == child["CHILD"]]

        header = [element("CHILDID" if name == "CHILD" else name, child[name]) for name in child]
        for name in IN_HEADER:
            for row in of_child(name):
                items = {k: v for k, v in row.items() if k not in SAID_ONCE}
                header += [element(k, "1" if k == "UASC" else v) for k, v in items.items()]
        inside = {"HEADER": "".join(header)}
        for name, tag in ELEMENTS.items():
            for row in of_child(name):
                items = "".join(
                    element(k, v) for k, v in row.items() if k not in ("CHILD", "DOB") and v is not None
                )
                place = "EPISODE" if tag == "EPISODE" else "HEADER"
                inside[place] = inside.get(place, "") + f"\n<{tag}>{items}</{tag}>"
        episodes = inside.pop("EPISODE", "")
        text.append(f"<CHILD><HEADER>{inside['HEADER']}</HEADER>{episodes}</CHILD>")
    return "\n".join([*text, "</EXPSSDA903>"])


def comparable(table: pa.Table) -> list[tuple[str | None, ...]]:
    names = [name for name in table.column_names if name not in ("row_number", "UASC")]
    rows = zip(*(table[name].to_pylist() for name in names), strict=True)
    return sorted(rows, key=lambda row: tuple(value or "" for value in row))


@pytest.fixture
def inbox(home: Path) -> Inbox:
    return Inbox(home)


def test_the_same_return_sent_either_way_gives_the_same_tables(
    inbox: Inbox, make_tables: Callable[..., dict[str, pa.Table]]
) -> None:
    tables = make_tables("ssda903")
    collected = layout("ssda903").tables_in(FinancialYear(2025))
    for table in collected:
        names = [column.name for column in table.columns_in(FinancialYear(2025))]
        rows = [
            {name: value or "" for name, value in row.items() if name in names}
            for row in tables[table.name].to_pylist()
        ]
        inbox.drop(f"ssda903/2025-07/ssda903_2025-26/{table.name}.csv", csv_text(names, rows))
    inbox.drop("ssda903/2025-08/ssda903_2025-26.xml", as_xml(tables))
    as_csv, as_xml_too = inbox.receive("ssda903", "2025-08")
    assert (as_csv.outcome, as_xml_too.outcome) == ("received", "received")
    assert as_csv.collection_year == as_xml_too.collection_year == "2025-26"
    in_csv, in_xml = datasets.read(as_csv), datasets.read(as_xml_too)
    for table in collected:
        assert comparable(in_csv[table.name]) == comparable(in_xml[table.name]), table.name
        assert in_xml[table.name].column_names == in_csv[table.name].column_names
    assert in_xml["uasc"]["UASC"].to_pylist() == ["1"]
    with OpenDelivery(as_xml_too, in_xml) as delivery:
        result = validate(delivery)
    assert [outcome.rule.code for outcome in result.outcomes if outcome.failed] == []


def test_a_table_nothing_of_which_is_in_the_xml_did_not_come(
    inbox: Inbox, make_tables: Callable[..., dict[str, pa.Table]]
) -> None:
    """XML has no empty tables: no care leavers and no table of care leavers look the same."""
    inbox.drop("ssda903/2025-07/ssda903_2025-26.xml", as_xml(make_tables("ssda903", oc3=[], oc2=[])))
    assert {"header", "episodes", "reviews"} <= set(came := datasets.read(inbox.receive_one("ssda903")))
    assert {"oc2", "oc3"}.isdisjoint(came)


def read(folder: Path, text: str, year: int = 2025) -> dict[str, pa.Table]:
    path = folder / "ssda903_2025-26.xml"
    path.write_text(text, encoding="utf-8")
    return xml_files.read_903(Sent(path), FinancialYear(year))


def child(inside: str) -> str:
    return f"<EXPSSDA903>\n<CHILD>\n<HEADER><CHILDID>1</CHILDID>{inside}</HEADER>\n</CHILD>\n</EXPSSDA903>"


def test_the_row_number_is_the_line_of_the_source(tmp_path: Path) -> None:
    tables = read(tmp_path, child("<DOB>01/01/2012</DOB>\n<AREVIEW><REVIEW>01/06/2025</REVIEW></AREVIEW>"))
    assert tables["header"]["row_number"].to_pylist() == [2]
    assert tables["reviews"].select(["CHILD", "DOB", "REVIEW", "row_number"]).to_pylist() == [
        {"CHILD": "1", "DOB": "01/01/2012", "REVIEW": "01/06/2025", "row_number": 4}
    ]


@pytest.mark.parametrize(
    ("flag", "ceased", "rows"),
    [
        ("1", "", 1),
        ("true", "", 1),
        ("", "", 0),
        ("0", "", 0),
        ("False", "", 0),
        ("0", "01/06/2025", 1),
        ("x", "", 1),
    ],
)
def test_a_child_is_unaccompanied_by_its_flag(tmp_path: Path, flag: str, ceased: str, rows: int) -> None:
    tables = read(tmp_path, child(f"<UASC>{flag}</UASC><DUC>{ceased}</DUC>"))
    assert tables["uasc"].num_rows == rows


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("<Message><Header/></Message>", "unknown_file"),
        ("<EXPSSDA903><CHILD>", "broken_xml"),
        ("", "empty_file"),
        ('<!DOCTYPE EXPSSDA903 [<!ENTITY a "b">]><EXPSSDA903>&a;</EXPSSDA903>', "document_type"),
        (child("<NAME>x</NAME>"), "unexpected_column"),
        ("<EXPSSDA903></EXPSSDA903>", "no_rows"),
    ],
)
def test_what_is_no_return_is_refused_whole(tmp_path: Path, text: str, rule: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(tmp_path, text)
    assert refused.value.rule == rule


def test_a_table_that_is_not_collected_yet_is_refused(tmp_path: Path) -> None:
    order = "<DOLO><DOLO_START>01/06/2026</DOLO_START></DOLO>"
    assert read(tmp_path, child(order), 2026)["deprivation_of_liberty"].num_rows == 1
    with pytest.raises(Unreadable, match="DOLO is not collected"):
        read(tmp_path, child(order), 2025)


def test_a_return_without_episodes_is_rejected(inbox: Inbox, make_receipt: Callable[..., Receipt]) -> None:
    inbox.drop("ssda903/2025-07/ssda903_2025-26.xml", child("<DOB>01/01/2012</DOB>"))
    receipt = inbox.receive_one("ssda903")
    with pytest.raises(Unreadable, match="episodes"):
        datasets.read(receipt)
