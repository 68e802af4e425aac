"""The Performance Board's pack: warnings first, every indicator once, and every figure as the mart has it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow as pa
import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from lxml import html
from openpyxl.workbook import Workbook
from playwright.sync_api import Browser
from reporting_copy import made_up, reporting_rows, write_reporting_copy
from test_browser import AXE

from scrutiny.periods import Month
from scrutiny.reports import board
from scrutiny.reports.board import BoardIndicator, read_boards, write_board
from scrutiny.reports.chart import sparkline
from scrutiny.settings import PROJECT, settings
from scrutiny.warehouse import WarehouseError

SEPTEMBER = Month(2025, 9)
MONTHS = [SEPTEMBER - back for back in range(12, -1, -1)]
GAP, SIGNAL = Month(2025, 1), Month(2025, 9)
FORMULA = '=cmd|" /C calc"!A0'
CONTRACT = yaml.safe_load(
    (PROJECT / "dbt_project/models/marts/_report_writers.yml").read_text(encoding="utf-8")
)


def mart() -> list[dict[str, Any]]:
    """The made-up indicators by month: one month of FD07 has no records, CP10 none at all."""
    rows = []
    for made in made_up():
        numerators = made.numerators()
        for month in MONTHS:
            numerator = numerators.get(month, made.numerator)
            is_there = made.indicator_id != "CP10" and (made.indicator_id, month) != ("FD07", GAP)
            is_now = month == SEPTEMBER
            rows.append(
                {
                    "authority_code": "999",
                    "month": str(month),
                    "title": f"<i>{made.title}</i>" if made.indicator_id == "FD07" else made.title,
                    "owner": FORMULA if made.indicator_id == "FD07" else "Head of service",
                    "is_load_month": is_now,
                    "numerator": numerator if is_there else None,
                    "denominator": made.denominator if is_there else None,
                    "value": made.value(numerator) if is_there else None,
                    "status": "available" if is_there else "unavailable",
                    "status_reason": None if is_there else "The extract has not arrived.",
                    "target": made.target,
                    "rag": made.rag if is_there else "not rated",
                    "direction_short": "worse" if made.indicator_id == "FD07" else None,
                    "headline_basis": made.basis,
                    "headline_label": "July to September 2025" if is_now else None,
                    "headline_value": made.value(numerator) if is_now and is_there else None,
                    "headline_rag": made.rag if is_now else None,
                    "spc_variation": "concerning" if (made.indicator_id, month) == ("FD07", SIGNAL) else None,
                    "spc_reason": "Above what chance explains",
                    "forecast_rag": "red" if is_now and made.target else None,
                    "forecast_outturn": made.target + 1 if is_now and made.target else None,
                    "warning_position": 1 if is_now and made.indicator_id == "LV02" else None,
                    **{
                        name: getattr(made, name)
                        for name in ("indicator_id", "family", "service", "polarity", "unit", "decimals")
                    },
                }
            )
    return rows


def add_mart(copy: Path, rows: list[dict[str, Any]]) -> None:
    """Make the mart as its contract says, and fill it."""
    (model,) = (model for model in CONTRACT["models"] if model["name"] == "mart_performance_board")
    types = {column["name"]: column["data_type"] for column in model["columns"]}
    assert set(rows[0]) <= set(types)
    with duckdb.connect(str(copy)) as database:
        database.register("rows", pa.Table.from_pylist(rows))
        typed = ", ".join(
            f"cast({name if name in rows[0] else 'null'} as {kind}) as {name}" for name, kind in types.items()
        )
        database.execute(
            f"create or replace table reporting.mart_performance_board as select {typed} from rows"
        )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reporting copy with the board's mart, which no test changes."""
    written = write_reporting_copy(tmp_path_factory.mktemp("board") / "reporting", reporting_rows())
    add_mart(written, mart())
    return written


@pytest.fixture(scope="module")
def first(copy: Path) -> Iterator[Path]:
    """The first page of the pack, of which a page holds so few indicators that there are several."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCRUTINY_HOME", str(copy.parents[1]))
        patch.setattr(board, "MOST_ON_A_PAGE", 6)
        settings.cache_clear()
        yield write_board(SEPTEMBER)
    settings.cache_clear()


def pages(first: Path) -> list[Path]:
    return [first, *sorted((first.parent / "performance_board").glob("*.html"))]


def cells(page: Path, caption: str) -> list[list[str]]:
    """The cells of the table with a caption, spaces put together."""
    tree = html.fromstring(page.read_bytes())
    (found,) = (table for table in tree.iter("table") if table.findtext("caption") == caption)
    rows = [row for row in found.iter("tr") if row.find("td") is not None]
    return [[" ".join(cell.text_content().split()) for cell in row] for row in rows]


def card(first: Path, indicator_id: str) -> html.HtmlElement:
    found = [
        node
        for page in pages(first)
        for node in html.fromstring(page.read_bytes()).iter("section")
        if node.get("id") == indicator_id
    ]
    assert len(found) == 1, "every indicator has one place"
    return found[0]


def test_what_changed_for_the_worse_comes_first_with_why_and_what_to_look_at(first: Path) -> None:
    headings = [node.text_content() for node in html.fromstring(first.read_bytes()).iter("h2")]
    assert headings[0] == "Early warnings: 4, 4 of them new"
    turned, special, forecast, quality = cells(first, "Early warnings")
    assert turned[0].startswith("1. Care leavers aged 19 to 21 in education")
    assert turned[1:4] == ["The rating became red this quarter", "46.6 against a target of 55.", "New"]
    assert turned[4] == "Its own thirteen months: nothing is read together with it"
    assert special[0].startswith("2. Referrals per 10,000")
    assert forecast[4] == "Children on a protection plan per 10,000 What moves it: so"
    assert quality[0] == "4. Children in need census: section 47"
    assert quality[4].startswith(
        "The data quality of the month Protection plans open two years or more <i>Re-"
    )


def test_a_figure_that_cannot_be_made_leads_to_the_data_quality(home: Path) -> None:
    tables = reporting_rows()
    tables["mart_early_warning"][0]["rule_id"] = "no_figure"
    add_mart(write_reporting_copy(home / "reporting", tables), mart())
    assert cells(write_board(SEPTEMBER), "Early warnings")[0][4] == "The data quality of the month"


def test_every_indicator_is_on_one_page_that_its_links_lead_to(first: Path) -> None:
    trees = {page.resolve(): html.fromstring(page.read_bytes()) for page in pages(first)}
    assert len(trees) > 4
    ids = {path: [node.get("id") for node in tree.iter() if node.get("id")] for path, tree in trees.items()}
    places = [name for path, found in ids.items() for name in found]
    for made in made_up():
        assert places.count(made.indicator_id) == 1, made.indicator_id
    for path, tree in trees.items():
        assert len(set(ids[path])) == len(ids[path])
        for link in tree.iter("a"):
            target, _, anchor = link.get("href").partition("#")
            led = (path.parent / target).resolve() if target else path
            if led.name == "data_quality.html":
                continue  # of the task beside this one
            assert led.exists(), link.get("href")
            assert not anchor or anchor in ids[led], link.get("href")


def test_families_come_in_the_order_of_the_scrutiny_pack_and_are_never_parted(
    first: Path, copy: Path
) -> None:
    (ours,) = read_boards(copy, SEPTEMBER)
    assert [family.name for family in ours.families][:4] == [
        "Front door", "Child protection", "Children looked after", "Care leavers",
    ]  # fmt: skip
    assert [(page.file, page.heading, len(page.families)) for page in ours.pages] == [
        ("children.html", "Children, part 1 of 2", 2),
        ("children-2.html", "Children, part 2 of 2", 2),
        ("adults.html", "Adults", 3),
        ("workforce.html", "Workforce", 1),
    ]


def test_thirteen_months_are_those_of_the_mart_and_what_is_missing_is_not_nothing(first: Path) -> None:
    given = {row["month"]: row for row in mart() if row["indicator_id"] == "FD07"}
    found = [
        [" ".join(cell.text_content().split()) for cell in row] for row in card(first, "FD07").iter("tr")
    ][1:]
    assert len(found) == 13
    assert found[0][0] == "Sep 2025"
    for month, row in zip(reversed(MONTHS), found, strict=True):
        mart_row = given[str(month)]
        if month == GAP:
            assert row[1:] == ["–", "", ""]
            continue
        assert row[1] == f"{mart_row['value']:.1f}%"
        assert row[2] == f"{mart_row['numerator']:.0f} of 680"
        assert row[3].startswith("Red")
    assert found[0][3] == "Red concerning"


def test_a_rating_is_a_word_a_shape_and_a_colour_and_a_signal_a_shape_and_words(first: Path) -> None:
    shown = card(first, "FD07")
    tag = shown.find_class("tag")[0]
    assert (tag.text_content(), tag.get("class")) == ("Red", "govuk-tag tag red")
    assert tag.find(".//use").get("href") == "#shape-red"
    (spark,) = shown.find_class("spark")
    assert len(spark.find_class("triangle")) == 1
    assert len(spark.findall("polyline[@class='series']")) == 2, "the month without a figure is a gap"
    assert len(spark.findall("use")) == 12
    assert "Concerning: above what chance explains." in shown.text_content()
    assert "Beyond chance: September 2025." in spark.get("aria-label")
    assert "Target 22.0%" in shown.text_content()
    assert "Worse than the month before" in shown.text_content()


def test_what_has_no_figure_says_why(first: Path) -> None:
    nodes = [node for page in pages(first) for node in html.fromstring(page.read_bytes()).iter("li")]
    said = [" ".join(node.text_content().split()) for node in nodes if node.get("id") == "CP10"]
    assert said == ["Protection plans open two years or more: The extract has not arrived."]


def test_what_is_red_is_listed_and_counted(first: Path) -> None:
    rows = cells(first, "Indicators that are red in the month")
    assert {row[0] for row in rows} == {made.title for made in made_up() if made.rag == "red"} - {
        "Re-referrals within 12 months"
    } | {"<i>Re-referrals within 12 months</i>"}
    referred = next(row for row in rows if row[0].startswith("<i>Re-"))
    assert referred[3] == "8 months", "the month without a figure breaks the run"
    assert referred[6] == "Unlikely"
    tally = html.fromstring(first.read_bytes()).find_class("tally")[0]
    assert tally[0].findtext("b") == str(len(rows))
    plan = cells(first, "Priorities of the service plan")
    assert plan == [["Children are safe area for improvement", "2", "1", "0", "0", "1", "1"]]


def test_the_pages_are_accessible_text_for_officers_without_outside_resources(first: Path) -> None:
    for page in pages(first):
        text = page.read_text(encoding="utf-8")
        tree = html.fromstring(text)
        assert "For officers: not for publication" in text
        assert len(tree.findall(".//h1")) == 1
        levels = [int(node.tag[1]) for node in tree.iter("h1", "h2", "h3", "h4")]
        assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
        style = "".join(tree.xpath("//style/text()"))
        assert not re.search(r"@import|@font-face|url\(", style)
        assert "http" not in text.replace(style, "").replace("http-equiv", "")
        assert "<script" not in text
        assert "<i>Re-" not in text, "what comes from the register is text, not HTML"


def test_the_same_month_gives_the_same_bytes_and_pages_of_an_earlier_load_go(first: Path) -> None:
    def held() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in first.parent.rglob("*") if path.is_file()}

    before = held()
    (first.parent / "performance_board" / "children-9.html").write_text("stale", encoding="utf-8")
    write_board(SEPTEMBER)
    assert held() == before


@pytest.fixture(scope="module")
def book(first: Path) -> Workbook:
    return openpyxl.load_workbook(first.with_suffix(".xlsx"))


def records(book: Workbook, sheet: str) -> list[dict[str, Any]]:
    header, *rows = list(book[sheet].iter_rows(min_row=4, values_only=True))
    assert len(set(header)) == len(header)
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_the_workbook_has_every_figure(book: Workbook) -> None:
    assert book.sheetnames == ["Contents", "Early warnings", "Board", "Months"]
    assert {sheet.sheet_state for sheet in book} == {"visible"}
    assert "not for publication" in book["Contents"]["A2"].value
    assert [row["Place"] for row in records(book, "Early warnings")] == [1, 2, 3, 4]
    given = mart()
    months = {(row["Indicator id"], row["Month"]): row for row in records(book, "Months")}
    by_indicator = {row["Indicator id"]: row for row in records(book, "Board")}
    assert set(by_indicator) == {made.indicator_id for made in made_up()}
    for row in given:
        month = Month.parse(row["month"])
        value = by_indicator[row["indicator_id"]][month.start.strftime("%b %Y")]
        assert value == (None if row["value"] is None else pytest.approx(row["value"]))
        if row["indicator_id"] != "CP10":
            of_month = months.pop((row["indicator_id"], row["month"]))
            assert of_month["Figure"] == value
            assert of_month["Status"] == row["status"]
    assert months == {}
    assert by_indicator["FD07"]["Rating"] == by_indicator["FD07"]["Headline rating"] == "Red"
    assert by_indicator["CP10"]["Status reason"] == "The extract has not arrived."


def test_no_text_of_the_workbook_becomes_a_formula(first: Path, book: Workbook) -> None:
    assert FORMULA in {row["Owner"] for row in records(book, "Board")}
    with zipfile.ZipFile(first.with_suffix(".xlsx")) as held:
        sheets = [name for name in held.namelist() if name.startswith("xl/worksheets/sheet")]
        assert not any(b"<f>" in held.read(name) for name in sheets)


def test_another_authority_has_its_own_and_neither_shows_the_other(home: Path) -> None:
    written = write_reporting_copy(home / "reporting", reporting_rows())
    rows = [row for row in mart() if row["indicator_id"] in ("FD07", "WF01")]
    add_mart(written, rows + [row | {"authority_code": "998", "title": "Of the island"} for row in rows])
    with duckdb.connect(str(written)) as database:
        database.execute("insert into reporting.dim_authority by name select '998' as authority_code, "
                         "'Merrow Island Council' as authority_name")  # fmt: skip
    ours = write_board(SEPTEMBER)
    theirs = ours.parent / "998" / "performance_board.html"
    for own, inside, outside in (
        (ours, "Fallowmere", "island"),
        (theirs, "Merrow Island", "Re-referrals within"),
    ):
        shown = "".join(page.read_text(encoding="utf-8") for page in pages(own))
        assert inside in shown
        assert outside.lower() not in shown.lower().replace("merrow island" if own == theirs else "", "")


def test_an_indicator_whose_definition_has_ended_is_left_out(tmp_path: Path) -> None:
    written = write_reporting_copy(tmp_path, reporting_rows())
    add_mart(written, [row for row in mart() if row["indicator_id"] != "WF01" or not row["is_load_month"]])
    (ours,) = read_boards(written, SEPTEMBER)
    assert "WF01" not in ours.by_id
    assert "WF02" in ours.by_id


def test_a_month_that_was_not_promoted_says_so(home: Path) -> None:
    with pytest.raises(WarehouseError, match="Nothing of 2025-09 has been published yet"):
        write_board(SEPTEMBER)


def test_a_copy_of_an_earlier_version_or_without_the_authority_says_what_to_do(
    reporting: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(WarehouseError, match="earlier version of Scrutiny: load 2025-09 again"):
        write_board(SEPTEMBER)
    add_mart(reporting / "2025-09_r1.duckdb", mart())
    monkeypatch.setenv("SCRUTINY_AUTHORITY", "997")
    settings.cache_clear()
    with pytest.raises(WarehouseError, match="does not hold the authority 997: correct SCRUTINY_AUTHORITY"):
        write_board(SEPTEMBER)


def test_months_red_count_back_from_the_load_month(copy: Path) -> None:
    (ours,) = read_boards(copy, SEPTEMBER)
    found: dict[str, BoardIndicator] = ours.by_id
    assert found["AD27"].months_red == 13
    assert found["FD11"].months_red == 0


def test_a_line_needs_two_figures_and_stays_within_its_room() -> None:
    assert sparkline([None, 4.0], [None, None], ["", ""]) is None
    drawn = sparkline([1.0, None, 5.0, 5.0], [9.0, 9.0, 9.0, 9.0], ["", "", "concerning", "improving"])
    assert drawn is not None
    assert [mark.shape for mark in drawn.marks] == ["dot", "triangle", "square"]
    assert len(drawn.line) == 2
    ys = [float(point.split(",")[1]) for run in drawn.line + drawn.target for point in run.split()]
    assert min(ys) == 12
    assert max(ys) == 58


@pytest.mark.browser
def test_every_page_is_accessible_fits_the_screen_and_asks_for_nothing(browser: Browser, first: Path) -> None:
    shown = browser.new_page()
    said: list[str] = []
    asked: list[str] = []
    shown.on("console", lambda message: said.append(message.text))
    shown.on("request", lambda request: asked.append(request.url))
    visited = [page.as_uri() for page in pages(first)]
    for address in visited:
        shown.goto(address)
        shown.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        for width in (1280, 375):
            shown.set_viewport_size({"width": width, "height": 900})
            assert shown.evaluate("document.documentElement.scrollWidth") == width, address
        found = Axe().run(shown, options=AXE)
        assert found.violations_count == 0, f"{address}\n{found.generate_report()}"
    assert said == []
    assert asked == visited
    shown.close()
