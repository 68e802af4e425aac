"""The pack as HTML: a summary and a page for each subject, each of which needs nothing else to be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from scrutiny.reports import words
from scrutiny.reports.chart import Chart, chart, control_chart
from scrutiny.reports.view import Indicator, Report, Theme

TALLIES = (
    ("red", "red", "off target"),
    ("amber", "amber", "within tolerance"),
    ("green", "green", "on target"),
    ("none", "no rating", "no target or figure"),
)


@dataclass(frozen=True)
class Place:
    """A page of the pack: its file, its heading, its name in lists of pages and what is on it."""

    file: str
    heading: str
    template: str
    says: str = ""
    short: str = ""
    items: tuple[Indicator, ...] = ()

    @property
    def name(self) -> str:
        return self.short or self.heading


def places(report: Report) -> tuple[Place, ...]:
    """The pages of a pack in reading order."""
    return (
        Place("index.html", report.title, "pack_summary", short="Summary"),
        *(place for theme in report.themes for place in _places_of(theme)),
        Place("plan.html", "The service plan", "pack_plan", "how each priority is going"),
        Place(
            "ahead.html",
            "Early warnings and forecasts",
            "pack_ahead",
            "what is turning, and will it come right",
        ),
        Place("together.html", "Figures read together", "pack_together", "what one figure means for another"),
        Place("demand.html", "Demand for services", "pack_demand", "what comes in"),
        Place("budget.html", "Budget update", "pack_budget", "spending, savings, people and prices"),
        Place("england.html", "Compared with England", "pack_england", "services and workforce"),
        Place("actions.html", "Actions and recommendations", "pack_actions", "who does what by when"),
        Place(
            "changes.html", "Changes since last time", "pack_changes", "figures that were revised, and why"
        ),
        Place(
            "quality.html",
            "Data quality and what is not shown",
            "pack_quality",
            "how far the figures can be trusted",
        ),
        Place(
            "reading.html",
            "How to read this report",
            "pack_reading",
            "ratings, charts, forecasts and definitions",
        ),
    )


def _places_of(theme: Theme) -> Iterator[Place]:
    for number, (file, items) in enumerate(theme.parts, 1):
        which = f", part {number} of {len(theme.parts)}" if len(theme.parts) > 1 else ""
        yield Place(file, f"{theme.name}{which}", "pack_theme", _counted(items), items=items)


def _counted(items: tuple[Indicator, ...]) -> str:
    """``6 indicators, 1 red and 2 amber``."""
    counted = f"{len(items)} indicator{'s' if len(items) > 1 else ''}"
    rated = [(sum(item.rating.key == key for item in items), key) for key in ("red", "amber")]
    said = words.listed([f"{number} {key}" for number, key in rated if number])
    return f"{counted}, {said}" if said else counted


@cache
def templates_of_pages() -> Environment:
    """The templates of every page, with the filters that put periods and figures into words."""
    templates = Environment(
        loader=PackageLoader("scrutiny.reports"), autoescape=True, undefined=StrictUndefined
    )
    templates.filters |= {
        "date": words.date_words,
        "month": words.month_words,
        "short_month": words.month_short,
        "quarter": words.quarter_words,
        "count": words.count,
        "pounds": lambda value: words.figure(value, "gbp", 0),
        "percent": lambda value: words.figure(value, "percent", 1),
        "lower_first": words.lower_first,
        "capitalize_first": words.upper_first,
    }
    return templates


def render_pages(report: Report) -> dict[str, str]:
    """The HTML of every page of a pack, by the name of its file."""
    found = places(report)
    shared = {
        "report": report,
        "places": found,
        "style": page_style(),
        "chart": chart,
        "control_chart": control_chart,
        "tallies": TALLIES,
        "ratings": words.RATINGS,
        "forecast_ratings": words.FORECAST_RATINGS,
        "withheld_word": words.WITHHELD,
    }
    templates = templates_of_pages()
    return {
        place.file: templates.get_template(f"{place.template}.html.jinja").render(shared, place=place)
        for place in found
    }


def drawing(drawn: Chart) -> str:
    """A chart as an SVG file of its own, for documents that are no web pages."""
    return templates_of_pages().get_template("chart_alone.svg.jinja").render(chart=drawn)


def page_style() -> Markup:
    """The stylesheet of every page: the parts of GOV.UK Frontend it uses, and our own."""
    templates = templates_of_pages()
    parts = (templates.get_template(name).render() for name in ("govuk.css", "page.css"))
    return Markup("\n".join(parts))  # noqa: S704 - our own stylesheets
