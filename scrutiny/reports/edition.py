"""An edition of a report as files: the pages, the documents, the workbook and the tables."""

from __future__ import annotations

from pathlib import Path

from scrutiny.reports.document import document
from scrutiny.reports.figures import DICTIONARY, DICTIONARY_NAME, Figures
from scrutiny.reports.further_tables import further_sheets
from scrutiny.reports.page import render_pages
from scrutiny.reports.tables import (
    SERIES,
    Sheet,
    dictionary,
    series_rows,
    sheets,
    write_csv,
    write_sheet,
    write_table,
)
from scrutiny.reports.typeset import pdf
from scrutiny.reports.view import Report
from scrutiny.reports.word_document import word
from scrutiny.reports.workbook import write_workbook


def write_figures(figures: Figures, folder: Path) -> None:
    """Write every frozen table into a new folder as Parquet and CSV, with the data dictionary beside them."""
    folder.mkdir(parents=True)
    for name, table in figures.tables.items():
        write_table(table, folder / name)
    (folder / DICTIONARY_NAME).write_bytes(DICTIONARY.read_bytes())


def write_edition(report: Report, figures: Figures, folder: Path) -> None:
    """Write the pages (``index.html`` first), ``pack.pdf``, ``pack.docx``, ``workbook.xlsx`` and ``tables/``.

    Only the officer edition takes anything from ``figures`` that is not in ``report``.
    """
    published = [*sheets(report, figures), *further_sheets(report)]
    series = folder / "tables" / "series"
    series.mkdir(parents=True)
    for name, page in render_pages(report).items():
        (folder / name).write_text(page, encoding="utf-8")
    pack = document(report)
    (folder / "pack.pdf").write_bytes(pdf(pack))
    (folder / "pack.docx").write_bytes(word(pack))
    for sheet in (*published, dictionary(published)):
        write_sheet(sheet, folder / "tables")
    for item in report.indicators:
        if item.has_series:
            sheet = Sheet(item.indicator_id, item.title, item.subtitle, SERIES, tuple(series_rows(item)))
            write_csv(sheet.arrow(), series / f"{item.indicator_id}.csv")
    write_workbook(report, [*published, dictionary(published)], folder / "workbook.xlsx")
