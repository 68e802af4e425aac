"""Reads the XML censuses (children in need, social work workforce) as a stream into flat tables.

One record is in memory at a time. Entities, document type definitions and the network are off.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc
from lxml import etree

from scrutiny.datasets.csv_files import SourceFile
from scrutiny.datasets.errors import Unreadable
from scrutiny.datasets.layouts import Layout, layout
from scrutiny.periods import FinancialYear

_ROWS_AT_A_TIME = 50_000


@dataclass(frozen=True)
class Record:
    """An element that becomes a row of ``table``, and what lies inside it.

    ``groups`` are elements that only hold some of the record's own fields together. ``lists`` are elements
    whose children each become a row of another table: {element: (child, table)}. ``records`` are nested
    records. ``passes_on`` are the fields that rows inside the record repeat.
    """

    table: str
    passes_on: tuple[str, ...] = ()
    groups: frozenset[str] = frozenset()
    lists: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    records: Mapping[str, Record] = field(default_factory=dict)


_CHILD = Record(
    "children",
    passes_on=("LAchildID",),
    groups=frozenset({"ChildIdentifiers", "ChildCharacteristics"}),
    lists={"Disabilities": ("Disability", "disabilities")},
    records={
        "CINdetails": Record(
            "cin_details",
            passes_on=("LAchildID", "CINreferralDate"),
            records={
                "Assessments": Record(
                    "assessments",
                    passes_on=("LAchildID", "CINreferralDate", "AssessmentActualStartDate"),
                    lists={"FactorsIdentifiedAtAssessment": ("AssessmentFactors", "assessment_factors")},
                ),
                "CINPlanDates": Record("cin_plans"),
                "Section47": Record("section_47"),
                "ChildProtectionPlans": Record(
                    "child_protection_plans",
                    passes_on=("LAchildID", "CPPstartDate"),
                    lists={"Reviews": ("CPPreviewDate", "child_protection_reviews")},
                ),
            },
        )
    },
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
    census = layout(dataset)
    records = RECORDS[dataset]
    tables = {table.name: _Rows([column.name for column in table.columns]) for table in census.tables}
    walker = _Walker(file.name, tables, _leaves(census, year))
    with _errors_of(file), _without_garbage_collection():
        for event, element in _events(file, tuple(records)):
            if event == "end":
                walker.walk(element, records[element.tag], {})
                element.clear()
                parent = element.getparent()
                while parent is not None and element.getprevious() is not None:
                    del parent[0]
    main = list(records.values())[-1].table
    if not tables[main].count:
        raise Unreadable(
            "no_rows",
            f"The file holds no {list(records)[-1]}",
            file.name,
            "Export the census again and check that it was built for the whole authority.",
        )
    return {name: rows.table(file.name) for name, rows in tables.items()}


def _leaves(census: Layout, year: FinancialYear) -> dict[str, frozenset[str]]:
    return {
        table.name: frozenset(column.name for column in table.columns_in(year)) for table in census.tables
    }


class _Rows:
    """The rows of one table, turned into Arrow every so often so that Python holds few of them."""

    def __init__(self, columns: list[str]) -> None:
        self.columns = columns
        self.count = 0
        self._pending: list[tuple[str | int | None, ...]] = []
        self._batches: list[pa.RecordBatch] = []
        self._schema = pa.schema([*((name, pa.string()) for name in columns), ("row_number", pa.int64())])

    def add(self, fields: Mapping[str, str | None], line: int) -> None:
        get = fields.get
        self._pending.append((*[get(name) for name in self.columns], line))
        self.count += 1
        if len(self._pending) >= _ROWS_AT_A_TIME:
            self._flush()

    def table(self, file_name: str) -> pa.Table:
        self._flush()
        return pa.Table.from_batches(self._batches, schema=self._schema).replace_schema_metadata(
            {"file": file_name}
        )

    def _flush(self) -> None:
        if self._pending:
            *texts, lines = zip(*self._pending, strict=True)
            arrays = [_trimmed(pa.array(values, pa.string())) for values in texts]
            self._batches.append(
                pa.RecordBatch.from_arrays([*arrays, pa.array(lines, pa.int64())], schema=self._schema)
            )
            self._pending = []


def _trimmed(texts: pa.Array) -> pa.Array:
    stripped = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(stripped, ""), pa.scalar(None, pa.string()), stripped)


class _Walker:
    """Turns elements into rows."""

    def __init__(
        self, file_name: str, tables: Mapping[str, _Rows], leaves: Mapping[str, frozenset[str]]
    ) -> None:
        self._file_name = file_name
        self._tables = tables
        self._leaves = leaves

    def walk(self, element: etree._Element, record: Record, inherited: Mapping[str, str | None]) -> None:
        """Add the element's own row, then those of the records and lists inside it."""
        fields = dict(inherited)
        inside: list[etree._Element] = []
        self._fields(element, record, fields, inside)
        self._tables[record.table].add(fields, _line(element))
        if not inside:
            return
        passed_on = {name: fields.get(name) for name in record.passes_on}
        for part in inside:
            nested = record.records.get(part.tag)
            if nested:
                self.walk(part, nested, passed_on)
            else:
                self._list(part, *record.lists[part.tag], passed_on)

    def _fields(
        self,
        element: etree._Element,
        record: Record,
        fields: dict[str, str | None],
        inside: list[etree._Element],
    ) -> None:
        leaves = self._leaves[record.table]
        for part in element:
            tag = part.tag
            if tag in leaves:
                fields[tag] = part.text if tag not in fields else f"{fields[tag]}; {part.text}"
            elif tag in record.records or tag in record.lists:
                inside.append(part)
            elif tag in record.groups:
                self._fields(part, record, fields, inside)
            else:
                raise self._unexpected(part)

    def _list(
        self, element: etree._Element, tag: str, table: str, passed_on: Mapping[str, str | None]
    ) -> None:
        rows = self._tables[table]
        for part in element:
            if part.tag != tag:
                raise self._unexpected(part)
            rows.add({**passed_on, tag: part.text}, _line(part))

    def _unexpected(self, element: etree._Element) -> Unreadable:
        known = any(element.tag in rows.columns for rows in self._tables.values())
        return Unreadable(
            "unexpected_column",
            f"The element {element.tag} is not collected here in this census year"
            if known
            else "There is an element that is not in the layout of this census year",
            f"{self._file_name}, line {element.sourceline}",
            "Check that the census was built to the specification of its year, and export it again.",
        )


def _line(element: etree._Element) -> int:
    return cast(int, element.sourceline)


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
