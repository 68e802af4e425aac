"""The published tables of what the marts conclude: single months, forecasts, warnings, actions and money."""

from __future__ import annotations

from typing import Any

from scrutiny.reports.tables import DATE, NUMBER, TEXT, WHOLE, Field, Sheet
from scrutiny.reports.view import Indicator, Report

_ID = Field("indicator_id", "Indicator id", TEXT, "Identifier of the indicator in the register")
_TITLE = Field("title", "Indicator", TEXT, "Title of the indicator")
_DECIMALS = Field("decimals", "Decimal places", WHOLE, "Decimal places the figures are printed with")

MONTHS = (
    _ID, _TITLE,
    Field("month", "Month", TEXT, "Month of the figure, year and month"),
    Field("figure", "Figure", NUMBER, "Figure of the month alone", is_figure=True),
    Field("lower_limit", "Lower limit", NUMBER, "Lower limit of what chance explains; blank below zero",
          is_figure=True),
    Field("mean", "Mean", NUMBER, "Mean of the phase; blank without limits", is_figure=True),
    Field("upper_limit", "Upper limit", NUMBER, "Upper limit of what chance explains", is_figure=True),
    Field("signal", "Signal", TEXT,
          "common cause, improving, concerning, higher, lower, or left out because of an event"),
    Field("phase", "Phase", TEXT, "First month of the phase, whose mean and limits are its own"),
    _DECIMALS,
)  # fmt: skip
FORECASTS = (
    _ID, _TITLE,
    Field("covers", "Covers", TEXT, "What the forecast speaks of"),
    Field("forecast", "Forecast", NUMBER, "The figure expected; half of the draws lie above", is_figure=True),
    Field("lower_end", "Lower end", NUMBER, "Lower end of the range", is_figure=True),
    Field("upper_end", "Upper end", NUMBER, "Upper end of the range", is_figure=True),
    Field("percent", "In percent", WHOLE, "Share of the draws within the range"),
    Field("target", "Target", NUMBER, "Target at the year's end", is_figure=True),
    Field("chance", "Chance", TEXT, "How likely the target is to be met"),
    Field("outlook", "What to expect", TEXT, "The same in words"),
    Field("method", "Method", TEXT, "How it was made, and how often earlier ones held the figure that came"),
    _DECIMALS,
)  # fmt: skip
WARNINGS = (
    Field("position", "Position", WHOLE, "Place in the list; 1 is the most pressing"),
    _ID,
    Field("subject", "About", TEXT, "Indicator or extract"),
    Field("warning", "Warning", TEXT, "What the rule warns of"),
    Field("finding", "What was found", TEXT, "What was found"),
    Field("is_new", "New", TEXT, "New, seen before or not known"),
    Field("owner", "Owner", TEXT, "Role that answers for it"),
)
ACTIONS = (
    Field("action_id", "Reference", TEXT, "The council's own reference of the action"),
    Field("kind", "Kind", TEXT, "Recommendation of members or action of officers"),
    Field("text", "What is to be done", TEXT, "What is to be done"),
    _ID,
    Field("raised", "Raised", DATE, "Day on which it was raised"),
    Field("raised_by", "Raised by", TEXT, "Committee, panel or board that raised it"),
    Field("owner", "Owner", TEXT, "Role that owns it"),
    Field("due", "Due", DATE, "Date by which it is due"),
    Field("status", "Status", TEXT, "Open, Done, Withdrawn or Superseded"),
    Field("progress", "Progress", TEXT, "What the owner last said of it"),
    Field("closed", "Closed", DATE, "Day on which it was closed"),
)
BUDGET = (
    Field("directorate", "Directorate", TEXT, "Directorate, as the ledger names it"),
    Field("service_area", "Service area", TEXT, "Service area; blank in a total"),
    Field("budget", "Budget", NUMBER, "Budget in force, in pounds, less income"),
    Field("spent", "Spent so far", NUMBER, "Spent since 1 April"),
    Field("outturn", "Forecast", NUMBER, "Expected to have been spent by 31 March"),
    Field("variance", "Forecast less budget", NUMBER, "Positive is an overspend, or income that falls short"),
)
SAVINGS = (
    Field("saving_id", "Reference", TEXT, "Identifier of the saving"),
    Field("title", "Saving", TEXT, "What is to be saved"),
    Field("directorate", "Directorate", TEXT, "Directorate that answers for it"),
    Field("owner", "Owner", TEXT, "Role that answers for it"),
    Field("status", "State", TEXT, "delivered, on track, at risk or late, or not deliverable"),
    Field("target", "To save", NUMBER, "To be saved in the year, in pounds"),
    Field("delivered", "Delivered", NUMBER, "Saved so far"),
    Field("on_track", "On track", NUMBER, "Not yet saved and expected"),
    Field("at_risk", "At risk or late", NUMBER, "Late or in doubt"),
    Field("undeliverable", "Not deliverable", NUMBER, "Will not be saved"),
)


def further_sheets(report: Report) -> list[Sheet]:
    """The tables beside those of figures. A report of the public edition holds only what may be shown."""
    shown, money = report.indicators, report.budget
    return [
        Sheet("months", "Months", "Single months with the mean and limits of their control charts.", MONTHS,
              tuple(row for item in shown for row in _months(item))),
        Sheet("forecasts", "Forecasts", "Where figures will stand at the end of the year.", FORECASTS,
              tuple(_forecast(item) for item in report.forecast)),
        Sheet("warnings", "Warnings", "What changed for the worse, the most pressing first.", WARNINGS,
              tuple((each.position, each.indicator_id, each.subject, each.warns_of, each.finding,
                     each.newness, each.owner) for each in report.warnings)),
        Sheet("actions", "Actions", "Actions and recommendations until they are closed.", ACTIONS,
              tuple((each.action_id, each.kind, each.text, each.indicator_id, each.raised, each.raised_by,
                     each.owner, each.due, each.status, each.progress, each.closed)
                    for each in report.actions)),
        Sheet("budget", "Budget", "Spending of the year by service, with totals, in pounds.", BUDGET,
              tuple((line.directorate or line.name, line.area, line.budget, line.spent, line.forecast,
                     line.variance) for line in money.lines)),
        Sheet("savings", "Savings", "Savings of the year by state, in pounds.", SAVINGS,
              tuple((each.saving_id, each.title, each.directorate, each.owner, each.status, each.target,
                     each.delivered, each.on_track, each.at_risk, each.undeliverable)
                    for each in money.savings)),
    ]  # fmt: skip


def _months(item: Indicator) -> list[tuple[Any, ...]]:
    return [
        (item.indicator_id, item.title, str(point.month), point.value, point.lower, point.mean, point.upper,
         "left out" if point.is_left_out else point.variation, point.phase, item.definition.decimals)
        for point in item.control_points
    ]  # fmt: skip


def _forecast(item: Indicator) -> tuple[Any, ...]:
    made = item.forecast
    if made is None:
        raise ValueError(f"{item.indicator_id} has no forecast")
    return (
        item.indicator_id, item.title, item.forecast_covers, made.outturn, made.lower, made.upper,
        made.interval_percent, made.target, made.chance, made.outlook, made.method, item.definition.decimals,
    )  # fmt: skip
