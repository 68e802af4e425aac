"""Headers as councils write them: which table they are, which column each of them is, and what is refused."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from scrutiny import datasets
from scrutiny.datasets import Column, Table, Unreadable, layout
from scrutiny.datasets.headers import find_table

ANNEX_A = layout("annex_a").tables


def column(name: str, pattern: str = "", may_be_absent: bool = False) -> Column:
    return Column(
        name, 1, "text", False, False, "", "", "", "", "drop", pattern=pattern, may_be_absent=may_be_absent
    )


VISITS = Table("visits", (column("Child", r"\bchild\b"), column("Visit Date", r"\bvisit")), r"list 1\b")
CALLS = Table("calls", (column("Child", r"\bchild\b"), column("Call Date", r"\b(visit|call)")), r"list 2\b")
TABLES = (VISITS, CALLS)


def found(*header: str, title: str = "", tables: tuple[Table, ...] = TABLES) -> tuple[str, tuple[str, ...]]:
    table, columns = find_table(f"book.xlsx, sheet {title}", title, header, tables, None)
    return table.name, columns


@pytest.mark.parametrize(("dataset", "table"), [(n, t) for n in datasets.DATASETS for t in layout(n).tables])
def test_every_pattern_finds_its_own_column_and_no_other_of_its_table(dataset: str, table: Table) -> None:
    for one in table.columns:
        if one.pattern:
            hits = [c.name for c in table.columns if c.pattern and re.search(c.pattern, one.name, re.I)]
            assert hits == [one.name], (dataset, table.name)


@pytest.mark.parametrize(
    ("number", "changes"),
    [
        (1, {"Age of Child (Years)": "Age", "Date of Contact": "DATE OF CONTACT "}),
        (3, {"Date of referral": "Date of Referral", "Referral NFA?": "Referral\nNFA (Y/N)"}),
        (4, {"Was the child assessed as requiring LA children's social care support?": (
            "Was the child assessed as requiring LA children’s social care support?"
        )}),
        (5, {"Date of Initial Child Protection Conference": "Date of ICPC"}),
        (8, {
            "Unaccompanied Asylum Seeking Child (UASC) within the Last 12 Months (Y/N)": "UASC (Y/N))",
            "Number of Episodes the Child has been 'Missing' from their Placement in the last 12 months": (
                "Number of Episodes\u00a0the Child has been ‘Missing’"
            ),
            "Child's Legal Status": "Child’s  Legal Status",
        }),
        (10, {"Date of Adoption Order": "Date of Adoption Order "}),
        (11, {"No. of children placed": "Number of children placed"}),
    ],
)  # fmt: skip
def test_headers_of_real_workbooks_are_the_layouts_columns(number: int, changes: dict[str, str]) -> None:
    table = ANNEX_A[number - 1]
    names = tuple(one.name for one in table.columns)
    assert set(changes) <= set(names)
    header = tuple(changes.get(name, name) for name in names)
    assert find_table("a.csv", "a", header, ANNEX_A, None) == (table, names)


def test_a_column_called_as_in_the_layout_is_that_one_whatever_other_patterns_say() -> None:
    tables = (
        Table(
            "x",
            (column("Order", r"\border\b"), column("Order of Placement", r"placement")),
        ),
    )
    assert found("Order", "Order of Placement", tables=tables) == ("x", ("Order", "Order of Placement"))


def test_columns_that_may_be_absent_can_be_left_out() -> None:
    leavers = ANNEX_A[8]
    earlier = tuple(one.name for one in leavers.columns if not one.may_be_absent)
    assert len(earlier) == 13
    assert find_table("a.csv", "a", earlier, ANNEX_A, None) == (leavers, earlier)
    with pytest.raises(Unreadable, match="needs the column Activity Status"):
        find_table("a.csv", "a", earlier[:-1], ANNEX_A, None)


def test_other_columns_are_passed_over_where_the_layout_says_so() -> None:
    open_table = replace(VISITS, may_have_others=True)
    assert found("Note", "Child", "", "Visit Date", tables=(open_table,)) == (
        "visits",
        ("", "Child", "", "Visit Date"),
    )
    with pytest.raises(Unreadable, match="column that is not in its layout") as raised:
        found("Note", "Child", "Visit Date", tables=(VISITS,))
    assert raised.value.where.endswith("row 1, column A")


@pytest.mark.parametrize("title", ["List 1", "LIST 1 visits", "list 1"])
def test_a_title_decides_where_the_header_fits_two_tables(title: str) -> None:
    assert found("Child", "Date of visit", title=title) == ("visits", ("Child", "Visit Date"))
    assert found("Child", "Date of visit", title="List 2") == ("calls", ("Child", "Call Date"))
    assert found("Child", "Date of call", title=title) == ("calls", ("Child", "Call Date"))


def test_a_header_that_fits_two_tables_is_refused_without_a_title() -> None:
    with pytest.raises(Unreadable, match="fit the tables visits and calls") as raised:
        found("Child", "Date of visit", title="Sheet3")
    assert raised.value.rule == "ambiguous_table"


@pytest.mark.parametrize(
    ("title", "number"),
    [("List 1", 1), ("List_10", 10), ("annex a list-11 adopters", 11), ("LIST2", 2), ("list_01", 1)],
)
def test_the_titles_of_the_lists(title: str, number: int) -> None:
    titled = [t.name for t in ANNEX_A if re.search(t.title_pattern, title, re.I)]
    assert titled == [ANNEX_A[number - 1].name]


@pytest.mark.parametrize(
    ("header", "rule", "letters"),
    [
        (("Child", "Date of visit", "Visited on (visit)"), "duplicate_column", "B, C"),
        (("Child", "Visit of the child", "Visit Date"), "unclear_column", "B"),
        (("Child", "Child", "Visit Date"), "duplicate_column", "B"),
    ],
)
def test_names_that_are_not_clear_are_refused_with_their_letters(
    header: tuple[str, ...], rule: str, letters: str
) -> None:
    with pytest.raises(Unreadable) as raised:
        found(*header, title="List 1")
    assert raised.value.rule == rule
    assert raised.value.where.endswith(f"column {letters}")
