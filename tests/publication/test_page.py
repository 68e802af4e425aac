"""The page's structure, its accessibility by rule, and the charts."""

import datetime as dt
import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import html
from reporting_copy import QUARTER, figures_of, made_up, reporting_rows

from scrutiny.reports import words
from scrutiny.reports.chart import chart, control_chart
from scrutiny.reports.page import page_style, render_pages
from scrutiny.reports.view import Edition, Report, report

EDITIONS = ["public", "officer"]


Pages = dict[str, html.HtmlElement]


@pytest.fixture
def pages(version: Path, request: pytest.FixtureRequest) -> Pages:
    """The pages of an edition, by the name of their files."""
    return {
        path.name: html.fromstring(path.read_bytes()) for path in (version / request.param).glob("*.html")
    }


def themes_of(pages: Pages) -> Pages:
    return {name: page for name, page in pages.items() if page.xpath("//article")}


@pytest.fixture
def officers() -> Report:
    edition = Edition("officer", "1.0.0", "", dt.datetime(2025, 10, 16, tzinfo=dt.UTC))
    return report(figures_of(reporting_rows()), edition, frozenset(), "", (), {})


@pytest.mark.parametrize("pages", EDITIONS, indirect=True)
def test_the_pack_has_a_summary_a_page_for_each_theme_and_one_for_each_subject(pages: Pages) -> None:
    assert set(pages) == {
        "index.html",
        "front-door.html",
        "child-protection.html",
        "children-looked-after.html",
        "care-leavers.html",
        "workforce.html",
        "adult-social-care.html",
        "plan.html",
        "ahead.html",
        "together.html",
        "demand.html",
        "budget.html",
        "england.html",
        "actions.html",
        "changes.html",
        "quality.html",
        "reading.html",
    }


@pytest.mark.parametrize("pages", EDITIONS, indirect=True)
def test_language_title_and_skip_link(pages: Pages) -> None:
    title = "Social care performance, July to September 2025 – Fallowmere Council"
    assert pages["index.html"].findtext("head/title") == title
    assert len({page.findtext("head/title") for page in pages.values()}) == len(pages)
    for page in pages.values():
        assert page.get("lang") == "en-GB"
        assert page.xpath("//body//a[@href]")[0].get("href") == "#main"
        assert page.xpath("//main[@id='main']")


@pytest.mark.parametrize("pages", EDITIONS, indirect=True)
def test_headings_go_down_one_level_at_a_time(pages: Pages) -> None:
    for name, page in pages.items():
        levels = [int(heading.tag[1]) for heading in page.xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
        assert levels[0] == 1, name
        assert levels.count(1) == 1, name
        assert all(after <= before + 1 for before, after in pairwise(levels)), name


@pytest.mark.parametrize("pages", EDITIONS, indirect=True)
def test_ids_are_unique_and_links_and_labels_find_them(pages: Pages) -> None:
    ids = {name: page.xpath("//@id") for name, page in pages.items()}
    for name, page in pages.items():
        assert len(ids[name]) == len(set(ids[name])), name
        wanted = {part for labels in page.xpath("//@aria-labelledby") for part in labels.split()}
        assert wanted <= set(ids[name]), name
        for href in page.xpath("//@href"):
            file, _, place = href.partition("#")
            assert not place or place in ids[file or name], (name, href)


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_linked_file_is_in_the_folder_and_nothing_is_elsewhere(version: Path, edition: str) -> None:
    folder = version / edition
    for path in folder.glob("*.html"):
        content = path.read_bytes()
        assert len(content) < 500_000, path.name
        page = html.fromstring(content)
        style = "".join(page.xpath("//style/text()"))
        assert not re.search(r"@import|@font-face|url\(", style)
        text = content.decode().replace(style, "")
        assert not re.search(r"https?:|//[a-z]|<script|url\(", text), path.name
        files = [href.partition("#")[0] for href in page.xpath("//a/@href") if not href.startswith("#")]
        assert len(files) > len(page.xpath("//article"))
        for href in files:
            assert (folder / href).is_file(), (path.name, href)
        assert page.xpath("//link/@href") == ["data:,"]


def test_the_style_is_of_the_version_that_npm_pins() -> None:
    reports = Path(words.__file__).parent
    lock = json.loads((reports / "styles" / "package-lock.json").read_text(encoding="utf-8"))
    style = (reports / "templates" / "govuk.css").read_text(encoding="utf-8")
    pinned = lock["packages"]["node_modules/govuk-frontend"]["version"]
    assert f'--govuk-frontend-version: "{pinned}"' in style
    assert f"GOV.UK Frontend {pinned}" in style
    assert "MIT licence" in style
    assert all(package.get("integrity") for name, package in lock["packages"].items() if name)
    assert "resolved" not in str(lock)


@pytest.mark.parametrize("pages", EDITIONS, indirect=True)
def test_tables_have_captions_and_scopes(pages: Pages) -> None:
    found = [table for page in pages.values() for table in page.xpath("//table")]
    assert len(found) > len(pages)
    for table in found:
        assert table.findtext("caption")
        assert all(cell.get("scope") == "col" for cell in table.xpath("thead//th"))
        assert all(cell.get("scope") == "row" for cell in table.xpath("tbody//th"))
        width = len(table.xpath("thead/tr/th"))
        assert {len(row) for row in table.xpath("tbody/tr")} == {width}


@pytest.mark.parametrize("pages", EDITIONS, indirect=True)
def test_every_chart_has_a_title_a_description_a_table_and_a_file(pages: Pages) -> None:
    without = []
    for page in themes_of(pages).values():
        without += page.xpath("//article[not(.//*[local-name()='svg'][@role='img'])]/@aria-labelledby")
        for drawing in page.xpath("//*[local-name()='svg'][@role='img']"):
            labels = [page.get_element_by_id(part).text for part in drawing.get("aria-labelledby").split()]
            assert all(labels)
            article = drawing.iterancestors("article").__next__()
            assert article.xpath(".//details//table")
            assert article.xpath(".//a[contains(@href, 'tables/series/')]")
    public = "Public edition" in pages["index.html"].text_content()
    assert without == (["CP10"] if public else [])


@pytest.mark.parametrize("pages", EDITIONS, indirect=True)
def test_a_rating_is_a_word_and_a_shape_and_a_colour(pages: Pages) -> None:
    tags = [tag for page in pages.values() for tag in page.xpath("//*[contains(@class, 'govuk-tag tag ')]")]
    ratings = {*words.RATINGS.values(), *words.FORECAST_RATINGS.values(), words.NO_RATING}
    assert len(tags) > 40
    for tag in tags:
        assert tag.text_content().strip() in {rating.word for rating in ratings}
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
        "Why Review officers were moved",
        "What is being done All review posts are back",
        "Head of adult reviews, by 31 December 2025",
        "Closer to the target than last quarter (70.0%), 5.3 percentage points to go. "
        "AD27 is expected to stay where it is. Chance of meeting the target at the end of 2025-26: 10%.",
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
    pages = render_pages(report(figures_of(tables), edition, frozenset(), "", (), {}))
    theme, summary = (html.fromstring(pages[name]) for name in ("front-door.html", "index.html"))
    assert "Referrals per 10,000 children: The extract was rejected." in theme.xpath("//article/h2/text()")
    assert "Not available this quarter: 1." in summary.text_content()


def test_text_that_looks_like_markup_stays_text(officers: Report) -> None:
    tables = reporting_rows()
    tables["mart_scrutiny_quarter"][0]["commentary"] = "<script>alert(1)</script> & so on"
    pages = render_pages(report(figures_of(tables), officers.edition, frozenset(), "", (), {}))
    assert not any("<script" in page for page in pages.values())
    text = pages["front-door.html"]
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; so on" in text


def test_a_theme_of_many_indicators_has_several_pages_none_of_them_large(officers: Report) -> None:
    pattern = next(each for each in made_up() if each.indicator_id == "FD11")
    made = [
        replace(pattern, indicator_id=f"FD{number}", title=f"Title {number}") for number in range(100, 180)
    ]
    shown = report(figures_of(reporting_rows(made)), officers.edition, frozenset(), "", (), {})
    pages = render_pages(shown)
    assert {"front-door.html", "front-door-2.html", "front-door-7.html"} <= set(pages)
    assert max(len(page.encode()) for page in pages.values()) < 500_000
    assert shown.page_of(shown.by_id["FD179"]) == "front-door-7.html"
    assert 'id="FD179"' in pages["front-door-7.html"]
    assert 'href="front-door-7.html#FD179"' in pages["ahead.html"]


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_colours_have_enough_contrast() -> None:
    style = str(page_style())
    tokens = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", style))
    for name in ("ink", "quiet", "link", "brand"):
        assert contrast(tokens[name], "#ffffff") >= 4.5, name
        assert contrast(tokens[name], tokens["wash"]) >= 4.5, name
    ratings = re.findall(r"\.tag\.(red|amber|green|none) \{ color: (#\w{6}); background: (#\w{6})", style)
    assert len(ratings) == 4
    for name, ink, paper in ratings:
        assert contrast(ink, paper) >= 4.5, name
    lines = dict(
        re.findall(r"\.(series|target|england|mean|limit|fan|interval) \{[^}]*stroke: (#\w{6})", style)
    )
    assert len(lines) == 7
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


def test_a_forecast_goes_on_from_the_last_figure_to_the_end_of_the_year(officers: Report) -> None:
    reviews = next(item for item in officers.indicators if item.indicator_id == "AD27")
    drawn = chart(reviews)
    assert drawn is not None
    assert drawn.fan is not None
    assert (drawn.fan.from_x, drawn.fan.from_y) == (drawn.last.at, drawn.last_y)
    assert drawn.fan.x == drawn.right > drawn.fan.from_x
    assert drawn.fan.high_y < drawn.fan.y < drawn.fan.low_y
    assert drawn.x_ticks[-1].text == "Mar 2026"
    said = "Forecast at the end of March 2026: 79.7%, with 80 chances in 100 between 71.7% and 87.7%."
    assert said in drawn.description


def test_limits_are_drawn_on_single_months_and_never_on_sums_of_several(officers: Report) -> None:
    assessments = next(item for item in officers.indicators if item.indicator_id == "FD11")
    assert assessments.series_basis == "rolling_12_months"
    headline, months = chart(assessments), control_chart(assessments)
    assert headline is not None
    assert (headline.mean, headline.limits) == ((), ())
    assert months is not None
    assert (len(months.mean), len(months.limits), months.fan) == (1, 2, None)
    assert "chance alone explains figures between" in months.description
    assert months.title.startswith("Assessments completed within 45 working days, month by month: ")


def test_a_monthly_series_has_its_limits_on_the_one_chart(officers: Report) -> None:
    made = [replace(each, basis="month") for each in made_up() if each.indicator_id == "FD11"]
    tables = reporting_rows(made)
    tables["mart_spc_point"][4] |= {"variation": "improving", "is_left_out": False}
    tables["mart_spc_point"][7] |= {"variation": None, "is_left_out": True}
    for row in tables["mart_spc_point"][12:]:
        row |= {"phase_start_month": row["month"], "mean": row["mean"] + 1}
    tables["mart_spc_point"][-1] |= {
        "variation": "concerning",
        "variation_reason": "Below what chance explains",
    }
    shown = report(figures_of(tables), officers.edition, frozenset(), "", (), {}).indicators[0]
    drawn = chart(shown)
    assert drawn is not None
    assert drawn.limits
    assert control_chart(shown) is None
    assert [drawn.dots[place].shape for place in (0, 4, 7, -1)] == ["dot", "square", "hollow", "triangle"]
    assert drawn.shapes == {"square", "hollow", "triangle"}
    assert len(drawn.mean) == 1 + len(
        tables["mart_spc_point"][12:]
    )  # a phase of its own is a line of its own
    assert "Beyond chance (improving): August 2023." in drawn.description


def test_an_indicator_without_a_chart_of_months_says_nothing_of_chance(officers: Report) -> None:
    reviews = next(item for item in officers.indicators if item.indicator_id == "AD27")
    assert control_chart(reviews) is None
    assert reviews.control is not None
    assert not reviews.control.is_judged
    assert reviews.control.text == "Not charted: AD27 has too few months of its own."


def test_each_page_says_what_the_marts_conclude(version: Path) -> None:
    said = {
        path.name: " ".join(html.fromstring(path.read_bytes()).xpath("string(//main)").split())
        for path in (version / "officer").glob("*.html")
    }
    for name, texts in {
        "index.html": ("1 of the 3 open actions is overdue", "The rating became red this quarter"),
        "ahead.html": ("3 of 640 rows broke CIN-8831.", "chance 10%", "Children in need census: section 47"),
        "plan.html": ("Children are safe", "An area for improvement", "Re-referrals within 12 months"),
        "together.html": ("Does help last? – pulling apart", "What may suffer for it"),
        "england.html": ("Worse", "4.2 percentage points"),
        "demand.html": ("Children in care per 10,000",),
        "budget.html": (
            "The services are forecast to spend £150,000 (2.5%) more than their budget of £6.0 million.",
            "Over by £200,000",
            "Under by £50,000",
            "Of £640,000 to be saved this year, £168,000 is delivered",
            "SENTINEL reason",
        ),
        "actions.html": ("Publish the pack five days before.", "Done on 2 September 2025", "Overdue"),
        "quality.html": ("Not arrived for July 2025 and August 2025; late for September 2025", "99.7%"),
        "reading.html": ("Green", "Likely", "version 1"),
    }.items():
        for text in texts:
            assert text in said[name], (name, text)
    public = (version / "public" / "ahead.html").read_text(encoding="utf-8")
    assert "rows broke" not in public
    assert "641.7" not in public  # the figure of a single month, which no public page shows


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
