"""The data book of a financial year: every indicator by quarter and year, with definitions, for officers."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from scrutiny import warehouse
from scrutiny.datasets import authority, dataset
from scrutiny.files import written_whole
from scrutiny.periods import FinancialYear, Month
from scrutiny.reports import words
from scrutiny.reports.tables import DATE, DEFINITIONS, INDICATORS, TEXT, WHOLE, Field, Sheet
from scrutiny.reports.workbook import write_sheets
from scrutiny.settings import settings
from scrutiny.warehouse import WarehouseError

_SHARED = {field.name: field for field in INDICATORS}
FIGURES = (
    _SHARED["indicator_id"], _SHARED["title"],
    Field("family", "Family", TEXT, "Family of the indicator"),
    Field("period", "Period", TEXT, "Quarter, or the year as far as it is known"),
    _SHARED["basis"], _SHARED["unit"], _SHARED["decimals"], _SHARED["numerator"], _SHARED["denominator"],
    _SHARED["value"], _SHARED["status"], _SHARED["status_reason"], _SHARED["target"], _SHARED["rating"],
    Field("rag_reason", "Why not rated", TEXT, "Why there is no rating"),
    _SHARED["benchmark"], _SHARED["benchmark_label"],
)  # fmt: skip
ALL_DEFINITIONS = (
    *DEFINITIONS,
    Field(
        "unavailable_reason",
        "Why it cannot be had",
        TEXT,
        "Why no extract gives the figure; blank if one does",
    ),
)
SOURCES = (
    Field("dataset", "Extract", TEXT, "Extract"),
    Field("deliveries", "Deliveries used", WHOLE, "Accepted deliveries of the year's load months"),
    Field("newest", "Newest period ends", DATE, "Last day of the newest period delivered"),
    Field("rows", "Rows used", WHOLE, "Rows that came into the warehouse"),
    Field("set_aside", "Rows set aside", WHOLE, "Rows that broke a rule and count nowhere"),
)

# Asked of an authority's own copy. The figure of a year is that of its last month known: up to now of what is
# counted by the quarter, else the headline's own window. It is rated where a quarter, or the board, rates a
# figure of the very same window.
_FIGURES = """
with
last as (select max(month) as month from dim_period where financial_year = $year),
quarters as (from mart_scrutiny_quarter where financial_quarter in
    (select financial_quarter from dim_period where financial_year = $year)),
england as (
    select indicator_id, max_by(benchmark_value, financial_quarter) as benchmark,
        max_by(concat(benchmark_area, ', ', benchmark_period), financial_quarter) as benchmark_label
    from mart_scrutiny_quarter
    where benchmark_value is not null
        and financial_quarter <= (select max(financial_quarter) from dim_period where financial_year = $year)
    group by indicator_id
),
years as (
    select figures.*, indicators.title, indicators.family, indicators.service, indicators.unit,
        indicators.decimals, indicators.headline_basis, months.period_label as label_of_month
    from fct_indicator_value as figures
    inner join last using (month)
    inner join dim_indicator as indicators
        on figures.indicator_id = indicators.indicator_id and figures.indicator_version = indicators.version
        and figures.basis = case when indicators.headline_basis = 'quarter' then 'year_to_date'
            else indicators.headline_basis end
    left join fct_indicator_value as months
        on figures.indicator_id = months.indicator_id and figures.month = months.month
        and months.basis = 'month' and months.breakdown = 'all'
    where figures.breakdown = 'all'
),
all_periods as (
    select indicator_id, title, family, service, financial_quarter as period, basis_label as basis, unit,
        decimals, numerator, denominator, value, status, status_reason, target, rag, rag_reason,
        benchmark_value as benchmark,
        case when benchmark_value is not null then concat(benchmark_area, ', ', benchmark_period) end
            as benchmark_label
    from quarters
    union all
    select years.indicator_id, years.title, years.family, years.service, 'year', years.period_label,
        years.unit, years.decimals, years.numerator, years.denominator, years.value, years.status,
        years.status_reason,
        case
            when quarters.basis_label = years.period_label then quarters.target
            when years.period_label in (board.headline_label, years.label_of_month) then board.target
        end,
        case
            when quarters.basis_label = years.period_label then quarters.rag
            when board.headline_label = years.period_label then board.headline_rag
            when years.label_of_month = years.period_label then board.rag
            when board.rag = 'no target' or quarters.rag = 'no target' then 'no target'
            else 'not rated'
        end,
        case
            when quarters.basis_label = years.period_label then quarters.rag_reason
            when board.headline_label = years.period_label then null
            when years.label_of_month = years.period_label or board.rag = 'no target' then board.rag_reason
            when quarters.rag = 'no target' then quarters.rag_reason
            else 'Targets are judged by the quarter'
        end,
        england.benchmark, england.benchmark_label
    from years
    left join quarters
        on years.indicator_id = quarters.indicator_id and years.financial_quarter = quarters.financial_quarter
    left join mart_performance_board as board
        on years.indicator_id = board.indicator_id and years.month = board.month
    left join england on years.indicator_id = england.indicator_id
)
from all_periods order by indicator_id, period
"""
_DEFINITIONS = """
select indicator_id, cast(version as varchar) as version, title, service, family, description,
    numerator_definition, denominator_definition, exclusions, polarity, owner, source_datasets,
    national_reference, unavailable_reason
from dim_indicator
where (indicator_id, version)
    in (select (indicator_id, indicator_version) from fct_indicator_value where financial_year = $year)
order by indicator_id, version
"""
_SOURCES = """
select dataset, count(*), max(period_end), sum(rows_staged)::bigint, sum(rows_set_aside)::bigint
from mart_delivery
where outcome = 'accepted' and is_counted
    and load_month in (select month from dim_period where financial_year = $year)
group by dataset order by dataset
"""


def write_data_book(year: FinancialYear, code: str, path: Path) -> None:
    """Write every indicator of an authority in a financial year to a workbook: a sheet a scorecard.

    A row is an indicator in a quarter that is over, or in the year as far as the reporting copy reaches;
    nothing is withheld. Raises WarehouseError if there is no reporting copy of the authority or it knows
    nothing of the year, LookupError for an unknown authority.
    """
    name = authority(code).authority_name
    with duckdb.connect(str(warehouse.current(code)), read_only=True) as connection:
        connection.execute("use reporting")
        last = _last_month(connection, year)
        sheets = _sheets(connection, name, year, last)
    properties = {
        "title": f"Data book {year} – {name}",
        "subject": "Officer edition: not for publication",
        "author": name,
        "created": dt.datetime.combine(last.end, dt.time()),
    }
    with written_whole(path) as whole:
        write_sheets(sheets, whole, properties)


def _last_month(connection: duckdb.DuckDBPyConnection, year: FinancialYear) -> Month:
    """The last month of the year that the reporting copy knows."""
    [(of_year, first, last)] = connection.execute(
        "select max(case when financial_year = $year then month end), min(month), max(month) from dim_period",
        {"year": str(year)},
    ).fetchall()
    if of_year is None:
        raise WarehouseError(
            f"Nothing of {year} is known: the reporting copy reaches from {first} to {last}."
        )
    return Month.parse(of_year)


def _sheets(
    connection: duckdb.DuckDBPyConnection, name: str, year: FinancialYear, last: Month
) -> list[Sheet]:
    so_far = last.end < year.end
    title_of_year = "Year so far" if so_far else "Year"
    scorecards = _scorecards()
    titles = dict(scorecards.values())
    rows: dict[str, list[tuple[Any, ...]]] = {scorecard: [] for scorecard in titles}
    for row in _rows(connection, _FIGURES, year):
        scorecard, _ = scorecards[row["service"], row["family"]]
        row["period"] = title_of_year if row["period"] == "year" else f"Quarter {row['period'][-1]}"
        row["rating"] = words.RATINGS[row["rag"]].word if row["rag"] else words.NO_RATING.word
        rows[scorecard].append(tuple(_plain(row[field.name]) for field in FIGURES))
    reach = f"Up to the end of {words.month_words(last)}." if so_far else "The whole year."
    figures = [
        Sheet(scorecard, titles[scorecard], f"{titles[scorecard]}, {year}. {reach}", FIGURES, tuple(found))
        for scorecard, found in rows.items()
    ]
    definitions = [_definition(row, scorecards) for row in _rows(connection, _DEFINITIONS, year)]
    sources = [
        (dataset(row["dataset"]).title, *list(row.values())[1:]) for row in _rows(connection, _SOURCES, year)
    ]
    further = [
        Sheet(
            "definitions",
            "Definitions",
            "What each indicator counts, in the versions of the year.",
            ALL_DEFINITIONS,
            tuple(definitions),
        ),
        Sheet(
            "sources",
            "Sources",
            "The extracts that came in the load months of the year and are used.",
            SOURCES,
            tuple(sources),
        ),
    ]
    contents = Sheet(
        "contents",
        "Contents",
        f"Data book {year}. {name}. {reach} Officer edition: nothing is withheld, so not for publication. "
        "A blank figure is not zero: its status says why there is none.",
        (
            Field("sheet", "Sheet", TEXT, "Sheet"),
            Field("holds", "What it holds", TEXT, "What it holds"),
            Field("rows", "Rows", WHOLE, "Rows"),
        ),
        tuple(
            (sheet.title, holds, len(sheet.rows))
            for sheet, holds in (
                *(
                    (sheet, "Each indicator by quarter and year, with target and England")
                    for sheet in figures
                ),
                *((sheet, sheet.description) for sheet in further),
            )
        ),
    )
    return [contents, *figures, *further]


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, year: FinancialYear) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = connection.execute(sql, {"year": str(year)}).to_arrow_table().to_pylist()
    return rows


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def _definition(row: dict[str, Any], scorecards: dict[tuple[str, str], tuple[str, str]]) -> tuple[Any, ...]:
    _, theme = scorecards[row.pop("service"), row.pop("family")]
    first, version, title, *others = row.values()
    return (first, version, title, theme, *others)


def _scorecards() -> dict[tuple[str, str], tuple[str, str]]:
    """The scorecard of a service's family, as its name and title."""
    with (settings().seeds / "scorecards.csv").open(newline="", encoding="utf-8") as lines:
        return {
            (row["service"], row["family"]): (row["scorecard"], row["title"]) for row in csv.DictReader(lines)
        }
