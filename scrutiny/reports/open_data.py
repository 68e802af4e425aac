"""Open data: what the public edition shows, as tidy files by the open data standard of the DfE.

One row a figure, in a file by month and one by quarter, because the standard lets a file have one kind of
period only. ``<file>.meta.csv`` says what its columns are, as the standard wants it; ``<file>.parquet`` holds
the same with numbers as numbers; ``datapackage.json`` (Frictionless Data Package) describes them all.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from scrutiny.formulas import disarmed_text
from scrutiny.periods import Month
from scrutiny.reports import words
from scrutiny.reports.view import POSITION, WITHHELD, Indicator, Point, Report

OPEN_DATA = "open_data"
CONFIDENTIAL, UNAVAILABLE, NOT_APPLICABLE = "c", "x", "z"
SYMBOLS = {
    CONFIDENTIAL: "withheld to protect people",
    UNAVAILABLE: "not available: the extract it is made from did not come or could not be used",
    NOT_APPLICABLE: "not applicable: nothing to count out of, or a figure of a kind that has no such part",
}
WINDOWS = {
    "month": "In the month",
    "quarter": "In the quarter",
    "year_to_date": "From April to the end of the quarter",
    "rolling_12_months": "In the 12 months to the end of the month",
    POSITION: "At the end of the month",
}
FILES = {
    "indicators_by_month": ("Indicators by month", ("month", "rolling_12_months", POSITION)),
    "indicators_by_quarter": ("Indicators by quarter", ("quarter", "year_to_date")),
}
"""The data files: title, and the windows whose figures are in each."""
LICENCE = {
    "name": "OGL-UK-3.0",
    "title": "Open Government Licence v3.0",
    "path": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
}


@dataclass(frozen=True)
class Column:
    """A column: its name, what it is in the standard (time, place, Filter or Indicator) and what it says."""

    name: str
    kind: str
    label: str
    description: str

    @property
    def is_number(self) -> bool:
        return self.kind == "Indicator"


COLUMNS = (
    Column("time_period", "time", "Period", "Calendar year, or financial year as 202526 for 2025-26"),
    Column("time_identifier", "time", "Part of the period", "Month, or quarter of the financial year"),
    Column("geographic_level", "place", "Level", "Level of the area"),
    Column("country_code", "place", "Country code", "ONS code of the country"),
    Column("country_name", "place", "Country", "Name of the country"),
    Column("old_la_code", "place", "Authority, DfE code", "Three-digit code of the local authority"),
    Column("new_la_code", "place", "Authority, ONS code", "Nine-character code of the local authority"),
    Column("la_name", "place", "Authority", "Name of the local authority"),
    Column("theme", "Filter", "Theme", "Theme of the report"),
    Column("indicator_id", "Filter", "Indicator id", "Identifier of the indicator in the register"),
    Column("indicator", "Filter", "Indicator", "Title of the indicator"),
    Column("time_window", "Filter", "Window", "What the figure covers: the month, a longer time, or a date"),
    Column("unit", "Filter", "Unit", "Unit of the figure"),
    Column("numerator", "Indicator", "Numerator", "People, events or full-time equivalents counted"),
    Column("denominator", "Indicator", "Denominator", "What the numerator is out of"),
    Column("figure", "Indicator", "Figure", "The figure, rounded as published"),
    Column("first_published_figure", "Indicator", "First published figure", "What was first published of it"),
)  # fmt: skip
GROUPS = {"indicator": "theme"}
"""The filter whose values another column groups; that column is no filter of its own."""
_META = (
    "col_name", "col_type", "label", "indicator_grouping", "indicator_unit", "indicator_dp", "filter_hint",
    "filter_grouping_column",
)  # fmt: skip

Row = dict[str, str | float]
Key = tuple[str, str, str]
"""What a figure is of: indicator, window and last month."""


def write_open_data(
    report: Report, authority: Mapping[str, str], first: Mapping[Key, float | None], folder: Path
) -> None:
    """Write the open data of a public edition into a new folder.

    ``first`` is what was first published of each figure, by indicator, window and month: a figure that is not
    in it is published for the first time. The standard's symbol stands in every cell without a number.
    """
    folder.mkdir(parents=True)
    rows = sorted(_rows(report, authority, first), key=lambda row: (row[0], row[1]["indicator_id"], row[2]))
    resources = []
    for name, (title, windows) in FILES.items():
        of_file = [row for window, row, _ in rows if window in windows]
        if not of_file:
            continue
        _write_csv(of_file, folder / f"{name}.csv")
        _write_meta(of_file, folder / f"{name}.meta.csv")
        pq.write_table(_typed(of_file), folder / f"{name}.parquet", compression="zstd")
        resources += _resources(name, title, folder)
    package = _package(report, authority) | {"resources": resources}
    text = json.dumps(package, indent=2, ensure_ascii=False) + "\n"
    (folder / "datapackage.json").write_text(text, encoding="utf-8")


def _rows(
    report: Report, authority: Mapping[str, str], first: Mapping[Key, float | None]
) -> Iterator[tuple[str, Row, Month]]:
    """Every figure of the edition with its window and month: each series, and a headline that it lacks."""
    for item in report.indicators:
        points = {point.month: point for point in item.points}
        points.setdefault(report.quarter.months[2], _headline(item, report.quarter.months[2]))
        for month, point in points.items():
            symbol = _symbol(point)
            figure = symbol if point.value is None else point.value
            before = first.get((item.indicator_id, item.window, str(month)), point.value)
            is_total = item.definition.unit == "count" and point.denominator is None
            yield (
                item.window,
                _place(month, item.window, authority)
                | {
                    "theme": item.definition.theme,
                    "indicator_id": item.indicator_id,
                    "indicator": item.title,
                    "time_window": WINDOWS[item.window],
                    "unit": words.UNIT_WORDS[item.definition.unit],
                    "numerator": symbol if point.numerator is None else point.numerator,
                    "denominator": NOT_APPLICABLE if is_total else _or(point.denominator, symbol),
                    "figure": figure,
                    "first_published_figure": symbol if point.value is None else _or(before, symbol),
                },
                month,
            )


def _or(value: float | None, symbol: str) -> str | float:
    return symbol if value is None else value


def _headline(item: Indicator, end: Month) -> Point:
    """The headline as a point, for an indicator whose series does not reach the end of the quarter."""
    return Point(end, item.basis_label, item.numerator, item.denominator, item.value, item.status == WITHHELD)


def _symbol(point: Point) -> str:
    """What stands where a point has no number: nothing to count out of is not the same as no figure."""
    if point.is_withheld:
        return CONFIDENTIAL
    return NOT_APPLICABLE if point.denominator == 0 else UNAVAILABLE


def _place(month: Month, window: str, authority: Mapping[str, str]) -> Row:
    if window in FILES["indicators_by_quarter"][1]:
        quarter = month.quarter
        period = str(quarter.financial_year).replace("-", "")
        part = f"Financial year Q{quarter.number}"
    else:
        period, part = f"{month.year:04d}", month.start.strftime("%B")
    return {
        "time_period": period,
        "time_identifier": part,
        "geographic_level": "Local authority",
        "country_code": "E92000001",
        "country_name": "England",
        "old_la_code": authority["authority_code"],
        "new_la_code": authority["ons_code"],
        "la_name": authority["authority_name"],
    }


def _write_csv(rows: list[Row], path: Path) -> None:
    """UTF-8 without a mark, commas, one header row; whole numbers are written without a decimal point."""
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(column.name for column in COLUMNS)
        writer.writerows([_cell(row[column.name]) for column in COLUMNS] for row in rows)


def _cell(value: str | float) -> str:
    if isinstance(value, str):
        return disarmed_text(value)
    return str(int(value)) if value == int(value) else str(value)


def _write_meta(rows: list[Row], path: Path) -> None:
    """What the filters and indicators are; the standard knows the columns of time and place."""
    places = {
        column.name: max((_places(row[column.name]) for row in rows), default=0)
        for column in COLUMNS
        if column.is_number
    }
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(_META)
        for column in COLUMNS:
            if column.kind == "Indicator":
                writer.writerow((column.name, column.kind, column.label, "", "", places[column.name], "", ""))
            elif column.kind == "Filter" and column.name != GROUPS["indicator"]:
                grouped = GROUPS.get(column.name, "")
                writer.writerow(
                    (column.name, column.kind, column.label, "", "", "", column.description, grouped)
                )


def _places(value: str | float) -> int:
    """The decimal places a number is written with."""
    text = _cell(value)
    return len(text.partition(".")[2]) if not isinstance(value, str) else 0


def _typed(rows: list[Row]) -> pa.Table:
    """The rows with numbers as numbers, blank where there is none: ``symbol`` says why not."""
    columns = {}
    for column in COLUMNS:
        values = [row[column.name] for row in rows]
        if column.is_number:
            found = [None if isinstance(value, str) else float(value) for value in values]
            columns[column.name] = pa.array(found, pa.float64())
        else:
            columns[column.name] = pa.array(values, pa.string())
    symbols = [row["figure"] if isinstance(row["figure"], str) else None for row in rows]
    return pa.table(columns | {"symbol": pa.array(symbols, pa.string())})


def _resources(name: str, title: str, folder: Path) -> list[dict[str, Any]]:
    schema = {
        "fields": [
            {
                "name": column.name,
                "type": "number" if column.is_number else "string",
                "title": column.label,
                "description": column.description,
            }
            for column in COLUMNS
        ],
        "missingValues": ["", *SYMBOLS],
        "primaryKey": ["time_period", "time_identifier", "new_la_code", "indicator_id", "time_window"],
    }
    described: list[tuple[str, str, str, str, dict[str, Any]]] = [
        (f"{name}.csv", "csv", "text/csv", title, {"type": "table", "encoding": "utf-8", "schema": schema}),
        (f"{name}.meta.csv", "csv", "text/csv", f"{title}: columns", {"type": "table", "encoding": "utf-8"}),
        (
            f"{name}.parquet",
            "parquet",
            "application/vnd.apache.parquet",
            f"{title}, for programs",
            {"type": "file"},
        ),
    ]
    return [
        {
            "name": path.replace(".", "-").replace("_", "-"),
            "path": path,
            "title": said,
            "format": form,
            "mediatype": mediatype,
            "bytes": (folder / path).stat().st_size,
            "hash": f"sha256:{hashlib.sha256((folder / path).read_bytes()).hexdigest()}",
            **more,
        }
        for path, form, mediatype, said, more in described
    ]


def _package(report: Report, authority: Mapping[str, str]) -> dict[str, Any]:
    symbols = "; ".join(f"{symbol}: {meaning}" for symbol, meaning in SYMBOLS.items())
    return {
        "name": f"social-care-performance-{str(report.quarter).lower()}",
        "title": f"{report.title} – {authority['authority_name']}",
        "description": f"{report.edition.status} Figures as published. Symbols: {symbols}.",
        "version": report.edition.version,
        "created": report.edition.dated.isoformat(timespec="seconds"),
        "licenses": [LICENCE],
        "contributors": [{"title": authority["authority_name"], "role": "publisher"}],
    }
