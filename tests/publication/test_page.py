"""The page's structure, its accessibility by rule, and the charts."""

import datetime as dt
import re
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import html
from reporting_copy import QUARTER, figures_of, reporting_rows

from scrutiny.reports import words
from scrutiny.reports.chart import chart
from scrutiny.reports.page import render_page
from scrutiny.reports.view import Edition, Report, report

EDITIONS = ["public", "officer"]


@pytest.fixture
def page(version: Path, request: pytest.FixtureRequest) -> html.HtmlElement:
    return html.fromstring((version / request.param / "index.html").read_bytes())


@pytest.fixture
def officers() -> Report:
    edition = Edition("officer", "1.0.0", "", dt.datetime(2025, 10, 16, tzinfo=dt.UTC))
    return report(figures_of(reporting_rows()), edition, frozenset(), "", (), {})


@pytest.mark.parametrize("page", EDITIONS, indirect=True)
def test_language_title_and_skip_link(page: html.HtmlElement) -> None:
    assert page.get("lang") == "en-GB"
    assert (
        page.findtext("head/title") == "Social care performance, July to September 2025 – Fallowmere Council"
    )
    links = page.xpath("//body//a[@href]")
    assert links[0].get("href") == "#main"
    assert page.xpath("//main[@id='main']")


@pytest.mark.parametrize("page", EDITIONS, indirect=True)
def test_headings_go_down_one_level_at_a_time(page: html.HtmlElement) -> None:
    levels = [int(heading.tag[1]) for heading in page.xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("page", EDITIONS, indirect=True)
def test_ids_are_unique_and_links_and_labels_find_them(page: html.HtmlElement) -> None:
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    wanted = {href[1:] for href in page.xpath("//@href") if href.startswith("#")}
    wanted |= {part for labels in page.xpath("//@aria-labelledby") for part in labels.split()}
    assert wanted <= set(ids)


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_linked_file_is_in_the_folder_and_nothing_is_elsewhere(version: Path, edition: str) -> None:
    folder = version / edition
    text = (folder / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"https?:|//[a-z]|<script|@import|url\(", text)
    page = html.fromstring(text.encode())
    files = [href for href in page.xpath("//a/@href") if not href.startswith("#")]
    assert len(files) > len(page.xpath("//article"))
    for href in files:
        assert (folder / href).is_file(), href
    assert page.xpath("//link/@href") == ["data:,"]


@pytest.mark.parametrize("page", EDITIONS, indirect=True)
def test_tables_have_captions_and_scopes(page: html.HtmlElement) -> None:
    assert page.xpath("//table")
    for table in page.xpath("//table"):
        assert table.findtext("caption")
        assert all(cell.get("scope") == "col" for cell in table.xpath("thead//th"))
        assert all(cell.get("scope") == "row" for cell in table.xpath("tbody//th"))
        width = len(table.xpath("thead/tr/th"))
        assert {len(row) for row in table.xpath("tbody/tr")} == {width}


@pytest.mark.parametrize("page", EDITIONS, indirect=True)
def test_every_chart_has_a_title_a_description_a_table_and_a_file(page: html.HtmlElement) -> None:
    charts = page.xpath("//*[local-name()='svg'][@role='img']")
    without = page.xpath("//article[not(.//*[local-name()='svg'][@role='img'])]/@aria-labelledby")
    assert without == (["CP10"] if "Public edition" in page.text_content() else [])
    assert len(charts) == len(page.xpath("//article")) - len(without)
    for drawing in charts:
        labels = [page.get_element_by_id(part).text for part in drawing.get("aria-labelledby").split()]
        assert all(labels)
        article = drawing.iterancestors("article").__next__()
        assert article.xpath(".//details//table")
        assert article.xpath(".//a[contains(@href, 'tables/series/')]")


@pytest.mark.parametrize("page", EDITIONS, indirect=True)
def test_a_rating_is_a_word_and_a_shape_and_a_colour(page: html.HtmlElement) -> None:
    tags = page.xpath("//span[starts-with(@class, 'tag ')]")
    assert tags
    for tag in tags:
        assert tag.text_content().strip() in {"Red", "Amber", "Green", "No target", "Not rated", "Withheld"}
        assert tag.xpath("*[local-name()='svg']/*[local-name()='use']/@href")


def test_the_first_screen_says_what_is_wrong_and_what_is_done(version: Path) -> None:
    page = html.fromstring((version / "public" / "index.html").read_bytes())
    tally = [" ".join(item.text_content().split()) for item in page.xpath("//ul[@class='tally']/li")]
    assert tally == [
        "3 red off target",
        "1 amber within tolerance",
        "6 green on target",
        "6 no rating no target or figure",
    ]
    lede = page.xpath("string(//p[starts-with(@class, 'lede')])")
    assert lede == (
        "Three of the 10 rated indicators are red. Of these one is getting better and two are getting worse."
    )
    card = page.xpath("//section[@aria-labelledby='card-AD27']")[0]
    reviews = " ".join(" ".join(card.itertext()).split())
    for said in (
        "79.7% Red",
        "Target 85.0%",
        "Worse than the same quarter last year",
        "Why Review officers were moved",
        "What is being done All review posts are back",
        "Head of adult reviews, by 31 December 2025",
        "Closer to the target than last quarter (70.0%), 5.3 percentage points to go.",
    ):
        assert said in reviews


def test_a_missing_figure_says_why(version: Path) -> None:
    tables = reporting_rows()
    row = next(row for row in tables["mart_scrutiny_quarter"] if row["indicator_id"] == "FD06")
    row |= {
        "value": None,
        "status": "unavailable",
        "status_reason": "The extract was rejected.",
        "rag": "not rated",
    }
    edition = Edition("public", "1.0.0", "", dt.datetime(2025, 10, 16, tzinfo=dt.UTC))
    text = render_page(report(figures_of(tables), edition, frozenset(), "", (), {}))
    page = html.fromstring(text)
    assert "Referrals per 10,000 children: The extract was rejected." in page.xpath("//article/h3/text()")
    assert "Not available this quarter: 1." in page.text_content()


def test_text_that_looks_like_markup_stays_text(officers: Report) -> None:
    tables = reporting_rows()
    tables["mart_scrutiny_quarter"][0]["commentary"] = "<script>alert(1)</script> & so on"
    text = render_page(report(figures_of(tables), officers.edition, frozenset(), "", (), {}))
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; so on" in text


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_colours_have_enough_contrast() -> None:
    style = (Path(words.__file__).parent / "templates" / "page.css").read_text(encoding="utf-8")
    tokens = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", style))
    for name in ("ink", "quiet", "link", "brand"):
        assert contrast(tokens[name], "#ffffff") >= 4.5, name
        assert contrast(tokens[name], tokens["wash"]) >= 4.5, name
    ratings = re.findall(r"\.(red|amber|green|none) \{ color: (#\w{6}); background: (#\w{6})", style)
    assert len(ratings) == 4
    for name, ink, paper in ratings:
        assert contrast(ink, paper) >= 4.5, name
    lines = dict(re.findall(r"\.(series|target|england) \{[^}]*stroke: (#\w{6})", style))
    assert len(lines) == 3
    for name, colour in lines.items():
        assert contrast(colour, "#ffffff") >= 3, name


def test_a_chart_shows_thirty_months_with_target_and_event(officers: Report) -> None:
    reviews = next(item for item in officers.indicators if item.indicator_id == "AD27")
    drawn = chart(reviews)
    assert drawn is not None
    assert len(drawn.dots) == 30
    assert drawn.target_y is not None
    assert drawn.benchmark_y is None
    assert [band.label for band in drawn.bands] == ["Services redeployed, January 2025 to March 2025"]
    assert drawn.title == (
        "Long-term clients reviewed in the last 12 months: 79.7%, "
        "off target (85.0%), better than last quarter"
    )
    for said in ("ends at 79.7%", "Lowest 70.0% in June 2025", "The target is 85.0%", "Services redeployed"):
        assert said in drawn.description


def test_a_chart_of_events_in_a_quarter_has_a_point_for_each_quarter(officers: Report) -> None:
    referrals = next(item for item in officers.indicators if item.indicator_id == "FD07")
    drawn = chart(referrals)
    assert drawn is not None
    assert len(drawn.dots) == 10
    assert referrals.subtitle == "Percentage, in each quarter, June 2023 to September 2025"


def test_a_month_without_a_value_leaves_a_gap(officers: Report) -> None:
    tables = reporting_rows()
    for row in tables["fct_indicator_value"]:
        if row["indicator_id"] == "AD27" and row["month"] in ("2023-04", "2024-05"):
            row |= {"value": None, "numerator": None}
    shown = report(figures_of(tables), officers.edition, frozenset(), "", (), {})
    reviews = next(item for item in shown.indicators if item.indicator_id == "AD27")
    drawn = chart(reviews)
    assert drawn is not None
    assert str(reviews.points[0].month) == "2023-05"
    assert [len(run.split()) for run in drawn.line] == [12, 16]


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "text"),
    [
        (22.6, "percent", 1, "22.6%"),
        (1234.5, "rate_per_10000", 1, "1,234.5 per 10,000"),
        (592.5, "rate_per_100000", 1, "592.5 per 100,000"),
        (34, "count", 0, "34"),
        (12.5, "days", 1, "12.5 days"),
        (-1234567, "gbp", 0, "-£1,234,567"),
        (7.25, "score", 2, "7.25"),
        (None, "percent", 1, "–"),
        (0, "percent", 1, "0.0%"),
    ],
)
def test_figures_in_words(value: float | None, unit: str, decimals: int, text: str) -> None:
    assert words.figure(value, unit, decimals) == text


@pytest.mark.parametrize(
    ("direction", "now", "then", "said"),
    [
        ("better", 2.0, 1.0, "Better"),
        ("worse", 2.0, 1.0, "Worse"),
        ("no change", 2.0, 1.9, "No change"),
        (None, 2.0, 1.0, "Up"),
        (None, 1.0, 2.0, "Down"),
        (None, 1.0, 1.0, "No change"),
        (None, 1.0, None, ""),
        (None, None, 1.0, ""),
    ],
)
def test_movement_in_words(direction: str | None, now: float | None, then: float | None, said: str) -> None:
    assert words.movement(direction, now, then) == said


def test_the_quarter_in_words() -> None:
    assert words.quarter_words(QUARTER) == "July to September 2025"
