"""The sections of a document that look across the themes: what is ahead, money, England, actions."""

from __future__ import annotations

from collections.abc import Iterator

from scrutiny.reports import words
from scrutiny.reports.blocks import Block, Bullets, Column, Heading, Paragraph, Table
from scrutiny.reports.budget import Budget
from scrutiny.reports.findings import CHECK, NONE, england, moved, now, standing
from scrutiny.reports.judgement import Action
from scrutiny.reports.view import Report


def ahead(report: Report) -> Iterator[Block]:
    yield Heading("Early warnings and forecasts", 2, True)
    yield Heading("Early warnings", 3)
    public = " Nothing is said here about figures that are withheld." if report.edition.is_public else ""
    yield Paragraph(
        "What changed for the worse by the end of the quarter. A figure that was red and stays red is no "
        f"news.{public}"
    )
    if report.warnings:
        yield Table(
            "What changed for the worse, the most pressing first",
            (
                Column("About", 1.6),
                Column("Warning", 1.2),
                Column("What was found", 2.4),
                Column("New?", 0.7),
                Column("Who answers for it", 1.1),
            ),
            tuple(
                (
                    about(report, each.indicator_id) if each.indicator_id in report.by_id else each.subject,
                    each.warns_of,
                    each.finding,
                    each.newness,
                    each.owner or NONE,
                )
                for each in report.warnings
            ),
        )
    else:
        yield Paragraph("There is no early warning this quarter.")
    yield Heading("Will it come right? Forecasts for the end of the year", 3)
    yield Paragraph(
        "Each forecast is a range: in 80 of 100 cases the figure is expected within it. The chance is that "
        "of meeting the target set for the end of the year. No forecast knows of a decision that has not "
        "been taken yet."
    )
    made = [(item, item.forecast) for item in report.forecast if item.forecast]
    if made:
        yield Table(
            "Forecasts, the least likely to meet their target first",
            (
                Column("Indicator", 2.5),
                Column("Now", 1, is_number=True),
                Column("Target at the year's end", 1, is_number=True),
                Column("Forecast and its range", 1.4, is_number=True),
                Column("Target will be met", 1.4),
                Column("Chance", 0.9),
                Column("What to expect", 2),
            ),
            tuple(
                (
                    f"{item.title}\n{item.forecast_covers}",
                    now(item),
                    item.plain(forecast.target),
                    f"{item.plain(forecast.outturn)}\n"
                    f"{item.plain(forecast.lower)} to {item.plain(forecast.upper)}",
                    forecast.rating,
                    forecast.chance or NONE,
                    forecast.outlook,
                )
                for item, forecast in made
            ),
        )
    else:
        shown = " that may be shown" if report.edition.is_public else ""
        yield Paragraph(f"No forecast could be made{shown}.")
    without = [(item, item.forecast.outlook) for item in report.without_forecast if item.forecast]
    if without:
        yield Heading("Without a forecast", 3)
        yield Bullets(
            tuple(
                Paragraph(outlook.replace("No forecast: ", ""), label=f"{item.title}:")
                for item, outlook in without
            )
        )
    if report.forecast_withheld:
        yield Heading("Forecast withheld", 3)
        yield Paragraph(
            "The forecasts of these rest on months that count few people, so they are "
            f"{words.WITHHELD}, and with them what single months say."
        )
        yield Bullets(tuple(Paragraph(item.title) for item in report.forecast_withheld))
    if report.methods:
        yield Heading("How forecasts are made, and how good they were", 3)
        yield Bullets(tuple(Paragraph(f"{method}.") for method in report.methods))


def together(report: Report) -> Iterator[Block]:
    yield Heading("Figures read together", 2, True)
    yield Paragraph(
        "No figure tells the story alone. One may get better because another gets worse, so these are read "
        "side by side."
    )
    if not report.groups:
        yield Paragraph("No groups are set.")
    for group in report.groups:
        picture = f" – {words.lower_first(group.picture)}" if group.picture else ""
        yield Heading(f"{group.title}{picture}", 3)
        if not group.picture:
            yield Paragraph(
                f"How they move together is {words.WITHHELD} with one of them."
                if report.edition.is_public
                else "They have no joint picture this quarter.",
                tone="quiet",
            )
        yield Table(
            f"{group.title}, this quarter",
            (
                Column("Indicator", 2),
                Column("Part in the picture", 2),
                Column("Now", 1, is_number=True),
                Column("Rating", 1.25),
                Column("Since last quarter", 1.1),
                Column("Since a year ago", 1.1),
            ),
            tuple(
                (
                    about(report, member.indicator_id),
                    f"{member.role}\n{member.why}",
                    *(
                        (now(item), item.rating, moved(item, item.previous), moved(item, item.last_year))
                        if (item := report.by_id.get(member.indicator_id))
                        else (NONE,) * 4
                    ),
                )
                for member in group.members
            ),
        )


def demand(report: Report) -> Iterator[Block]:
    yield Heading("Demand for services", 2, True)
    yield Paragraph(
        "What comes to the services. Neither a high nor a low figure is good in itself, so nothing here is "
        "rated. Read the other sections with it: many figures follow demand."
    )
    if not report.context:
        yield Paragraph("None of the indicators is shown for context alone.")
        return
    yield Table(
        "Demand: this quarter, earlier and in England",
        (
            Column("Indicator", 2),
            Column("Now", 1, is_number=True),
            Column("Since last quarter", 1.1),
            Column("Since a year ago", 1.1),
            Column("England", 1, is_number=True),
            Column("Month by month", 1.6),
            Column("Forecast for the year", 1.2, is_number=True),
        ),
        tuple(
            (
                item.title,
                now(item),
                moved(item, item.previous),
                moved(item, item.last_year),
                england(item),
                item.control.text if item.control and item.control.is_judged else NONE,
                f"{item.plain(made.outturn)}\n{item.plain(made.lower)} to {item.plain(made.upper)}"
                if (made := item.forecast) and made.is_made
                else NONE,
            )
            for item in report.context
        ),
    )


def compared(report: Report) -> Iterator[Block]:
    yield Heading("Compared with England", 2, True)
    yield Paragraph(
        "England is the latest published national figure. It covers a whole year, printed with it: one that "
        "ends on 31 March, or on 30 September for the workforce. It guides rather than matches a quarter. "
        "Higher and lower stand where neither is good in itself."
    )
    for name in ("Services", "Workforce"):
        yield Heading(name, 3)
        found = [
            item
            for item in report.compared
            if (item.definition.theme == "Workforce") == (name == "Workforce")
        ]
        if not found:
            yield Paragraph("None of the figures has a national one to compare with.")
            continue
        yield Table(
            f"{name} compared with England",
            (
                Column("Indicator", 2.6),
                Column("Now", 1, is_number=True),
                Column("England", 1, is_number=True),
                Column("Year", 0.9),
                Column("Against England", 1.1),
                Column("Difference", 1.3, is_number=True),
            ),
            tuple(
                (
                    item.title,
                    now(item),
                    item.plain(item.benchmark),
                    item.benchmark_period,
                    words.WITHHELD if item.is_withheld else item.against_benchmark or NONE,
                    item.benchmark_gap or NONE,
                )
                for item in found
            ),
        )
    if report.without_benchmark:
        yield Heading("Without a national figure", 3)
        yield Paragraph("; ".join(item.title for item in report.without_benchmark) + ".")


def actions(report: Report) -> Iterator[Block]:
    yield Heading("Actions and recommendations", 2, True)
    left_out = report.edition.is_public and report.withheld
    yield Paragraph(
        "What members recommended and officers undertook, carried from report to report until it is closed. "
        f"Overdue is said as at {words.date_words(report.quarter.end)}."
        + (" What is about a withheld figure is left out." if left_out else "")
    )
    yield Heading("Open", 3)
    if report.open_actions:
        yield _listed("Open actions and recommendations, the first due first", report, report.open_actions)
    else:
        yield Paragraph("Nothing is open.")
    yield Heading("Closed since last quarter", 3)
    closed = tuple(action for action in report.actions if not action.is_open)
    if closed:
        yield _listed("Actions and recommendations that were closed", report, closed)
    else:
        yield Paragraph("Nothing was closed.")


def revised(report: Report) -> Iterator[Block]:
    changes = report.changes
    yield Heading("Changes since last time", 2, True)
    if not changes.compared_with:
        yield Paragraph("This is the first publication, so there is nothing to compare it with.")
        return
    yield Paragraph(changes.introduction)
    if changes.said:
        yield Bullets(tuple(Paragraph(each) for each in changes.said))
    if not report.revised:
        yield Paragraph(changes.nothing_revised)
        return
    yield Table(
        "Indicators with figures that are not what was last published; shown is the newest of these figures",
        (
            Column("Indicator", 2.2),
            Column("Figures changed", 1, is_number=True),
            Column("Newest", 1.1),
            Column("As first published", 1.1, is_number=True),
            Column("Published last", 1.1, is_number=True),
            Column("Now", 1, is_number=True),
            Column("Why", 2.4),
        ),
        tuple(
            (
                each.item.title,
                str(len(each.revisions)),
                each.period,
                each.first,
                each.last,
                each.now,
                each.why,
            )
            for each in report.revised
        ),
    )


def _listed(caption: str, report: Report, actions: tuple[Action, ...]) -> Table:
    return Table(
        caption,
        (
            Column("What is to be done", 2.1),
            Column("About", 1.4),
            Column("Raised", 1.5),
            Column("Who", 1.2),
            Column("Due", 1.5),
            Column("Progress", 1.7),
        ),
        tuple(
            (
                f"{action.text}\n{action.kind} {action.action_id}",
                about(report, action.indicator_id),
                f"{words.date_words(action.raised)}\n{action.raised_by}".strip(),
                action.owner or "No owner named",
                (words.date_words(action.due) if action.due else "No date given")
                + ("\nOverdue" if action.is_overdue(report.quarter.end) else ""),
                _progress(action, report),
            )
            for action in actions
        ),
    )


def _progress(action: Action, report: Report) -> str:
    said = [action.progress or "Nothing reported."]
    if not action.is_open:
        said.append(
            f"{action.status} on {words.date_words(action.closed)}." if action.closed else action.status
        )
    small = report.small_counts_of_action(action)
    if small:
        said.append(f"{CHECK} the words name a small number ({', '.join(small)}).")
    return " ".join(said)


def plan(report: Report) -> Iterator[Block]:
    """The same indicators by the priorities of the service plan."""
    yield Heading("The service plan", 2, True)
    yield Paragraph("The same indicators by the priorities of the service plan.")
    if not report.priorities:
        yield Paragraph("No priority of the service plan has an indicator here.")
    for priority in report.priorities:
        yield Heading(priority.title, 3)
        yield Paragraph(priority.description)
        if priority.is_area_for_improvement:
            yield Paragraph(
                "named by the last self-evaluation or inspection.", label="An area for improvement,"
            )
        yield standing(f"{priority.title}: this quarter", report.serving(priority))


def money(report: Report) -> Iterator[Block]:
    """The budget update: spending, savings, and what people and prices do to the money."""
    found = report.budget
    yield Heading("Budget update", 2, True)
    yield Paragraph(found.finding, tone="lead")
    yield Heading("Spending by service", 3)
    if found.lines:
        end = words.month_words(report.quarter.months[2])
        yield Table(
            f"Budget of the year, spending to the end of {end} and forecast for 31 March",
            (
                Column("Service", 2.2),
                Column("Budget", 1.2, is_number=True),
                Column("Spent so far", 1.2, is_number=True),
                Column("Forecast", 1.2, is_number=True),
                Column("Forecast against budget", 1.6, is_number=True),
                Column("Share of budget", 0.9, is_number=True),
            ),
            tuple(
                (
                    f"Total: {line.name}" if line.is_total else f"{line.name}\n{line.directorate}",
                    *(words.figure(amount, "gbp", 0) for amount in (line.budget, line.spent, line.forecast)),
                    line.position,
                    words.figure(line.percent, "percent", 1),
                )
                for line in found.lines
            ),
        )
        yield Paragraph(
            "Income is taken off. Over means that more will be spent than the budget, or less will come in.",
            tone="quiet",
        )
    reasons = tuple(Paragraph(reason) for line in found.lines for reason in line.reasons)
    if reasons:
        yield Heading("Reasons the services give", 4)
        yield Bullets(reasons)
    yield from _savings(found)
    yield from _activities(found, report)


def _savings(found: Budget) -> Iterator[Block]:
    yield Heading("Savings", 3)
    yield Paragraph(found.savings_finding)
    if found.savings:
        yield Table(
            "Savings of the year",
            (
                Column("Saving", 2.4),
                Column("State", 1.1),
                Column("To save", 1.1, is_number=True),
                Column("Delivered", 1.1, is_number=True),
                Column("On track", 1.1, is_number=True),
                Column("At risk or late", 1.1, is_number=True),
                Column("Not deliverable", 1.2, is_number=True),
                Column("Who", 1.2),
            ),
            tuple(
                (
                    f"{saving.title}\n{saving.saving_id}, {saving.directorate}\n{saving.narrative}".rstrip(),
                    words.upper_first(saving.status),
                    *(
                        words.figure(amount, "gbp", 0)
                        for amount in (
                            saving.target,
                            saving.delivered,
                            saving.on_track,
                            saving.at_risk,
                            saving.undeliverable,
                        )
                    ),
                    saving.owner or NONE,
                )
                for saving in found.savings
            ),
        )


def _activities(found: Budget, report: Report) -> Iterator[Block]:
    yield Heading("People and prices" if found.shows_people else "Prices", 3)
    if not found.activities:
        come = "may be shown" if report.edition.is_public else "have come"
        yield Paragraph(f"No costs of placements {come} for the end of the quarter.")
    elif found.shows_people:
        yield Paragraph(
            "What more or fewer people than budgeted cost in a year, and what a higher or lower price does, "
            "by type of placement."
        )
        yield Table(
            "People placed, weekly cost, and what they do to the budget of a year",
            (
                Column("Placement", 2),
                *(
                    Column(heading, is_number=True)
                    for heading in (
                        "People now",
                        "Budgeted",
                        "Weekly cost now",
                        "Budgeted cost",
                        "Because of people",
                        "Because of prices",
                        "Together",
                    )
                ),
            ),
            tuple(
                (
                    each.placement_type,
                    words.count(each.people),
                    words.count(each.budgeted_people),
                    *(
                        words.figure(amount, "gbp", 0)
                        for amount in (
                            each.weekly_cost,
                            each.budgeted_weekly_cost,
                            each.volume_effect,
                            each.price_effect,
                            each.pressure,
                        )
                    ),
                )
                for each in found.activities
            ),
        )
    else:
        yield Paragraph(
            "What a week of each type of placement costs on average, against the cost the budget was built "
            "on. Types with few people are left out, and so is how many people there are."
        )
        yield Table(
            "Average weekly cost",
            (
                Column("Placement", 2),
                Column("Weekly cost now", is_number=True),
                Column("Budgeted cost", is_number=True),
            ),
            tuple(
                (
                    each.placement_type,
                    words.figure(each.weekly_cost, "gbp", 0),
                    words.figure(each.budgeted_weekly_cost, "gbp", 0),
                )
                for each in found.activities
            ),
        )


def about(report: Report, indicator_id: str) -> str:
    item = report.by_id.get(indicator_id)
    return item.title if item else indicator_id or NONE
