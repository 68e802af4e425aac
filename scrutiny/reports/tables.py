"""Tables as files that anybody can open: Parquet, and CSV that a spreadsheet will not run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from scrutiny.formulas import disarmed
from scrutiny.reports.figures import Figures
from scrutiny.reports.view import WITHHELD as WITHHELD_STATUS
from scrutiny.reports.view import Comparison, Definition, Indicator, Report, Revision

TEXT, NUMBER, WHOLE, DATE = pa.string(), pa.float64(), pa.int64(), pa.date32()


@dataclass(frozen=True)
class Field:
    """A column of a published table: its name in files, its heading in the workbook, its type and meaning.

    ``is_figure`` marks figures that are shown with the decimal places of their row.
    """

    name: str
    heading: str
    type: pa.DataType
    description: str
    is_figure: bool = False


@dataclass(frozen=True)
class Sheet:
    """A published table. ``rows`` hold one value for each field, in the order of the fields.

    ``if_empty`` is what the workbook says of a table without rows.
    """

    name: str
    title: str
    description: str
    fields: tuple[Field, ...]
    rows: tuple[tuple[Any, ...], ...]
    if_empty: str = "There is nothing to list."

    def arrow(self) -> pa.Table:
        columns = zip(*self.rows, strict=True) if self.rows else [[] for _ in self.fields]
        return pa.table(
            [pa.array(list(column), field.type) for field, column in zip(self.fields, columns, strict=True)],
            names=[field.name for field in self.fields],
        )


_ID = Field("indicator_id", "Indicator id", TEXT, "Identifier of the indicator in the register")
_TITLE = Field("title", "Indicator", TEXT, "Title of the indicator")
_THEME = Field("theme", "Theme", TEXT, "Theme of the report the indicator belongs to")
_UNIT = Field("unit", "Unit", TEXT, "percent, rate_per_10000, rate_per_100000 or count")
_NUMERATOR = Field(
    "numerator", "Numerator", NUMBER, "Numerator of the value; people, events or full-time equivalents"
)
_DENOMINATOR = Field(
    "denominator", "Denominator", NUMBER, "Denominator of the value; blank for a plain number"
)
_VALUE = Field(
    "value", "Figure", NUMBER, "The figure, rounded as printed; blank if unavailable", is_figure=True
)
_DECIMALS = Field("decimals", "Decimal places", WHOLE, "Decimal places the figure is printed and judged with")
_MONTH = Field("month", "Month", TEXT, "Last month of the period, year and month")

INDICATORS = (
    _ID, _TITLE, _THEME,
    Field("quarter", "Quarter", TEXT, "Financial quarter of the report"),
    Field("basis", "Window", TEXT, "Window of the figure in words"),
    _UNIT, _DECIMALS, _NUMERATOR, _DENOMINATOR, _VALUE,
    Field("status", "Status", TEXT, "available, not_applicable, unavailable or withheld"),
    Field("status_reason", "Status reason", TEXT, "Why there is no figure"),
    Field("target", "Target", NUMBER, "Target for the quarter; blank where none is set", is_figure=True),
    Field("rating", "Rating", TEXT, "Red, Amber, Green, No target, Not rated or Withheld"),
    Field("rag_rule", "Rating rule", TEXT, "Rule the rating was made with"),
    Field("previous_value", "Last quarter", NUMBER, "Figure a quarter earlier", is_figure=True),
    Field("movement", "Since last quarter", TEXT, "Better, Worse, Up, Down, No change or withheld"),
    Field("last_year_value", "A year ago", NUMBER, "Figure for the same quarter last year", is_figure=True),
    Field("movement_year", "Since a year ago", TEXT, "Better, Worse, Up, Down, No change or withheld"),
    Field("benchmark", "Benchmark", NUMBER, "National figure to compare with", is_figure=True),
    Field("benchmark_label", "Benchmark area and period", TEXT, "Area and period of the national figure"),
    Field("commentary", "Commentary", TEXT, "What the service says"),
    Field("cause", "Cause", TEXT, "Why the figure is what it is"),
    Field("action", "Action", TEXT, "What is being done"),
    Field("action_owner", "Action owner", TEXT, "Role that owns the action"),
    Field("action_due", "Action due", DATE, "Date by which the action is due"),
)  # fmt: skip
SERIES = (
    _ID, _TITLE, _MONTH,
    Field("period", "Period", TEXT, "Period of the figure in words"),
    _NUMERATOR, _DENOMINATOR,
    _VALUE, _UNIT, _DECIMALS,
    Field("status", "Status", TEXT, "withheld where the figure is withheld to protect people; else blank"),
)  # fmt: skip
DEFINITIONS = (
    _ID,
    Field("version", "Version", TEXT, "Version of the definition"),
    _TITLE, _THEME,
    Field("description", "Description", TEXT, "What the indicator says in plain words"),
    Field("counts", "Counts", TEXT, "What the numerator counts"),
    Field("out_of", "Out of", TEXT, "What the denominator counts"),
    Field("left_out", "Left out", TEXT, "Who or what is left out"),
    Field("good", "Which way is good", TEXT, "high, low, or context where neither is good in itself"),
    Field("owner", "Owner", TEXT, "Role that answers for the indicator"),
    Field("sources", "Made from", TEXT, "Extracts the indicator is made from"),
    Field("national_reference", "National reference", TEXT, "National publication with the same measure"),
)  # fmt: skip
WITHHELD = (
    _ID, _TITLE,
    Field("what", "What is withheld", TEXT, "Which of its figures the public edition does not show"),
    Field("reason", "Reason", TEXT, "Why the public edition does not show them"),
)  # fmt: skip
REVISIONS = (
    _ID, _TITLE,
    Field("window", "Window", TEXT, "month, quarter, year_to_date, rolling_12_months or position"),
    _MONTH, _UNIT, _DECIMALS,
    Field("first_published_in", "First published in", TEXT, "Quarter and version that first showed it"),
    Field("first_value", "As first published", NUMBER, "The figure as first published", is_figure=True),
    Field("last_published_in", "Last published in", TEXT, "Quarter and version that last showed it"),
    Field("last_value", "As last published", NUMBER, "The figure as last published", is_figure=True),
    _NUMERATOR, _DENOMINATOR, _VALUE,
    Field("is_since_last_time", "Since last time", TEXT, "yes if it is not what was last published, else no"),
    Field("revision_class", "Kind of change", TEXT, "Why figures of this kind change"),
    Field("reason", "Reason", TEXT, "Why this figure changed"),
)  # fmt: skip
MONTHLY_COUNTS = (
    _ID, _MONTH,
    Field("breakdown", "Breakdown", TEXT, "What the count is broken down by; all if it is not"),
    Field("breakdown_value", "Group", TEXT, "Group of the breakdown"),
    _NUMERATOR, _DENOMINATOR,
    Field("not_known", "Not known", NUMBER, "People for whom the answer was not recorded"),
    Field("excluded", "Left out", NUMBER, "People or events left out by the definition"),
)  # fmt: skip
VALIDATION = (
    Field("dataset", "Extract", TEXT, "Extract the rule was run on"),
    Field("delivery_id", "Delivery", TEXT, "Identifier of the delivery"),
    Field("table_name", "Table", TEXT, "Table of the extract"),
    Field("rule_code", "Rule", TEXT, "Validation rule"),
    Field("severity", "Severity", TEXT, "reject, error (rows set aside) or query (rows used)"),
    Field("message", "What the rule looks for", TEXT, "What the rule looks for"),
    Field("checked", "Rows checked", WHOLE, "Rows the rule was run on"),
    Field("failed", "Rows failed", WHOLE, "Rows that failed the rule; blank if it could not be run"),
)


def sheets(report: Report, figures: Figures) -> list[Sheet]:
    """The tables of an edition. Monthly counts and validation results are in the officer edition only."""
    shown = report.indicators
    found = [
        Sheet("indicators", "Indicators", f"One row for each indicator, {report.quarter}.", INDICATORS,
              tuple(_headline(item, report) for item in shown)),
        Sheet("series", "Series", "The figures behind the charts, by indicator and period.", SERIES,
              tuple(row for item in shown for row in series_rows(item))),
        Sheet("definitions", "Definitions", "What each indicator counts.", DEFINITIONS,
              tuple(_definition(definition) for definition in report.definitions)),
        Sheet("withheld", "Withheld", "Figures left out of the public edition.", WITHHELD,
              tuple((item.definition.indicator_id, item.definition.title, item.text, report.withheld_reason)
                    for item in report.withheld)),
    ]  # fmt: skip
    if report.changes.revisions:
        revised = tuple(_revised(revision, shown) for revision in report.changes.revisions)
        description = "Figures that are not what was first or last published."
        found.append(Sheet("revisions", "Revisions", description, REVISIONS, revised))
    if not report.edition.is_public:
        found += [
            _frozen("monthly_counts", "Monthly counts", "Discrete counts of each month, before any window.",
                    MONTHLY_COUNTS, figures, "fct_measure_month"),
            _frozen("validation", "Validation", "Results of every validation rule, by delivery.",
                    VALIDATION, figures, "mart_validation"),
        ]  # fmt: skip
    return found


def series_rows(item: Indicator) -> list[tuple[Any, ...]]:
    """The rows of one indicator's series, for the table of all series and for its own CSV."""
    return [
        (item.indicator_id, item.title, str(point.month), point.label, point.numerator, point.denominator,
         point.value, item.definition.unit, item.definition.decimals,
         WITHHELD_STATUS if point.is_withheld else "")
        for point in item.points
    ]  # fmt: skip


def dictionary(published: list[Sheet]) -> Sheet:
    """The data dictionary of the published tables."""
    fields = (
        Field("table", "Table", TEXT, "Table of this edition"),
        Field("column", "Column", TEXT, "Column as named in the CSV and Parquet files"),
        Field("heading", "Heading", TEXT, "Column as named in the workbook"),
        Field("type", "Type", TEXT, "Type of the values"),
        Field("description", "Meaning", TEXT, "What the column holds"),
    )
    rows = tuple(
        (sheet.name, field.name, field.heading, str(field.type), field.description)
        for sheet in published
        for field in sheet.fields
    )
    return Sheet("data_dictionary", "Data dictionary", "Every column of every table.", fields, rows)


def write_sheet(sheet: Sheet, folder: Path) -> None:
    """Write a published table as Parquet and CSV."""
    write_table(sheet.arrow(), folder / sheet.name)


def write_table(table: pa.Table, stem: Path) -> None:
    """Write ``<stem>.parquet`` with the text as it is and ``<stem>.csv`` with formulas made harmless."""
    pq.write_table(table, stem.with_name(f"{stem.name}.parquet"), compression="zstd")
    write_csv(table, stem.with_name(f"{stem.name}.csv"))


def write_csv(table: pa.Table, path: Path) -> None:
    """Write a CSV in UTF-8. Text that a spreadsheet would run as a formula gets an apostrophe before it."""
    pa_csv.write_csv(disarmed(table), path)


def _frozen(
    name: str, title: str, description: str, fields: tuple[Field, ...], figures: Figures, table: str
) -> Sheet:
    rows = tuple(tuple(row[field.name] for field in fields) for row in figures.rows(table))
    return Sheet(name, title, description, fields, rows)


def _headline(item: Indicator, report: Report) -> tuple[Any, ...]:
    return (
        item.indicator_id, item.title, item.definition.theme, str(report.quarter), item.basis_label,
        item.definition.unit, item.definition.decimals, item.numerator, item.denominator, item.value,
        item.status, item.status_reason,
        item.target, item.rating.word, item.rag_rule, item.previous.value, _moved(item.previous),
        item.last_year.value, _moved(item.last_year), item.benchmark, item.benchmark_label, item.commentary,
        item.cause, item.action, item.action_owner, item.action_due,
    )  # fmt: skip


def _revised(revision: Revision, shown: tuple[Indicator, ...]) -> tuple[Any, ...]:
    of = next(item.definition for item in shown if item.indicator_id == revision.indicator_id)
    return (
        revision.indicator_id, of.title, revision.window, revision.month, of.unit, of.decimals,
        revision.first_published_in, revision.first_value, revision.last_published_in, revision.last_value,
        revision.numerator, revision.denominator, revision.value,
        "yes" if revision.is_since_last_time else "no", revision.revision_class, revision.reason,
    )  # fmt: skip


def _moved(comparison: Comparison) -> str:
    return WITHHELD_STATUS if comparison.is_withheld else comparison.movement


def _definition(definition: Definition) -> tuple[Any, ...]:
    return (
        definition.indicator_id, definition.version, definition.title, definition.theme,
        definition.description, definition.numerator, definition.denominator, definition.exclusions,
        definition.polarity, definition.owner, definition.sources, definition.national_reference,
    )  # fmt: skip
