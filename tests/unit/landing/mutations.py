"""Valid deliveries of every dataset in every form it is sent in, and ways to break them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any
from xml.sax.saxutils import escape

import xlsxwriter
import yaml

from scrutiny import datasets
from scrutiny.datasets.xml_files import CENSUSES, Census
from scrutiny.periods import FinancialYear

CANARY = "Quibblesworth"
"""Stands in cells, headers and elements of broken deliveries; no reason may repeat it."""

VALID = yaml.safe_load((Path(__file__).parents[1] / "valid_rows.yaml").read_text(encoding="utf-8"))
Grid = list[list[str]]
Files = dict[str, bytes]
"""A delivery: the name of each of its files below the month's folder, and its bytes."""

ODD = (
    "", " ", CANARY, "31/02/2025", "01/01/0001", "31/12/9999", "00/00/0000", "0001-01-01", "9999-12-31",
    "2025-13-45", "0000-00", "0001-01", "9999-12", "9998-99-Q4", "0000-01-Q1", "45870", "45870.5", "-1",
    "1e309", "NaN", "99999999999999999999", "0.0000000000001", "=1+1", "true", "\u202e\u0663", "\ufeff",
    "a\nb", 'say "x"', "\u00a0", "\x0b", "\U0001f600", "'; drop table rows; --", "{}", "%s", "\\",
)  # fmt: skip


def grids(dataset: str) -> dict[str, Grid]:
    """The valid tables of a dataset as rows of text, the column names first."""
    year = FinancialYear.parse(VALID[dataset]["delivery"]["collection_year"])
    found = {}
    for table in datasets.layout(dataset).tables_in(year):
        names = [column.name for column in table.columns_in(year)]
        rows = [[_text(row.get(name)) for name in names] for row in VALID[dataset][table.name]]
        found[table.name] = [names, *rows]
    return found


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return str(value["repeat"]) * int(value["times"])
    return "" if value is None else str(value)


def forms(dataset: str) -> tuple[str, ...]:
    """The forms a dataset may be sent in."""
    if datasets.dataset(dataset).form == "census":
        return ("xml",)
    return ("csv", "xlsx", "zip", *(("xml",) if dataset == "ssda903" else ()))


def delivery(dataset: str, form: str, tables: Mapping[str, Grid]) -> Files:
    """The tables as files of one delivery."""
    name = _name(dataset)
    if form == "xml":
        return {f"{name}.xml": (_return_903(tables) if dataset == "ssda903" else _census(dataset, tables))}
    if form == "xlsx":
        return {f"{name}.xlsx": _workbook(tables)}
    files = {f"{table}.csv": _csv(grid) for table, grid in tables.items()}
    if form == "zip":
        return {f"{name}.zip": packed(files)}
    if datasets.layout(dataset).is_sent_together:
        return {f"{name}/{file}": content for file, content in files.items()}
    return {f"{name}.csv": content for content in files.values()}


def _name(dataset: str) -> str:
    covered = VALID[dataset]["delivery"]
    match datasets.dataset(dataset).period:
        case "census":
            return f"{dataset}_{covered['period_end']:%Y}"
        case "term_in_name":
            term = {1: "spring", 4: "summer", 9: "autumn"}[covered["period_start"].month]
            return f"{dataset}_{covered['period_start']:%Y}_{term}"
        case _:
            return f"{dataset}_{covered['collection_year']}"


def _csv(grid: Grid) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(grid)
    return text.getvalue().encode("utf-8", "surrogatepass")


def _workbook(tables: Mapping[str, Grid]) -> bytes:
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, options) as workbook:
        for number, (table, grid) in enumerate(tables.items()):
            sheet = workbook.add_worksheet(f"{number} {table}"[:31])
            for row, cells in enumerate(grid):
                for column, cell in enumerate(cells):
                    sheet.write_string(row, column, cell)
    return content.getvalue()


def packed(files: Mapping[str, bytes]) -> bytes:
    """A zip archive."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def _element(name: str, text: str) -> str:
    allowed = "".join(c for c in text if c in "\t\n\r" or c >= " ")
    return f"<{name}>{escape(allowed)}</{name}>" if text else ""


def _rows(grid: Grid) -> list[dict[str, str]]:
    return [dict(zip(grid[0], row, strict=False)) for row in grid[1:]]


def _records(census: Census, tables: Mapping[str, Grid], within: str | None, above: dict[str, str]) -> str:
    text = ""
    for record in census.records:
        if record.within != within or record.table not in tables:
            continue
        for row in _rows(tables[record.table]):
            if any(row.get(name, "") != above.get(name, "") for name in record.repeats):
                continue
            fields = {name: value for name, value in row.items() if name not in record.repeats}
            if set(fields) == {record.element}:
                text += _element(record.element, fields[record.element])
                continue
            inside = "".join(_element(name, value) for name, value in fields.items())
            inside += _records(census, tables, record.element, above | row)
            text += f"<{record.element}>{inside}</{record.element}>\n"
    return text


def _census(dataset: str, tables: Mapping[str, Grid]) -> bytes:
    census, end = CENSUSES[dataset], VALID[dataset]["delivery"]["period_end"]
    records = _records(census, tables, None, {})
    if census.under != "Message":
        records = f"<{census.under}>\n{records}</{census.under}>"
    return (
        f"<?xml version='1.0' encoding='utf-8'?>\n<Message><Header><CollectionDetails>"
        f"<Collection>{dataset.upper()}</Collection><Year>{end:%Y}</Year>"
        f"<ReferenceDate>{end:%Y-%m-%d}</ReferenceDate></CollectionDetails>"
        f"<Source><LEA>999</LEA></Source></Header>\n{records}</Message>"
    ).encode("utf-8", "surrogatepass")


_ELEMENTS_903 = {
    "episodes": "EPISODE",
    "reviews": "AREVIEW",
    "missing": "AMISSING",
    "oc2": "OC2",
    "previous_permanence": "PERMANENCE",
    "placed_adoption": "AD_PLACED",
    "social_worker_episodes": "SWEPISODE",
}


def _return_903(tables: Mapping[str, Grid]) -> bytes:
    text = ["<EXPSSDA903>"]
    for child in _rows(tables.get("header", [[]])):

        def of_child(table: str, child: dict[str, str] = child) -> list[dict[str, str]]:
            rows = _rows(tables.get(table, [[]]))
            return [row for row in rows if row.get("CHILD") == child.get("CHILD")]

        inside = "".join(_element("CHILDID" if k == "CHILD" else k, v) for k, v in child.items())
        for table in ("uasc", "oc3", "ad1"):
            for row in of_child(table):
                items = row | ({"UASC": "1"} if table == "uasc" else {})
                inside += "".join(_element(k, v) for k, v in items.items() if k not in child)
        for table, element in _ELEMENTS_903.items():
            for row in of_child(table):
                fields = {
                    ("PL" if k == "PLACE" else k): v for k, v in row.items() if k not in ("CHILD", "DOB")
                }
                inside += f"<{element}>{''.join(_element(k, v) for k, v in fields.items())}</{element}>"
        text.append(f"<CHILD>{inside}</CHILD>")
    return "\n".join([*text, "</EXPSSDA903>"]).encode("utf-8", "surrogatepass")


def _change_grid(tables: dict[str, Grid], random: Random) -> None:
    """One change to the rows or columns of a table."""
    grid = tables[random.choice(list(tables))]
    width = max(len(grid[0]), 1)
    column, other = random.randrange(width), random.randrange(width)
    match random.randrange(9):
        case 0:
            for row in grid:
                del row[column : column + 1]
        case 1:
            for row in grid:
                row.append(row[column] if column < len(row) else "")
        case 2:
            grid[0][column : column + 1] = [random.choice([CANARY, "", *grid[0]])]
        case 3:
            for row in grid:
                if max(column, other) < len(row):
                    row[column], row[other] = row[other], row[column]
        case 4:
            grid.append(list(random.choice(grid)))
        case 5:
            del grid[random.randrange(len(grid)) :]
            grid.append([""] * width)
        case 6:
            tables.pop(random.choice(list(tables)))
            tables.setdefault("none", [["A"]])
        case _:
            row = random.choice(grid[1:] or grid)
            row[column : column + 1] = [random.choice([*ODD, CANARY * 2_000])]


_JUNK = (b"\0", b'"', b"\xff", b"\xfe\xff", b"\r", b"\n\n", b"\x81", b"\xef\xbb\xbf", b",;,")


def _change_bytes(content: bytes, random: Random) -> bytes:
    """One change to the bytes of a file, whatever it holds."""
    at = random.randrange(len(content) + 1)
    length = random.choice([1, 2, 50, 1000])
    junk = random.choice(
        [b"\0", b'"', b"\xff", b"\xfe\xff", b"\r", b"\n\n", b"\x81", b"\xef\xbb\xbf", b",;,"]
    )
    match random.randrange(7):
        case 0:
            changed = bytearray(content)
            for _ in range(random.choice([1, 5, 50])):
                if changed:
                    changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
            return bytes(changed)
        case 1:
            return content[:at]
        case 2:
            return content[:at] + content[at + length :]
        case 3:
            return content[:at] + content[at : at + length] * 2 + content[at + length :]
        case 4:
            return content[:at] + junk + content[at:]
        case 5:
            encoding = random.choice(["utf-16", "utf-16-le", "utf-32", "cp1252", "utf-7", "cp500"])
            text = content.decode(errors="replace")
            return text[:at].encode(encoding, "replace") + random.choice(
                [text[at:].encode(encoding, "replace"), text[at:].encode()]
            )
        case _:
            return content[:at] + junk * 5_000 + content[at:]


_XML = (
    f"<{CANARY}/>", "<Message>", "</Message>", "<Child>", "</CHILD>", "<!-- -->",
    f"<?{CANARY} x?>", "&canary;",
    "<![CDATA[x]]>", "<a>" * 300, "<a>" * 20_000 + "</a>" * 20_000, "&#0;", "&#x110000;", "x" * 50_000,
    f"<CINdetails><CINdetails>{CANARY}</CINdetails></CINdetails>", "<EPISODE/>", "<Year>0001</Year>",
    f"<x:Child xmlns:x='{CANARY}'/>",
)  # fmt: skip
_DOCTYPE = (
    b"<!DOCTYPE Message [<!ENTITY a 'ha'><!ENTITY b '" + b"&a;" * 1000 + b"'><!ENTITY canary '&b;&b;&b;'>]>",
    b"<!DOCTYPE Message [<!ENTITY canary SYSTEM 'file:///etc/hostname'>]>",
    b"<!DOCTYPE EXPSSDA903>",
)


def _change_xml(content: bytes, random: Random) -> bytes:
    """One change to the elements of an XML file."""
    ends = [i + 1 for i, byte in enumerate(content) if byte == ord(">")] or [0]
    at, to = sorted((random.choice(ends), random.choice(ends)))
    match random.randrange(5):
        case 0:
            return content[:at] + random.choice(_XML).encode() + content[at:]
        case 1:
            return content[:at] + content[to:]
        case 2:
            return content[:at] + content[at:to] * 2 + content[to:]
        case 3:
            end = content.index(b"?>") + 2 if content.startswith(b"<?xml") and b"?>" in content else 0
            inside = content[end:].replace(b"</", b"&canary;</", 1)
            return content[:end] + random.choice(_DOCTYPE) + inside
        case _:
            odd = _element("a", random.choice(ODD))[3:-4]
            return content[:at] + odd.encode("utf-8", "replace") + content[at:]


_PARTS = (
    b"", b"<", b"<x/>", b"\0" * 100,
    b"<worksheet><sheetData><row r='1048576'><c r='XFD1048576'><v>1</v></c></row></sheetData></worksheet>",
    b"<worksheet><dimension ref='A1:XFD1048576'/><sheetData><row r='1'><c r='A1' t='s'><v>99</v></c></row>"
    b"</sheetData></worksheet>",
    b"<worksheet><sheetData><row r='1'><c r='A1' t='d'><v>0000-99-99</v></c><c r='B1' t='n'><v>1e400</v></c>"
    b"<c r='C1' t='e'><v>#N/A</v></c><c r='A0'><v>1</v></c></row></sheetData></worksheet>",
    b"<worksheet><sheetData><row r='0'><c r='0'><v>x</v></c><c r='ZZZZ9'><v>1</v></c></row>"
    b"</sheetData></worksheet>",
)  # fmt: skip


def _change_parts(content: bytes, random: Random) -> bytes:
    """One change to what a workbook or an archive is packed of."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # an earlier change broke it
        return _change_bytes(content, random)
    if not parts:
        return _change_bytes(content, random)
    name = random.choice(list(parts))
    match random.randrange(6):
        case 0:
            parts.pop(name)
        case 1:
            parts[name] = random.choice(_PARTS)
        case 2:
            other = random.choice(list(parts))
            parts[name], parts[other] = parts[other], parts[name]
        case 3:
            parts[random.choice(["../x.csv", "a/b/c/d/e/f.csv", "x.exe", "\x01.csv", "inner.zip"])] = content
        case 4:
            return packed({name: parts[name] for name in sorted(parts)}) + content[: random.randrange(200)]
        case _:
            parts[name] = (
                _change_xml(parts[name], random)
                if b"<" in parts[name]
                else _change_bytes(parts[name], random)
            )
    return packed(parts)


def mutated(dataset: str, random: Random) -> Files:
    """A delivery of a dataset in one of its forms with one to three things wrong with it."""
    form = random.choice(forms(dataset))
    tables = grids(dataset)
    in_files: list[Callable[[bytes, Random], bytes]] = [_change_bytes]
    if form in ("xlsx", "zip"):
        in_files += [_change_parts, _change_parts]
    if form == "xml":
        in_files += [_change_xml, _change_xml]
    changes = random.randint(1, 3)
    of_grids = random.randint(0, changes)
    for _ in range(of_grids):
        _change_grid(tables, random)
    files = delivery(dataset, form, tables)
    for _ in range(changes - of_grids):
        name = random.choice(list(files))
        files[name] = random.choice(in_files)(files[name], random)
    return files
