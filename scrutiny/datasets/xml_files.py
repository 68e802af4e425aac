"""Reads the XML censuses (children in need, social work workforce) as a stream into flat tables.

One record is in memory at a time. Entities, document type definitions and the network are off.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from lxml import etree

from scrutiny.datasets.csv_files import SourceFile
from scrutiny.datasets.errors import Unreadable
from scrutiny.datasets.layouts import Layout, layout
from scrutiny.periods import FinancialYear

_ELEMENTS_AT_A_TIME = 5_000
_LAST_LINE_KEPT = 65_535

_Fields = dict[str, Any]
"""The texts of a record by element name, and its ``row_number``."""


@dataclass(frozen=True)
class Record:
    """An element that becomes a row of ``table``, and what lies inside it.

    ``holders`` are elements that only hold others together. ``lists`` are elements that each become a row of
    another table: {element: table}. ``records`` are nested records. ``passes_on`` are the fields that rows
    inside the record repeat.
    """

    table: str
    passes_on: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()
    lists: Mapping[str, str] = field(default_factory=dict)
    records: Mapping[str, Record] = field(default_factory=dict)


_ASSESSMENT = Record(
    "assessments",
    passes_on=("LAchildID", "CINreferralDate", "AssessmentActualStartDate"),
    holders=("FactorsIdentifiedAtAssessment",),
    lists={"AssessmentFactors": "assessment_factors"},
)
_PROTECTION_PLAN = Record(
    "child_protection_plans",
    passes_on=("LAchildID", "CPPstartDate"),
    holders=("Reviews",),
    lists={"CPPreviewDate": "child_protection_reviews"},
)
_EPISODE = Record(
    "cin_details",
    passes_on=("LAchildID", "CINreferralDate"),
    records={
        "Assessments": _ASSESSMENT,
        "CINPlanDates": Record("cin_plans"),
        "Section47": Record("section_47"),
        "ChildProtectionPlans": _PROTECTION_PLAN,
    },
)
_CHILD = Record(
    "children",
    passes_on=("LAchildID",),
    holders=("ChildIdentifiers", "ChildCharacteristics", "Disabilities"),
    lists={"Disability": "disabilities"},
    records={"CINdetails": _EPISODE},
)

RECORDS: dict[str, dict[str, Record]] = {
    "cin": {"Child": _CHILD},
    "csww": {"LALevelVacancies": Record("vacancies"), "CSWWWorker": Record("workers")},
}


def header(file: SourceFile) -> dict[str, str]:
    """The texts of the elements in the file's Header, blanks stripped; the file is read no further.

    Raises Unreadable if the file is not XML, is empty, brings a document type definition or has no Header.
    """
    with _errors_of(file):
        for event, element in _events(file, ("Header",)):
            if event == "end":
                return {part.tag: (part.text or "").strip() for part in element.iter() if len(part) == 0}
    raise Unreadable(
        "missing_column",
        "The Header element is missing",
        file.name,
        "Export the census again from the case management system, with its Header.",
    )


def read(file: SourceFile, dataset: str, year: FinancialYear) -> dict[str, pa.Table]:
    """All tables of a census file: trimmed text (blank is null) and an int64 ``row_number``, the source line.

    Columns are those of the layout in its order, null where ``year`` does not have them. A field that
    occurs more than once in its record has its texts joined by '; '. Raises Unreadable.
    """
    tables = {
        table.name: _Rows([column.name for column in table.columns]) for table in layout(dataset).tables
    }
    walks = {
        tag: _Walk(file.name, tag, record, layout(dataset), year, tables)
        for tag, record in RECORDS[dataset].items()
    }
    count = 0
    with _errors_of(file), _without_garbage_collection():
        for event, element in _events(file, tuple(walks)):
            if event == "start":
                continue
            walks[element.tag].rows_of(element)
            element.clear()
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                del parent[0]
            count += 1
            if count % _ELEMENTS_AT_A_TIME == 0:
                for rows in tables.values():
                    rows.flush()
    finished = {name: rows.table(file.name) for name, rows in tables.items()}
    tag, main = list(RECORDS[dataset].items())[-1]
    if not finished[main.table].num_rows:
        raise Unreadable(
            "no_rows",
            f"The file holds no {tag}",
            file.name,
            "Export the census again and check that it was built for the whole authority.",
        )
    return finished


class _Rows:
    """The rows of one table, turned into Arrow every so often so that Python holds few of them."""

    def __init__(self, columns: list[str]) -> None:
        self.columns = columns
        self.pending: list[_Fields] = []
        self._batches: list[pa.RecordBatch] = []
        self._schema = pa.schema([*((name, pa.string()) for name in columns), ("row_number", pa.int64())])

    def table(self, file_name: str) -> pa.Table:
        """All rows added, as one table."""
        self.flush()
        table = pa.Table.from_batches(self._batches, schema=self._schema)
        return table.replace_schema_metadata({"file": file_name})

    def flush(self) -> None:
        """Turn the rows added so far into Arrow; they must be complete."""
        rows = self.pending
        texts = [pa.array([row.get(name) for row in rows], pa.string()) for name in self.columns]
        lines = pa.array([row["row_number"] for row in rows], pa.int64())
        self._batches.append(pa.RecordBatch.from_arrays([*map(_trimmed, texts), lines], schema=self._schema))
        self.pending = []


def _trimmed(texts: pa.Array) -> pa.Array:
    stripped = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(stripped, ""), pa.scalar(None, pa.string()), stripped)


class _Open:
    """A record as the walk needs it: which elements it knows, and which of them need a closer look."""

    def __init__(
        self, tag: str, record: Record, census: Layout, year: FinancialYear, above: tuple[_Open, ...]
    ) -> None:
        self.tag = tag
        self.record: Record = record
        inherited = above[-1].record.passes_on if above else ()
        columns = {column.name for column in census.table(record.table).columns_in(year)}
        self.leaves = frozenset(columns.difference(inherited))
        self.knows = self.leaves | {*record.holders, *record.lists, *record.records}
        # After a nested record ends, such an element may belong to the record round it.
        self.shared = self.leaves & frozenset[str]().union(*(outer.leaves for outer in above))
        self.nested = {
            name: _Open(name, nested, census, year, (*above, self)) for name, nested in record.records.items()
        }


class _Walk:
    """Turns one kind of element into rows.

    It goes through the elements in document order without regard to depth, which is twice as fast as going
    down and up: an element belongs to the innermost open record that knows it.
    """

    def __init__(
        self,
        file_name: str,
        tag: str,
        record: Record,
        census: Layout,
        year: FinancialYear,
        tables: Mapping[str, _Rows],
    ) -> None:
        self._file_name = file_name
        self._top = _Open(tag, record, census, year, ())
        self._tables = tables

    def rows_of(self, element: etree._Element) -> None:
        """Add the rows of the element and of everything inside it. Raises Unreadable."""
        tables = self._tables
        parts = element.iter()
        next(parts)
        record: _Open = self._top
        fields: _Fields = {"row_number": _line(element)}
        tables[record.record.table].pending.append(fields)
        outer: list[tuple[_Open, _Fields]] = []
        for part in parts:
            tag = part.tag
            while tag not in record.knows or (tag in record.shared and _tag_above(part) != record.tag):
                if not outer:
                    raise self._unexpected(part)
                record, fields = outer.pop()
            if tag in record.leaves:
                fields[tag] = part.text if tag not in fields else f"{fields[tag]}; {part.text}"
            elif tag in record.nested:
                outer.append((record, fields))
                fields = {name: fields.get(name) for name in record.record.passes_on}
                fields["row_number"] = _line(part)
                record = record.nested[tag]
                tables[record.record.table].pending.append(fields)
            elif tag in record.record.lists:
                row = {name: fields.get(name) for name in record.record.passes_on}
                row[tag] = part.text
                row["row_number"] = _line(part)
                tables[record.record.lists[tag]].pending.append(row)

    def _unexpected(self, element: etree._Element) -> Unreadable:
        known = any(element.tag in rows.columns for rows in self._tables.values())
        return Unreadable(
            "unexpected_column",
            f"The element {element.tag} is not collected here in this census year"
            if known
            else "There is an element that is not in the layout of this census year",
            f"{self._file_name}, line {_line(element)}",
            "Check that the census was built to the specification of its year, and export it again.",
        )


def _line(element: etree._Element) -> int:
    """The line an element starts on.

    The parser keeps 16 bits of it; for elements further down it gives the line on which the first text
    inside them ends.
    """
    line: Any = element.sourceline
    if line > _LAST_LINE_KEPT:
        first = element
        while not first.text and len(first):
            first = first[0]
        line -= (first.text or "").count("\n")
    return int(line)


def _tag_above(element: etree._Element) -> str | None:
    parent = element.getparent()
    return None if parent is None else parent.tag


def _events(file: SourceFile, tags: tuple[str, ...]) -> Iterator[tuple[str, etree._Element]]:
    """Start and end of the root and of the elements with these tags. Refuses any document type definition."""
    if not file.path.stat().st_size:
        raise Unreadable(
            "empty_file", "The file is empty", file.name, "Export the census again and send it whole."
        )
    events = etree.iterparse(
        str(file.path),
        events=("start", "end"),
        tag=("Message", *tags),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    is_first = True
    for event, element in events:
        if is_first:
            document = element.getroottree().docinfo
            if document.internalDTD is not None or document.externalDTD is not None:
                raise Unreadable(
                    "document_type",
                    "The file brings a document type definition, which is not accepted",
                    file.name,
                    "Export the census without a DOCTYPE.",
                )
            is_first = False
            if element.tag != "Message" or element.getparent() is not None:
                raise _not_a_census(file)
        if element.tag != "Message":
            yield event, element
    if is_first:
        raise _not_a_census(file)


def _not_a_census(file: SourceFile) -> Unreadable:
    return Unreadable(
        "unknown_file",
        "The file is not a census in XML: it has no Message element at the top",
        file.name,
        "Send the XML export of the census, or take the file out of the folder.",
    )


@contextmanager
def _errors_of(file: SourceFile) -> Iterator[None]:
    """Say where the XML breaks. The parser's own message may quote the text, so it is not passed on."""
    try:
        yield
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise Unreadable(
            "broken_xml",
            "The XML is cut off or not well formed",
            f"{file.name}, line {line}",
            "Export the census again and check that the whole file was sent.",
        ) from None


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """The walk makes many objects and no cycles; collecting garbage over and over doubles its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
