"""The data quality page: what it says, in what order, to everybody and without anything from outside."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from lxml import html
from playwright.sync_api import Browser

from scrutiny.periods import Month
from scrutiny.reports.quality import read_quality, share, write_quality_page
from scrutiny.settings import PROJECT, settings
from scrutiny.warehouse import WarehouseError

SEPTEMBER = Month(2025, 9)
NOT_ARRIVED = "The establishment extract of this month has not arrived."
CONTRACT = yaml.safe_load(
    (PROJECT / "dbt_project/models/marts/_data_quality.yml").read_text(encoding="utf-8")
)


def insert(database: duckdb.DuckDBPyConnection, mart: str, rows: list[dict[str, Any]]) -> None:
    """Make a mart as its contract says, and fill it; what a row leaves out is null."""
    (model,) = (model for model in CONTRACT["models"] if model["name"] == mart)
    columns = ", ".join(f"{column['name']} {column['data_type']}" for column in model["columns"])
    database.execute(f"create or replace table reporting.{mart} ({columns})")
    for row in rows:
        names = ", ".join(row)
        values = ", ".join(f"${name}" for name in row)
        database.execute(f"insert into reporting.{mart} ({names}) values ({values})", row)


def month_of(dataset: str, month: str, **changes: Any) -> dict[str, Any]:
    return {
        "authority_code": "999",
        "dataset": dataset,
        "load_month": month,
        "status": "accepted",
        "deliveries": 1,
        "rows_set_aside": 3,
        "completeness": Decimal("0.999999"),
        "validity": Decimal("1"),
        "due_date": dt.date(2025, 10, 7),
        "working_days_late": 0,
    } | changes


def rule(code: str, severity: str, indicators: str | None, failed: int) -> dict[str, Any]:
    return {
        "authority_code": "999",
        "dataset": "cin",
        "load_month": "2025-09",
        "table_name": "children",
        "rule_code": code,
        "rule_columns": "Sex",
        "kind": "rule",
        "message": f"<b>{code}</b> is wrong. Mend it.",
        "severity": severity,
        "checked": 1000,
        "failed": failed,
        "trend": "worse",
        "indicator_ids": indicators,
        "indicator_count": len(indicators.split("; ")) if indicators else 0,
    }


@pytest.fixture
def page(reporting: Path) -> Path:
    """The page of a September in which one extract came late, one was rejected and one is missing."""
    copy = reporting / "2025-09_r1.duckdb"
    copy.chmod(0o644)
    months = [month_of("cin", str(SEPTEMBER - back)) for back in range(14)]
    with duckdb.connect(str(copy)) as database:
        insert(
            database,
            "mart_data_quality",
            [
                *months,
                month_of("placement_costs", "2025-09", working_days_late=3),
                month_of("cld", "2025-09", status="rejected", completeness=None, validity=None,
                         working_days_late=None),
                month_of("establishment", "2025-09", status="late", completeness=None, validity=None,
                         working_days_late=None, reason=NOT_ARRIVED),
            ],
        )  # fmt: skip
        rules = [rule(f"Q{number:02}", "query", None, number) for number in range(1, 9)]
        rules += [rule("FEW", "error", "FD07", 1), rule("MANY", "query", "FD07; LV02", 500)]
        rules += [rule("HARD", "error", "FD07; LV02", 2)]
        insert(database, "mart_data_quality_rule", rules)
    return write_quality_page(SEPTEMBER)


def table(page: Path, caption: str) -> list[list[str]]:
    """The cells of the table with a caption, spaces put together."""
    tree = html.fromstring(page.read_bytes())
    (found,) = (t for t in tree.iter("table") if caption in t.findtext("caption", ""))
    rows = [row for row in found.iter("tr") if row.find("td") is not None]
    return [[" ".join(cell.text_content().split()) for cell in row] for row in rows]


def test_the_page_lies_beside_the_month(page: Path) -> None:
    assert page == settings().boards / "2025-09" / "data_quality.html"
    assert "Data quality, September 2025" in page.read_text(encoding="utf-8")


def test_of_several_authorities_each_has_a_page_that_shows_no_other(page: Path, reporting: Path) -> None:
    assert not (page.parent / "999").exists(), "one authority needs no second page"
    with duckdb.connect(str(reporting / "2025-09_r1.duckdb")) as database:
        database.execute("insert into reporting.dim_authority by name select '998' as authority_code, "
                         "'Merrow Island Council' as authority_name")  # fmt: skip
        database.execute("insert into reporting.mart_data_quality by name select * replace "
                         "('998' as authority_code) from reporting.mart_data_quality")  # fmt: skip
    together = write_quality_page(SEPTEMBER).read_text(encoding="utf-8")
    ours, theirs = (
        (page.parent / code / "data_quality.html").read_text(encoding="utf-8") for code in ("999", "998")
    )
    for name, own, other in (("Fallowmere", ours, theirs), ("Merrow Island", theirs, ours)):
        assert name in together
        assert name in own
        assert name not in other


def test_what_was_rejected_or_is_missing_comes_with_what_to_do(page: Path) -> None:
    missing, rejected = table(page, "What was rejected")
    assert missing[1:] == [
        "Late",
        f"{NOT_ARRIVED} It was due on 7 October 2025.",
        "Ask Workforce planning team for it, and load September 2025 again when it has come.",
    ]
    assert rejected[1] == "Rejected"
    assert rejected[2] == "cld_2025-09-30.csv: The column Event End Date is missing"
    assert rejected[3].startswith(
        "Send the report in quarantine/999-cld-2025-09-bbbbbbbbbb to Adults' data team"
    )


def test_what_loses_rows_and_reaches_most_indicators_comes_first(page: Path) -> None:
    rows = table(page, "Rules that did not hold")
    assert [row[0].split()[0] for row in rows][:4] == ["HARD", "FEW", "MANY", "Q08"]
    assert len(rows) == 10
    assert rows[0][1] == "<b>HARD</b> is wrong. Mend it. The rows were set aside."
    assert rows[0][2] == "2 of 1,000"
    assert rows[0][4] == "FD07, LV02"
    assert rows[-1][4] == "None"


def test_an_indicator_is_called_what_the_year_of_the_month_calls_it(page: Path, reporting: Path) -> None:
    copy = reporting / "2025-09_r1.duckdb"
    with duckdb.connect(str(copy)) as database:
        for version, year, title in (("0", "2019-20", "Before"), ("9", "2026-27", "Later")):
            database.execute(
                "insert into reporting.dim_indicator by name select * replace "
                "($1::varchar as version, $2::varchar as valid_from, $3::varchar as title) "
                "from reporting.dim_indicator where indicator_id = 'FD07' and version = '1'",
                [version, year, title],
            )
    (authority,) = read_quality(copy, SEPTEMBER)
    assert authority.endangered["FD07"] == "Re-referrals within 12 months"


def test_every_extract_of_the_month_has_its_three_measures(page: Path) -> None:
    rows = {row[0]: row[1:] for row in table(page, "validity in September 2025")}
    assert rows["Children in need census"] == ["In use", "99.99%", "on time", "100%", "3"]
    assert rows["Placement costs and activity budgets"][2] == "3 working days late"
    assert rows["Adults: Client Level Data"][:4] == ["Rejected", "–", "was due on 7 October 2025", "–"]


def test_thirteen_months_are_shown_the_newest_first(page: Path) -> None:
    rows = table(page, "Children in need census: completeness")
    assert [row[0] for row in rows][:: len(rows) - 1] == ["September 2025", "September 2024"]
    assert len(rows) == 13


def test_the_tally_counts_every_extract_once(page: Path) -> None:
    tally = html.fromstring(page.read_bytes()).find_class("tally")[0]
    assert [item.findtext("b") for item in tally] == ["1", "1", "2"]


def test_the_page_is_whole_accessible_html_without_outside_resources(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    tree = html.fromstring(text)
    assert tree.get("lang") == "en-GB"
    assert len(tree.findall(".//h1")) == 1
    levels = [int(node.tag[1]) for node in tree.iter("h1", "h2", "h3", "h4")]
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    for found in tree.iter("table"):
        assert found.findtext("caption")
        assert {cell.get("scope") for cell in found.iter("th")} == {"col", "row"}
    ids = [node.get("id") for node in tree.iter() if node.get("id")]
    assert len(set(ids)) == len(ids)
    assert {link.get("href")[1:] for link in tree.iter("a")} <= set(ids)
    style = "".join(tree.xpath("//style/text()"))
    assert not re.search(r"@import|@font-face|url\(", style)
    assert "http" not in text.replace(style, "").replace("http-equiv", "").replace("http://www.w3.org", "")
    assert "<script" not in text
    assert "<b>HARD" not in text, "what comes from a delivery is text, not HTML"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        ("1", "100%"),
        ("0.999999", "99.99%"),
        ("0.5", "50.00%"),
        ("0", "0.00%"),
        ("0.29", "29.00%"),
    ],
)
def test_a_share_is_rounded_down(value: str | None, shown: str) -> None:
    assert share(None if value is None else Decimal(value)) == shown


def test_a_month_that_was_not_promoted_says_so(home: Path) -> None:
    with pytest.raises(WarehouseError, match="Nothing of 2025-09 has been published yet"):
        write_quality_page(SEPTEMBER)


def test_a_month_without_extracts_is_a_page_too(page: Path) -> None:
    copy = settings().reporting / "2025-09_r1.duckdb"
    assert read_quality(copy, Month(2020, 1)) == ()


@pytest.mark.browser
@pytest.mark.parametrize("width", [375, 1280])
def test_the_page_fits_the_screen_and_says_nothing(browser: Browser, page: Path, width: int) -> None:
    shown = browser.new_page(viewport={"width": width, "height": 900})
    said: list[str] = []
    shown.on("console", lambda message: said.append(message.text))
    shown.goto(page.as_uri())
    assert shown.evaluate("document.documentElement.scrollWidth") == width
    shown.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert shown.evaluate("document.documentElement.scrollWidth") == width
    shown.reload()
    shown.get_by_text("What these indicators are").click()
    assert shown.locator("details[open] dd").first.is_visible()
    shown.get_by_role("link", name="Children in need census").click()
    assert shown.url.endswith("#999-cin")
    assert shown.locator("[id='999-cin']").is_visible(), "the link opens what it leads to"
    assert said == []
    shown.close()
