"""The scrutiny pack as a document: what it says and in which order, for every format that has pages.

``document`` turns a ``Report`` into headings, paragraphs, lists, tables and charts. The PDF and the Word file
draw the same blocks, so a section is added here once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from scrutiny.reports import words
from scrutiny.reports.blocks import (
    Block,
    Bullets,
    Column,
    Contents,
    Document,
    Heading,
    Paragraph,
    Table,
    printable,
)
from scrutiny.reports.findings import (
    CHECK,
    FORECAST_WITHHELD,
    LAST_QUARTER,
    NONE,
    themes,
    who_and_when,
)
from scrutiny.reports.page import TALLIES
from scrutiny.reports.subjects import (
    about,
    actions,
    ahead,
    compared,
    demand,
    money,
    plan,
    revised,
    together,
)
from scrutiny.reports.view import Report


def document(report: Report) -> Document:
    """The scrutiny pack of one edition, in the order members read it."""
    made = Document(
        title=f"{report.title} – {report.authority_name}",
        subject=_edition(report),
        author=report.authority_name,
        dated=report.edition.dated,
        head=f"{report.authority_name}. {_edition(report)}",
        foot=report.edition.status,
        blocks=tuple(block for section in SECTIONS for block in section(report)),
    )
    return cast(Document, printable(made))


def _edition(report: Report) -> str:
    return "Public edition" if report.edition.is_public else "Officer edition: not for publication"


def _opening(report: Report) -> Iterator[Block]:
    quarter = report.quarter
    yield Heading(report.title, 1)
    if report.edition.is_draft:
        yield Paragraph("Not approved and not for circulation.", label="Draft for sign-off.")
    yield Paragraph(
        f"Quarter {quarter.number} of {quarter.financial_year}. "
        f"Position at {words.date_words(quarter.end)}. {report.edition.status}",
        tone="quiet",
    )
    if report.edition.replaces:
        yield Paragraph(report.edition.replaces, label="Correction.")
    yield Paragraph(report.summary, tone="lead")
    named = [item.title for item in report.to_check]
    if report.actions_to_check:
        named.append(f"{len(report.actions_to_check)} of the actions")
    if named:
        yield Paragraph(
            f"the words about {words.listed(named)} name a small number. "
            "The author should reword what counts fewer people than the public edition may show.",
            label=CHECK,
        )
    yield Table(
        "Indicators by rating",
        (Column("Rating", 1.2), Column("Indicators", 1, is_number=True), Column("What it means", 3)),
        tuple(
            (
                words.Rating(key, label.capitalize(), meaning),
                str(len(report.rated(key))),
                meaning.capitalize(),
            )
            for key, label, meaning in TALLIES
        ),
    )


def _exceptions(report: Report) -> Iterator[Block]:
    yield Heading("Off target: what is wrong, why, what is being done, will it come right", 2)
    reds = report.rated("red")
    if not reds:
        yield Paragraph("No indicator is rated red this quarter.")
    for item in reds:
        yield Heading(item.title, 3)
        against = f"{item.shown(item.value)} against a target of {item.shown(item.target)}."
        if item.benchmark is not None:
            against += f" {item.benchmark_label}: {item.shown(item.benchmark)}."
        yield Paragraph(against, rating=item.rating)
        yield Paragraph(item.cause or item.commentary or "The service has not given a cause.", label="Why")
        yield Paragraph(
            f"{item.action or 'The service has not given an action.'} {who_and_when(item)}",
            label="What is being done",
        )
        ahead_of_it = FORECAST_WITHHELD if item in report.forecast_withheld else item.prospect
        yield Paragraph(f"{item.outlook} {ahead_of_it}", label="Will it come right?")
    ambers = report.rated("amber")
    if ambers:
        yield Heading("To watch: within tolerance of the target", 3)
        yield Bullets(
            tuple(
                Paragraph(
                    f"{item.brief(item.value)} against a target of {item.brief(item.target)}. "
                    f"{item.previous.said(LAST_QUARTER)}. {item.prospect}",
                    label=f"{item.title}:",
                )
                for item in ambers
            )
        )


def _changes(report: Report) -> Iterator[Block]:
    yield Heading("What changed", 2)
    kinds = ("Better", "Worse", "No change", "Other")
    yield Table(
        "Indicators by rating, and which way they moved since last quarter",
        (
            Column("Rating", 1.2),
            *(Column(head, is_number=True) for head in ("Better", "Worse", "No change", "Not judged")),
        ),
        tuple((rating, *(str(moves[kind]) for kind in kinds)) for rating, moves in report.moves),
    )
    found = [each for each in report.warnings if each.indicator_id in report.by_id]
    if found:
        yield Bullets(
            tuple(
                Paragraph(each.finding, label=f"{each.warns_of}: {about(report, each.indicator_id)}.")
                for each in found
            )
        )
    else:
        yield Paragraph("No early warning about an indicator.")
    if report.overdue:
        verb = "is" if len(report.overdue) == 1 else "are"
        yield Paragraph(
            f"{len(report.overdue)} of the {len(report.open_actions)} open actions {verb} overdue."
        )
    yield Paragraph(report.budget.finding)


def _contents(_: Report) -> Iterator[Block]:
    yield Contents("In this report")


def _quality(report: Report) -> Iterator[Block]:
    yield Heading("Data quality and what is not shown", 2, True)
    yield Heading("How good the data are", 3)
    yield Paragraph(
        f"The extracts below were loaded from {words.quarter_words(report.quarter)}. Rows with an error that "
        "makes them unusable are set aside until the supplier corrects them; other rows are queried but used."
    )
    if not report.datasets:
        yield Paragraph("No extract was loaded in these months.")
        return
    headings = ["Deliveries", "Rejected", "Rows used", "Complete", "Passed checks"]
    if not report.edition.is_public:
        headings += ["Rows received", "Rows set aside"]
    yield Table(
        "Extracts received",
        (
            Column("Extract", 2.2),
            Column("Came", 1.5),
            *(Column(heading, 1, is_number=True) for heading in headings),
        ),
        tuple(
            (
                dataset.title,
                words.upper_first(dataset.punctuality),
                *(
                    str(dataset.deliveries),
                    str(dataset.rejected),
                    dataset.usable,
                    words.figure(dataset.completeness, "percent", 1),
                    words.figure(dataset.validity, "percent", 1),
                    words.count(dataset.received),
                    words.count(dataset.set_aside),
                )[: len(headings)],
            )
            for dataset in report.datasets
        ),
    )
    yield Paragraph(
        "Complete: share of the required cells that were filled in. Passed checks: share of what other rules "
        "looked at that they found in order.",
        tone="quiet",
    )


def _not_shown(report: Report) -> Iterator[Block]:
    yield Heading("What is not shown", 3)
    yield Heading("Not available", 4)
    if report.unavailable:
        yield Bullets(
            tuple(
                Paragraph(item.status_reason or "not applicable this quarter", label=f"{item.title}:")
                for item in report.unavailable
            )
        )
    else:
        yield Paragraph("Every indicator could be worked out this quarter.")
    yield Heading(
        "Withheld to protect people"
        if report.edition.is_public
        else "Shown here, withheld from the public edition",
        4,
    )
    if report.withheld:
        yield Paragraph(report.withheld_reason)
        yield Bullets(
            tuple(
                Paragraph(
                    item.text + (", with its rating, directions and commentary" if item.headline else ""),
                    label=f"{item.definition.title} ({item.definition.indicator_id}):",
                )
                for item in report.withheld
            )
        )
        shows = "this edition shows" if report.edition.is_public else "the public edition shows"
        yield Paragraph(
            "Of an indicator with a withheld figure, or that counts few people in any one month, "
            f"{shows} no control chart, forecast or early warning either."
        )
    else:
        yield Paragraph("No figure had to be withheld.")


def _keys(report: Report) -> Iterator[Block]:
    yield Heading("How to read this report", 2, True)
    for label, text in KEYS:
        yield Paragraph(text, label=label)
        if label == "Better and worse" and report.direction_rules:
            yield Bullets(tuple(Paragraph(rule) for rule in report.direction_rules))


KEYS = (
    (
        "Ratings",
        "Green: on target. Amber: off target but within the tolerance agreed for the indicator. Red: further "
        "off. No target: shown for information, because neither a high nor a low figure is good in itself or "
        "no target is set. The rule stands beside each rating, which is made on the figure as it is printed.",
    ),
    (
        "Better and worse",
        "Compared with the figure a quarter earlier and with the same quarter last year. Better means closer "
        "to what is wanted: higher where a high figure is good, lower where a low one is. Where neither is "
        "good in itself the report says up or down.",
    ),
    (
        "Month by month",
        "Figures go up and down by chance. A control chart shows how far: the limits lie where chance alone "
        "hardly ever takes a month. A month beyond them, a long run on one side of the mean, or a steady "
        "rise or fall is a signal that something changed. It is made of single months alone, since sums over "
        "a quarter or a year would give false alarms. Where the public edition shows longer periods, the "
        "charts of single months are in the officer edition; what they say is printed here in words. About "
        "one chart in six has a signal somewhere even if nothing changed.",
    ),
    (
        "Forecasts",
        "Likely: the target will be met at the year's end with a chance of 80% or more. Uncertain: 20% to "
        "80%. Unlikely: less than 20%. The range beside a forecast holds 80 of 100 cases. How often earlier "
        "forecasts were right is printed with them.",
    ),
    (
        "England",
        "The latest published national figure; its year is printed with it. A single year ends on 31 March, "
        "or on 30 September for the workforce. National figures cover a whole year, so they guide rather "
        "than match a quarter.",
    ),
    (
        "Withheld",
        f"{words.WITHHELD_SYMBOL} stands for a figure that could point to a few people. What is withheld, "
        "and why, is listed with the data quality.",
    ),
    ("Rounding", "Figures are rounded once, halves away from zero, and compared as printed."),
    (
        "Revisions",
        "These figures are frozen as first published. Late recording may change them; earlier quarters are "
        "shown here as they stand now.",
    ),
)


def _definitions(report: Report) -> Iterator[Block]:
    yield Heading("Definitions", 2)
    yield Table(
        "What each indicator counts",
        (
            Column("Indicator", 1.4),
            Column("Counts", 1.3),
            Column("Out of", 1.2),
            Column("Left out", 1.3),
            Column("Owner", 0.9),
        ),
        tuple(
            (
                f"{definition.title} ({definition.indicator_id}, version {definition.version})",
                definition.numerator,
                definition.denominator or NONE,
                definition.exclusions or NONE,
                definition.owner or NONE,
            )
            for definition in report.definitions
        ),
    )


def _origin(report: Report) -> Iterator[Block]:
    yield Heading("Where this report comes from", 2)
    yield Paragraph(" ".join((report.edition.status, *report.edition.approvals)))
    yield Paragraph(" ".join(f"{label}: {text}." for label, text in report.provenance.items()))
    yield Paragraph(
        "National figures contain public sector information licensed under the Open Government Licence v3.0."
    )


SECTIONS = (
    _opening,
    _exceptions,
    _changes,
    _contents,
    themes,
    plan,
    ahead,
    together,
    demand,
    money,
    compared,
    actions,
    revised,
    _quality,
    _not_shown,
    _keys,
    _definitions,
    _origin,
)
