"""The scrutiny page: one HTML file that needs nothing else to be read."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from scrutiny.reports import words
from scrutiny.reports.chart import chart
from scrutiny.reports.view import Report

TALLIES = (
    ("red", "red", "off target"),
    ("amber", "amber", "within tolerance"),
    ("green", "green", "on target"),
    ("none", "no rating", "no target or figure"),
)


@cache
def templates_of_pages() -> Environment:
    """The templates of every page, with the filters that put periods and figures into words."""
    templates = Environment(
        loader=PackageLoader("scrutiny.reports"), autoescape=True, undefined=StrictUndefined
    )
    templates.filters |= {
        "date": words.date_words,
        "month": words.month_words,
        "quarter": words.quarter_words,
        "count": words.count,
        "lower_first": words.lower_first,
    }
    return templates


def render_page(report: Report) -> str:
    """The HTML of a report, as text."""
    return (
        templates_of_pages()
        .get_template("page.html.jinja")
        .render(
            report=report,
            style=page_style(),
            chart=chart,
            tallies=TALLIES,
            ratings=words.RATINGS,
            withheld_word=words.WITHHELD,
        )
    )


def page_style() -> Markup:
    """The stylesheet of every page."""
    return Markup(templates_of_pages().get_template("page.css").render())  # noqa: S704 - our own stylesheet
