"""Reads the XML censuses and the SSDA903 return in XML as a stream into flat tables.

One record is in memory at a time. Entities, document type definitions and the network are off.
"""

from __future__ import annotations

import functools
import gc
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from lxml import etree

from scrutiny.datasets.csv_files import SourceFile
from scrutiny.datasets.errors import Unreadable
from scrutiny.datasets.layouts import Layout, Table, layout
from scrutiny.periods import FinancialYear

_Places = npt.NDArray[Any]
"""Whole numbers that say where in a batch of elements something is."""

_PLACES_AT_A_TIME = 200_000
_LAST_LINE_KEPT = 65_535


@dataclass(frozen=True)
class Record:
    """An element that becomes a row of ``table``.

    ``within`` is the record it lies in (None at the top); ``repeats`` are the columns whose texts it takes
    from the records round it. Its other columns are elements inside it, or the element itself.
    """

    element: str
    table: str
    within: str | None = None
    repeats: tuple[str, ...] = ()


@dataclass(frozen=True)
class Census:
    """The records of a census, outer before inner, all of them inside the element ``under``.

    ``holders`` are elements that only hold others together; ``root`` is the element round everything.
    """

    under: str
    records: tuple[Record, ...]
    holders: tuple[str, ...] = ()
    root: str = "Message"

    @property
    def top(self) -> tuple[str, ...]:
        """The elements of the records that lie in no other."""
        return tuple(record.element for record in self.records if record.within is None)


_REFERRAL = ("LAchildID", "CINreferralDate")

CENSUSES = {
    "cin": Census(
        "Children",
        (
            Record("Child", "children"),
            Record("Disability", "disabilities", "Child", ("LAchildID",)),
            Record("CINdetails", "cin_details", "Child", ("LAchildID",)),
            Record("Assessments", "assessments", "CINdetails", _REFERRAL),
            Record(
                "AssessmentFactors",
                "assessment_factors",
                "Assessments",
                (*_REFERRAL, "AssessmentActualStartDate"),
            ),
            Record("CINPlanDates", "cin_plans", "CINdetails", _REFERRAL),
            Record("Section47", "section_47", "CINdetails", _REFERRAL),
            Record("ChildProtectionPlans", "child_protection_plans", "CINdetails", _REFERRAL),
            Record(
                "CPPreviewDate",
                "child_protection_reviews",
                "ChildProtectionPlans",
                ("LAchildID", "CPPstartDate"),
            ),
            Record("PreProceedingsandFGDM", "pre_proceedings", "CINdetails", _REFERRAL),
        ),
        holders=(
            "ChildIdentifiers",
            "ChildCharacteristics",
            "Disabilities",
            "FactorsIdentifiedAtAssessment",
            "Reviews",
        ),
    ),
    "csww": Census("Message", (Record("LALevelVacancies", "vacancies"), Record("CSWWWorker", "workers"))),
}


_CHILD = ("CHILDID", "DOB")

# The SSDA903 return names two columns otherwise than its CSV form, and keeps four tables of one row a child
# in that child's header.
_RETURN_903 = Census(
    "EXPSSDA903",
    (
        Record("CHILD", "header"),
        Record("EPISODE", "episodes", "CHILD", ("CHILDID",)),
        Record("AREVIEW", "reviews", "CHILD", _CHILD),
        Record("AMISSING", "missing", "CHILD", _CHILD),
        Record("OC2", "oc2", "CHILD", _CHILD),
        Record("PERMANENCE", "previous_permanence", "CHILD", _CHILD),
        Record("AD_PLACED", "placed_adoption", "CHILD", _CHILD),
        Record("SWEPISODE", "social_worker_episodes", "CHILD", _CHILD),
        Record("DOLO", "deprivation_of_liberty", "CHILD", _CHILD),
    ),
    holders=("HEADER",),
    root="EXPSSDA903",
)
_NAMES_903 = {"CHILD": "CHILDID", "PLACE": "PL"}
_IN_HEADER_903 = {"uasc": ("UASC", "DUC"), "oc3": (), "ad1": ()}


def check_903(file: SourceFile) -> None:
    """Raise Unreadable if the file is not an SSDA903 return in XML; it is read no further than its root."""
    with _errors_of(file):
        next(_events(file, ("CHILD",), _RETURN_903.root), None)


def read_903(file: SourceFile, year: FinancialYear) -> dict[str, pa.Table]:
    """All tables of an SSDA903 return, as ``read`` gives those of a census, under the names of the CSV form.

    A child has a row in a table kept in its header if an item of that table is there; for ``uasc`` that is a
    flag other than no, or a date of ceasing. Raises Unreadable.
    """
    ours = layout("ssda903")
    flat = _flat(file, _RETURN_903, _layout_903(ours), year)
    header = flat["header"]
    for name, items in _IN_HEADER_903.items():
        asked = items or tuple(
            column.name for column in ours.table(name).columns if column.name not in ("CHILD", "SEX", "DOB")
        )
        given = [pc.is_valid(header[item]) for item in asked]
        if name == "uasc":
            no = pc.is_in(pc.utf8_lower(header["UASC"]), pa.array(["0", "false"]))
            given[0] = pc.and_not(given[0], no)
        flat[name] = header.filter(functools.reduce(pc.or_, given))
    return {table.name: _renamed_903(flat[table.name], table) for table in ours.tables_in(year)}


def _layout_903(ours: Layout) -> Layout:
    """The layout under the names of the XML form, the tables kept in a header as part of it."""
    known = {column.name for column in ours.table("header").columns}
    extra = [
        column for name in _IN_HEADER_903 for column in ours.table(name).columns if column.name not in known
    ]
    tables = []
    for table in ours.tables:
        columns = [*table.columns, *extra] if table.name == "header" else table.columns
        renamed = tuple(replace(column, name=_NAMES_903.get(column.name, column.name)) for column in columns)
        tables.append(Table(table.name, renamed))
    return Layout(ours.dataset, tuple(tables))


def _renamed_903(flat: pa.Table, table: Table) -> pa.Table:
    columns = [flat[_NAMES_903.get(column.name, column.name)] for column in table.columns]
    names = [column.name for column in table.columns]
    renamed = pa.table([*columns, flat["row_number"]], names=[*names, "row_number"])
    return renamed.replace_schema_metadata(flat.schema.metadata)


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
    """The tables of a census file that ``year`` collects: trimmed text (blank is null) and an int64
    ``row_number``, the source line.

    Columns are those of the layout in its order, null where ``year`` does not have them. A field that
    occurs more than once in its record has its texts joined by '; '. Raises Unreadable.
    """
    return _flat(file, CENSUSES[dataset], layout(dataset), year)


def _flat(file: SourceFile, census: Census, layout: Layout, year: FinancialYear) -> dict[str, pa.Table]:
    flattening = _Flattening(file.name, census, layout, year)
    beside = {*census.top, "Header"}
    parent = None
    with _errors_of(file), _without_garbage_collection():
        for event, element in _events(file, census.top, census.root):
            if event == "start":
                continue
            flattening.add(element)
            element.clear()
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                flattening.require_known(parent[0], beside)
                del parent[0]
    # What the walk passes over must be nothing that could be a record written in another way.
    for element in parent if parent is not None else ():
        flattening.require_known(element, beside)
    tables = flattening.tables()
    main = next(record for record in reversed(census.records) if record.within is None)
    if not tables[main.table].num_rows:
        raise Unreadable(
            "no_rows",
            f"The file holds no {main.element}",
            file.name,
            "Export the census again and check that it was built for the whole authority.",
        )
    return tables


class _Flattening:
    """Gathers elements in document order and turns them into tables column by column, a batch at a time.

    A field belongs to the nearest record before it that has such a field, which for a file that keeps to
    the schema is the record it lies in. Depth is not followed, except for fields that a record shares with
    one round it: that takes half the time of going down and up.
    """

    def __init__(self, file_name: str, census: Census, dataset: Layout, year: FinancialYear) -> None:
        self._file_name = file_name
        self._ever_collected = {
            name
            for record in census.records
            for name in (record.element, *(column.name for column in dataset.table(record.table).columns))
        }
        collected = [record for record in census.records if dataset.table(record.table).columns_in(year)]
        census = replace(census, records=tuple(collected))
        self._census = census
        self._records = {record.element: record for record in census.records}
        self._schemas = {
            record.table: pa.schema(
                [
                    *((column.name, pa.string()) for column in dataset.table(record.table).columns),
                    ("row_number", pa.int64()),
                ],
                metadata={"file": file_name},
            )
            for record in census.records
        }
        self._fields = {
            record.element: [
                column.name
                for column in dataset.table(record.table).columns_in(year, "xml")
                if column.name not in record.repeats
            ]
            for record in census.records
        }
        owners = Counter(name for fields in self._fields.values() for name in fields)
        self._shared = tuple(name for name, count in owners.items() if count > 1)
        known = dict.fromkeys((*self._records, *census.holders, *owners))
        self._codes = {element: code for code, element in enumerate(known)}
        self._batches: dict[str, list[pa.RecordBatch]] = {record.table: [] for record in census.records}
        self._start_batch()

    def _start_batch(self) -> None:
        self._elements: list[str] = []
        self._texts: list[str | None] = []
        self._lines: list[Any] = []
        self._above_shared: list[str] = []

    def add(self, element: etree._Element) -> None:
        """Add a record that lies in no other, with everything inside it. Raises Unreadable."""
        if _tag_above(element) != self._census.under:
            raise self._unexpected(element.tag, element.sourceline)
        parts = list(element.iter())
        self._elements += [part.tag for part in parts]
        self._texts += [part.text for part in parts]
        self._lines += [part.sourceline for part in parts]
        if self._shared:
            self._above_shared += [_tag_above(part) for part in element.iter(*self._shared)]
        if len(self._elements) > _PLACES_AT_A_TIME:
            self._flatten()

    def require_known(self, element: etree._Element, known: Container[str]) -> None:
        """Raise Unreadable for an element beside the records that is none of them."""
        if element.tag not in known:
            raise self._unexpected(element.tag, element.sourceline)

    def tables(self) -> dict[str, pa.Table]:
        """Everything added, by table. Raises Unreadable."""
        self._flatten()
        return {
            table: pa.Table.from_batches(batches, schema=self._schemas[table])
            for table, batches in self._batches.items()
        }

    def _flatten(self) -> None:
        lines = self._true_lines()
        try:
            codes = np.fromiter(map(self._codes.__getitem__, self._elements), np.int32, len(self._elements))
        except KeyError:
            place = next(i for i, element in enumerate(self._elements) if element not in self._codes)
            raise self._unexpected(self._elements[place], lines[place]) from None
        batch = _Batch(codes, self._codes, self._census)
        texts = _trimmed(pa.array(self._texts, pa.string()))
        columns: dict[tuple[str, str], pa.Array] = {}
        for record in self._census.records:
            starts = batch.starts[record.element]
            self._check(starts, batch.is_inside(record.within, starts), lines)
            for name in self._fields[record.element]:
                places = self._places(record, name, batch)
                self._check(places, batch.is_inside(record.element, places), lines)
                columns[record.element, name] = _column(
                    texts, places, batch.rows[record.element][places], len(starts)
                )
            arrays = []
            for field in self._schemas[record.table]:
                if field.name == "row_number":
                    arrays.append(pa.array(lines[starts]))
                elif field.name in record.repeats:
                    owner = self._owner(record, field.name)
                    arrays.append(columns[owner, field.name].take(pa.array(batch.rows[owner][starts])))
                else:
                    missing = pa.nulls(len(starts), pa.string())
                    arrays.append(columns.get((record.element, field.name), missing))
            self._batches[record.table].append(
                pa.RecordBatch.from_arrays(arrays, schema=self._schemas[record.table])
            )
        self._start_batch()

    def _places(self, record: Record, name: str, batch: _Batch) -> _Places:
        """Where the fields of this name of this kind of record are."""
        places = np.flatnonzero(batch.codes == self._codes[name])
        if name in self._shared:
            places = places[np.array([above == record.element for above in self._above_shared], bool)]
        return places

    def _owner(self, record: Record, name: str) -> str:
        """The record round this one that has a field of its own of this name."""
        outer = record.within
        while outer is not None and name not in self._fields[outer]:
            outer = self._records[outer].within
        if outer is None:
            raise LookupError(f"no record round {record.element} has {name}")
        return outer

    def _true_lines(self) -> _Places:
        """The lines the elements start on.

        The parser keeps 16 bits of a line; for elements further down it gives the line on which the first
        text inside them ends.
        """
        lines = np.array(self._lines, np.int64)
        if len(lines) and lines.max() > _LAST_LINE_KEPT:
            breaks = pc.fill_null_backward(pc.count_substring(pa.array(self._texts, pa.string()), "\n"))
            lines -= np.where(lines > _LAST_LINE_KEPT, breaks.fill_null(0).to_numpy(), 0)
        return lines

    def _check(self, places: _Places, is_inside: _Places, lines: _Places) -> None:
        if not is_inside.all():
            place = int(places[np.argmin(is_inside)])
            raise self._unexpected(self._elements[place], lines[place])

    def _unexpected(self, element: str, line: Any) -> Unreadable:
        is_ours = element in self._ever_collected or element in self._codes
        return Unreadable(
            "unexpected_column",
            f"The element {element} is not collected here in this census year"
            if is_ours
            else "There is an element that is not in the layout of this census year",
            f"{self._file_name}, line {line}",
            "Check that the census was built to the specification of its year, and export it again.",
        )


class _Batch:
    """Where the records of a batch of elements start, and which row of its table each place belongs to."""

    def __init__(self, codes: _Places, code_of: Mapping[str, int], census: Census) -> None:
        self.codes = codes
        self.starts: dict[str, _Places] = {}
        self.rows: dict[str, _Places] = {}
        self._last: dict[str | None, _Places] = {}
        places = np.arange(len(codes))
        for record in census.records:
            is_start = codes == code_of[record.element]
            self.starts[record.element] = np.flatnonzero(is_start)
            self.rows[record.element] = np.cumsum(is_start) - 1
            self._last[record.element] = np.maximum.accumulate(np.where(is_start, places, -1))
        self._last[None] = np.maximum.reduce([self._last[element] for element in census.top])
        self._within = {record.element: record.within for record in census.records}

    def is_inside(self, element: str | None, places: _Places) -> _Places:
        """Whether such a record has started at each place since the one round it started."""
        if element is None:
            return np.ones(len(places), bool)
        return np.asarray(self._last[element][places] >= self._last[self._within[element]][places])


def _column(texts: pa.Array, places: _Places, rows: _Places, row_count: int) -> pa.Array:
    """A column of ``row_count`` rows with the texts at some places in given rows, null in the others."""
    if (np.diff(rows) == 0).any():
        found: dict[int, list[str]] = {}
        for row, place in zip(rows.tolist(), places.tolist(), strict=True):
            found.setdefault(row, []).append(texts[place].as_py() or "")
        return pa.array(["; ".join(found[row]) if row in found else None for row in range(row_count)])
    taken = np.full(row_count, -1)
    taken[rows] = places
    return texts.take(pa.array(taken, mask=taken < 0))


def _trimmed(texts: pa.Array) -> pa.Array:
    stripped = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(stripped, ""), pa.scalar(None, pa.string()), stripped)


def _tag_above(element: etree._Element) -> str:
    parent = element.getparent()
    return "" if parent is None else parent.tag


def _events(
    file: SourceFile, tags: tuple[str, ...], root: str = "Message"
) -> Iterator[tuple[str, etree._Element]]:
    """Start and end of the root and of the elements with these tags. Refuses any document type definition."""
    if not file.path.stat().st_size:
        raise Unreadable(
            "empty_file", "The file is empty", file.name, "Export the census again and send it whole."
        )
    events = etree.iterparse(
        str(file.path),
        events=("start", "end"),
        tag=(root, *tags),
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
            if element.tag != root or element.getparent() is not None:
                raise _wrong_root(file, root)
        if element.tag != root:
            yield event, element
    if is_first:
        raise _wrong_root(file, root)


def _wrong_root(file: SourceFile, root: str) -> Unreadable:
    return Unreadable(
        "unknown_file",
        f"The file is not this extract in XML: it has no {root} element at the top",
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
