"""The pages of the themes in a document: how each indicator stands, its charts, and what is said of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import groupby

from scrutiny.periods import Month
from scrutiny.reports import words
from scrutiny.reports.blocks import Block, Column, Figure, Heading, Paragraph, Table
from scrutiny.reports.chart import Chart, chart, control_chart
from scrutiny.reports.page import drawing
from scrutiny.reports.view import Comparison, Indicator, Report

LAST_QUARTER, LAST_YEAR = "last quarter", "the same quarter last year"
CHECK = "Check before sign-off:"
FORECAST_WITHHELD = f"Its forecast is {words.WITHHELD}."
NONE = "–"


def themes(report: Report) -> Iterator[Block]:
    """Each theme: how its indicators stand in one table, and then each of them."""
    for theme in report.themes:
        yield Heading(theme.name, 2, True)
        caption = f"{theme.name}: this quarter against target, earlier quarters and England"
        yield standing(caption, theme.indicators)
        for item in theme.indicators:
            yield from _finding(item, report)


def standing(caption: str, indicators: tuple[Indicator, ...]) -> Table:
    """How each of some indicators stands."""
    return Table(
        caption,
        (
            Column("Indicator", 2.6),
            Column("Now", 1.1, is_number=True),
            Column("Target", 0.9, is_number=True),
            Column("Rating", 1.25),
            Column("Since last quarter", 1.15),
            Column("Since a year ago", 1.15),
            Column("England", 1, is_number=True),
        ),
        tuple(
            (
                item.title,
                now(item),
                item.plain(item.target),
                item.rating,
                moved(item, item.previous),
                moved(item, item.last_year),
                england(item),
            )
            for item in indicators
        ),
    )


def now(item: Indicator) -> str:
    return f"{item.now}\n{item.per}" if item.per and not item.is_withheld else item.now


def england(item: Indicator) -> str:
    return NONE if item.benchmark is None else f"{item.plain(item.benchmark)}\n{item.benchmark_period}"


def moved(item: Indicator, comparison: Comparison) -> str:
    if comparison.is_withheld:
        return comparison.text
    return f"{comparison.movement}\nfrom {item.plain(comparison.value)}" if comparison.movement else NONE


def _finding(item: Indicator, report: Report) -> Iterator[Block]:
    """One indicator: its charts with what is said of them beside, and the figures behind each."""
    yield Heading(item.finding, 3)
    said = tuple(_said(item, report))
    drawn = chart(item)
    if drawn is None:
        yield Paragraph(
            f"Its figures are {words.WITHHELD} to protect people, so there is no chart."
            if item.withheld_points
            else "There are too few figures for a chart."
        )
        yield from said
    else:
        yield _figure(item, drawn, f"{item.subtitle}.", report.authority_name, said)
    if item.has_series:
        yield _by_year(
            f"The figures behind the chart: {words.lower_first(item.subtitle)}",
            (
                (point.month, words.WITHHELD_SYMBOL if point.is_withheld else item.plain(point.value))
                for point in item.points
            ),
        )
    months = control_chart(item)
    if months is not None and item.control is not None:
        yield Heading(f"Month by month: {words.lower_first(item.control.text)}", 4)
        yield _figure(
            item,
            months,
            f"Each month alone, {item.control_span}.",
            f"{report.authority_name}, each month alone",
            (Paragraph(f"{item.control.text}. {item.control.assurance_text}"),),
        )
        yield _by_year(
            f"The figures behind the chart: each month alone, {item.control_span}",
            ((point.month, item.plain(point.value)) for point in item.control_points),
        )


SHAPES = {
    "square": "Square: better than chance explains.",
    "triangle": "Triangle: worse than chance explains.",
    "diamond": "Diamond: beyond what chance explains.",
    "hollow": "Hollow: left out because of an event.",
}


def _figure(item: Indicator, drawn: Chart, what: str, line: str, beside: tuple[Paragraph, ...]) -> Figure:
    """A chart with its key in words, since colours and dashes are not seen by everybody."""
    key = [f"Solid line: {line}."]
    if drawn.target_y is not None:
        key.append(f"Dashed line: target {item.shown(item.target)}.")
    if drawn.benchmark_y is not None:
        key.append(f"Dotted line: {item.benchmark_label} {item.shown(item.benchmark)}.")
    if drawn.mean:
        key.append("Thin line: mean.")
    if drawn.limits:
        key.append("Thin dashed lines: limits of what chance explains.")
    key += [text for shape, text in SHAPES.items() if shape in drawn.shapes]
    if drawn.fan:
        key.append(f"At the end, forecast {item.forecast_covers}: {item.forecast_said}.")
    key += [f"{band.letter}: {band.label}." for band in drawn.bands]
    if not drawn.starts_at_zero:
        key.append("The scale does not start at zero.")
    if item.withheld_points:
        key.append(f"Gaps: {item.withheld_points} withheld {words.WITHHELD_SYMBOL}.")
    return Figure(drawing(drawn), drawn.description, " ".join([what, *key]), beside)


def _said(item: Indicator, report: Report) -> Iterator[Paragraph]:
    target = f": target {item.shown(item.target)}" if item.target is not None else ""
    yield Paragraph(f"{item.rating.meaning.capitalize()}{target}.", rating=item.rating)
    if item.rag_rule:
        yield Paragraph(f"{item.rag_rule}.", tone="quiet")
    if item.numerator is not None:
        counted = words.count(item.numerator)
        if item.definition.unit != "count" and item.denominator is not None:
            counted += f" out of {words.count(item.denominator)}"
        yield Paragraph(f"{counted}. {item.basis_label}.", tone="quiet")
    yield Paragraph(f"{item.previous.said(LAST_QUARTER)}. {item.last_year.said(LAST_YEAR)}.")
    if item.control and item.control.is_judged:
        text = f"Month by month: {words.lower_first(item.control.text)}. {item.control.assurance_text}"
        yield Paragraph(text)
    if item.commentary:
        yield Paragraph(item.commentary, label="What the service says")
    if item.cause:
        yield Paragraph(item.cause, label="Why")
    if item.action:
        yield Paragraph(f"{item.action} {who_and_when(item)}", label="What is being done")
    small = report.small_counts(item)
    if small:
        yield Paragraph(
            f"the words name a small number ({', '.join(small)}). If it counts people, the public edition "
            "must not print it.",
            label=CHECK,
        )
    if item.author:
        yield Paragraph(f"Commentary by: {item.author}.", tone="quiet")
    if not (item.commentary or item.cause or item.action):
        yield Paragraph(
            "The commentary is withheld with the figure."
            if item.is_withheld
            else "The service has given no commentary.",
            tone="quiet",
        )
    if item.forecast and item.forecast.is_made:
        forecast = f"{item.forecast_covers}: {item.forecast_said}."
        if item.prospect:
            text = f"{item.prospect} Forecast {forecast}"
            yield Paragraph(text, label="Will it come right?", rating=item.forecast.rating)
        else:
            yield Paragraph(words.upper_first(forecast), label="Forecast")
    if item in report.forecast_withheld:
        yield Paragraph(FORECAST_WITHHELD, tone="quiet")
    for action in report.actions_on(item):
        overdue = ": overdue" if action.is_overdue(report.quarter.end) else ""
        due = f", by {words.date_words(action.due)}{overdue}" if action.due else ""
        yield Paragraph(f"{action.text} {action.owner}{due}.", label=f"Open {action.kind.lower()}")


def _by_year(caption: str, figures: Iterable[tuple[Month, str]]) -> Table:
    """Figures by month: a row for each financial year, a column for each month that a period ends with."""
    found = dict(figures)
    numbers = sorted({month.number for month in found}, key=lambda number: (number - 4) % 12)
    rows = []
    for year, months in groupby(found, key=lambda month: month.financial_year):
        shown = {month.number: found[month] for month in months}
        rows.append((str(year), *(shown.get(number, "") for number in numbers)))
    heads = [dt.date(2000, number, 1).strftime("%b") for number in numbers]
    return Table(
        caption,
        (Column("Year, to the end of", 1.6), *(Column(head, is_number=True) for head in heads)),
        tuple(rows),
    )


def who_and_when(item: Indicator) -> str:
    who = item.action_owner or item.definition.owner or "No owner named"
    return f"{who}, by {words.date_words(item.action_due)}." if item.action_due else f"{who}; no date given."
