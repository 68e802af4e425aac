"""From the files of a delivery to its tables, and to what the delivery covers."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from scrutiny.datasets import csv_files, workbooks, xml_files
from scrutiny.datasets.code_sets import authority, client_level_data_release
from scrutiny.datasets.csv_files import CsvFile, SourceFile
from scrutiny.datasets.errors import Unreadable
from scrutiny.datasets.headers import letter
from scrutiny.datasets.layouts import Dataset, layout
from scrutiny.datasets.layouts import dataset as dataset_named
from scrutiny.datasets.names import collection_year_in, end_year_in, school_term_in
from scrutiny.datasets.workbooks import Sheet
from scrutiny.periods import FinancialYear, Month, PeriodError, Quarter, SchoolTerm

if TYPE_CHECKING:
    from scrutiny.landing import Receipt

_Source = CsvFile | Sheet


@dataclass(frozen=True)
class Description:
    """What a delivery covers, as far as its names and headers (and for some, a column or two) tell."""

    collection_year: FinancialYear
    schema_version: str
    period_start: dt.date
    period_end: dt.date


def describe(
    dataset: str, files: Sequence[SourceFile], name: str, authority_code: str, load_month: Month
) -> Description:
    """Recognise the files of a delivery and say what it covers; ``name`` is the delivery's name as sent.

    Raises Unreadable for what cannot be used: unknown or missing files and columns, a wrong year, another
    authority's extract.
    """
    if not files:
        raise Unreadable("no_files", "The delivery holds no files", name, "Send the extract again.")
    sent = dataset_named(dataset)
    if len(files) > 1 and not layout(dataset).is_sent_together:
        raise Unreadable(
            "several_files",
            f"The delivery holds {len(files)} files where one is expected",
            name,
            "Send one extract in a delivery.",
        )
    if sent.form == "census":
        return _describe_census(dataset, files[0], name, authority_code, load_month)
    year = _year_in_name(files, name, load_month) if sent.period == "year_in_name" else None
    if _is_xml_return(dataset, files):
        xml_files.check_903(files[0])
    else:
        sources = _sources(sent, files, year)
        _check_tables(sent, sources, name)
    match sent.period:
        case "year_in_name":
            assert year is not None
            return Description(year, f"{dataset}-{year}", year.start, year.end)
        case "term_in_name":
            term = _term_in_name(files, name, load_month)
            year = Month.of(term.end).financial_year
            return Description(year, f"{dataset}-{term}", term.start, term.end)
        case "reporting_period":
            return _describe_client_level_data(sources[0], authority_code, load_month)
        case "months":
            return _describe_months(dataset, sources[0], load_month)
        case "quarter":
            return _describe_quarter(dataset, sources[0], load_month)
        case "financial_years":
            return _describe_financial_years(dataset, sources[0], load_month)
        case "load_month":
            return Description(load_month.financial_year, f"{dataset}-1", load_month.start, load_month.end)
        case other:
            raise ValueError(f"layouts/datasets.csv gives {dataset} the unknown period {other}")


def read(receipt: Receipt) -> dict[str, pa.Table]:
    """The tables of a received delivery, by name, from the landing store.

    Every table has the columns of its layout in the layout's order, as trimmed text (blank is null) that is
    otherwise as sent, null where the collection year does not have the column; and an int64 ``row_number``:
    for CSV and workbooks the row as a spreadsheet shows it (the header is row 1), for XML the line of the
    source. The schema's metadata holds the ``file`` it came from. Tables that were not sent are not there; in
    the return of children looked after as XML, which cannot hold an empty table, those nothing was sent of.
    Raises Unreadable if the delivery cannot be used.
    """
    year = FinancialYear.parse(receipt.collection_year) if receipt.collection_year else None
    if receipt.dataset in xml_files.CENSUSES:
        if year is None:
            raise ValueError(f"receipt {receipt.delivery_id} has no collection year: it was not accepted")
        return xml_files.read(receipt.files[0], receipt.dataset, year)
    sent = dataset_named(receipt.dataset)
    if _is_xml_return(receipt.dataset, receipt.files):
        if year is None:
            raise ValueError(f"receipt {receipt.delivery_id} has no collection year: it was not accepted")
        tables = xml_files.read_903(receipt.files[0], year)
        for name in sent.required_tables:
            if not tables[name].num_rows:
                raise Unreadable(
                    "no_rows",
                    f"The table {name} has no rows",
                    receipt.files[0].name,
                    "Run the extract again and check that it finds rows before it is sent.",
                )
        return {name: table for name, table in tables.items() if table.num_rows}
    sources = _sources(sent, receipt.files, year if sent.period == "year_in_name" else None)
    return {
        source.table.name: _read(source, source.table.name not in sent.required_tables) for source in sources
    }


def spreadsheet_column(table: pa.Table, column: str) -> str | None:
    """The letter of a column in the file as sent ('A', 'AA'); None for XML and columns that were not sent."""
    metadata = table.schema.field(column).metadata or {}
    position = metadata.get(b"position")
    return letter(int(position)) if position else None


def _is_xml_return(dataset: str, files: Sequence[SourceFile]) -> bool:
    """Whether this is the return of children looked after in its other form, as one XML file."""
    return dataset == "ssda903" and len(files) == 1 and Path(files[0].name).suffix.lower() == ".xml"


def _sources(sent: Dataset, files: Sequence[SourceFile], year: FinancialYear | None) -> list[_Source]:
    """The tables of a delivery's files, recognised; ``year`` picks the columns of a yearly return."""
    tables = layout(sent.dataset).tables
    sources: list[_Source] = []
    for file in files:
        if workbooks.is_workbook(file):
            sources += workbooks.recognise(file, tables, year, sent.dates)
        else:
            sources.append(csv_files.recognise(file, tables, year))
    return sources


def _check_tables(sent: Dataset, sources: Sequence[_Source], name: str) -> None:
    found: dict[str, str] = {}
    for source in sources:
        table = source.table.name
        if table in found:
            raise Unreadable(
                "table_twice",
                f"The table {table} was sent twice",
                f"{found[table]} and {source.name}",
                "Send each table once.",
            )
        found[table] = source.name
    missing = [table for table in sent.required_tables if table not in found]
    if missing:
        raise Unreadable(
            "missing_table",
            f"The delivery lacks the table {' and '.join(missing)}",
            name,
            "Send the whole extract: every table of one period in one workbook, folder or archive.",
        )


def _read(source: _Source, may_be_empty: bool = False) -> pa.Table:
    module = workbooks if isinstance(source, Sheet) else csv_files
    return module.read(source, may_be_empty)


def _distinct(source: _Source, columns: Sequence[str]) -> list[tuple[str | None, ...]]:
    """The distinct combinations of some columns' texts, sorted; none if there are no rows."""
    if isinstance(source, CsvFile):
        return csv_files.distinct(source, columns)
    rows = workbooks.read(source, may_be_empty=True).select(list(columns)).to_pylist()
    return sorted({tuple(row.values()) for row in rows}, key=lambda row: tuple(text or "" for text in row))


def _year_in_name(files: Sequence[SourceFile], name: str, load_month: Month) -> FinancialYear:
    year = collection_year_in(name) or collection_year_in("/".join(file.name for file in files))
    if year is None:
        raise Unreadable(
            "unknown_year",
            "The name of the delivery does not say which one collection year it is for",
            name,
            "Name the folder or archive with the collection year, like ssda903_2025-26.",
        )
    if year.start > load_month.end:
        raise _wrong_year(f"The collection year {year} had not begun at the end of {load_month}", name)
    return year


def _term_in_name(files: Sequence[SourceFile], name: str, load_month: Month) -> SchoolTerm:
    term = school_term_in(name) or school_term_in("/".join(file.name for file in files))
    if term is None:
        raise Unreadable(
            "unknown_term",
            "The name of the delivery does not say which one term it is for",
            name,
            "Put each term in a folder named with year and term, like school_census_2025_spring.",
        )
    if term.start > load_month.end:
        raise _wrong_year(f"The term had not begun at the end of {load_month}", name)
    return term


def _describe_census(
    dataset: str, file: SourceFile, name: str, authority_code: str, load_month: Month
) -> Description:
    if Path(file.name).suffix.lower() != ".xml":
        raise Unreadable(
            "unknown_file",
            "This is not an XML file",
            file.name,
            "Send the census as XML, with a name ending in .xml, or take the file out of the folder.",
        )
    fields = xml_files.header(file)
    where = f"{file.name}, Header"
    action = "Check that the right census was exported for this authority, and send it again."
    if fields.get("Collection") != dataset.upper():
        raise Unreadable("wrong_collection", f"Collection is not {dataset.upper()}", where, action)
    if fields.get("LEA") != authority_code:
        raise Unreadable(
            "wrong_authority", f"LEA is not {authority_code}, the authority of this feed", where, action
        )
    text = fields.get("Year", "")
    if not (len(text) == 4 and text.isascii() and text.isdigit() and int(text) >= 2000):
        raise _wrong_year("Year is not a year", where)
    year = int(text)
    named = end_year_in(file.name) or end_year_in(name)
    if named and named != year:
        raise _wrong_year(f"Year is not {named}, the year in the file's name", where)
    month, day = (3, 31) if dataset == "cin" else (9, 30)
    end = dt.date(year, month, day)
    start = _year_before(end)
    if start > load_month.end:
        raise _wrong_year(f"The census year had not begun at the end of {load_month}", where)
    if fields.get("ReferenceDate") != end.isoformat():
        raise Unreadable(
            "wrong_reference_date",
            f"ReferenceDate is not {day} {calendar.month_name[month]} of the census year",
            where,
            action,
        )
    collection_year = Month.of(end).financial_year
    return Description(collection_year, f"{dataset}-{year}", start, end)


def _describe_client_level_data(file: _Source, authority_code: str, load_month: Month) -> Description:
    names = tuple(column.name for column in file.table.columns)
    if file.columns != names:
        first = next(i for i, name in enumerate(names) if file.columns[i] != name)
        raise Unreadable(
            "column_order",
            f"The columns are not in the order of the specification: {names[first]} is expected",
            f"{file.name}, row 1, column {letter(first + 1)}",
            "Send the 50 columns in the order of the specification.",
        )
    code, start_column, end_column = names[:3]
    codes = _distinct(file, [code])
    if not codes:
        raise csv_files.no_rows(file)
    if codes != [(authority(authority_code).cassr_code,)]:
        raise Unreadable(
            "wrong_authority",
            f"{code} is not {authority(authority_code).cassr_code} in every row, the CASSR code of the "
            "authority of this feed",
            f"{file.name}, column {letter(1)}",
            "Send this authority's extract, with its own code in every row.",
        )
    periods = _distinct(file, [start_column, end_column])
    where = f"{file.name}, columns {letter(2)} and {letter(3)}"
    action = "Give every row the same reporting period: the twelve months to the end of a month (dd/mm/yyyy)."
    if len(periods) != 1:
        raise Unreadable(
            "period_not_constant", "The reporting period is not the same in every row", where, action
        )
    start, end = (_date(text) for text in periods[0])
    if start is None or end is None:
        raise Unreadable("wrong_period", "The reporting period is not two dates", where, action)
    if end.year < 2000 or end != Month.of(end).end or start != _year_before(end):
        raise Unreadable("wrong_period", "The reporting period is not twelve whole months", where, action)
    if end > load_month.end:
        raise _wrong_year(f"The reporting period had not ended at the end of {load_month}", where)
    return Description(Month.of(end).financial_year, f"cld-{client_level_data_release(end)}", start, end)


def _describe_months(dataset: str, file: _Source, load_month: Month) -> Description:
    texts = [text for (text,) in _distinct(file, ["Month"])]
    if not texts:
        raise csv_files.no_rows(file)
    where = f"{file.name}, column {letter(file.columns.index('Month') + 1)}"
    try:
        months = sorted({Month.parse(text or "") for text in texts})
    except PeriodError:
        raise Unreadable(
            "wrong_period",
            "Month is blank or not a month in some rows",
            where,
            "Write the month of every row like 2025-07.",
        ) from None
    if months[-1] > load_month:
        raise _wrong_year(f"Month is later than {load_month} in some rows", where)
    missing = [month + 1 for month, later in pairwise(months) if later > month + 1]
    if missing:
        raise Unreadable(
            "missing_month",
            f"No row is of {missing[0]}, though others are of months before and after it",
            where,
            "Send every month from the first to the last, or a file for each run of months without a gap.",
        )
    return Description(months[-1].financial_year, f"{dataset}-1", months[0].start, months[-1].end)


def _describe_financial_years(dataset: str, file: _Source, load_month: Month) -> Description:
    """The last two years that are over: some surveys are held every second year. Rules judge other rows."""
    years = []
    for (text,) in _distinct(file, ["Financial Year"]):
        with suppress(PeriodError):
            years.append(FinancialYear.parse(text or ""))
    last = max((year.start_year for year in years if year.end <= load_month.end), default=None)
    if last is None:
        raise Unreadable(
            "wrong_period",
            f"No row is of a financial year that was over by {load_month}",
            f"{file.name}, column {letter(file.columns.index('Financial Year') + 1)}",
            "Write the financial year of every row like 2024-25.",
        )
    year = FinancialYear(last)
    return Description(year, f"{dataset}-1", FinancialYear(last - 1).start, year.end)


def _describe_quarter(dataset: str, file: _Source, load_month: Month) -> Description:
    texts = [text for (text,) in _distinct(file, ["Quarter"])]
    if not texts:
        raise csv_files.no_rows(file)
    where = f"{file.name}, column {letter(file.columns.index('Quarter') + 1)}"
    action = "Give every row the same quarter, written like 2025-26-Q2."
    if len(texts) != 1:
        raise Unreadable("period_not_constant", "Quarter is not the same in every row", where, action)
    try:
        quarter = Quarter.parse(texts[0] or "")
    except PeriodError:
        raise Unreadable("wrong_period", "Quarter is not a financial quarter", where, action) from None
    if quarter.start > load_month.end:
        raise _wrong_year(f"The quarter had not begun at the end of {load_month}", where)
    return Description(quarter.financial_year, f"{dataset}-1", quarter.start, quarter.end)


def _wrong_year(what: str, where: str) -> Unreadable:
    return Unreadable(
        "wrong_year", what, where, "Check which year the extract was run for, and where it was put."
    )


def _year_before(end: dt.date) -> dt.date:
    """The first day of the twelve months that end with ``end``."""
    return (Month.of(end) - 11).start


def _date(text: str | None) -> dt.date | None:
    try:
        date = dt.datetime.strptime(text or "", "%d/%m/%Y").date()
        Month.parse(f"{date:%Y-%m}")  # a year that no period can be of
    except ValueError:
        return None
    return date
