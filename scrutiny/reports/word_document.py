"""The document as a Word file, for the committee clerk to edit."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import docx
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, nsmap, qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph as WordParagraph
from lxml import etree
from lxml.builder import ElementMaker

from scrutiny.reports import words
from scrutiny.reports.blocks import (
    Block,
    Bullets,
    Column,
    Contents,
    Document,
    Figure,
    Heading,
    Paragraph,
    Table,
)
from scrutiny.reports.typeset import picture

INK, QUIET, BRAND = RGBColor(0x0B, 0x0C, 0x0C), RGBColor(0x48, 0x4F, 0x54), RGBColor(0x12, 0x43, 0x6D)
WIDTH = Mm(174)
LANGUAGE = "en-GB"
WORD = ElementMaker(namespace=nsmap["w"], nsmap={"w": nsmap["w"]})
KEPT_TOGETHER = 6
"""Rows of a table up to which a page does not break it."""
NEVER = (1980, 1, 1, 0, 0, 0)
FONT = "Arial"
TABLE_STYLE = "Scrutiny table"
STYLES = {
    "Normal": (10.5, INK, 0, 6),
    "Heading 1": (20, BRAND, 0, 6),
    "Heading 2": (15, BRAND, 20, 6),
    "Heading 3": (12, INK, 16, 4),
    "Heading 4": (10.5, INK, 10, 3),
    "TOC Heading": (15, BRAND, 20, 6),
    "TOC 1": (10.5, INK, 0, 3),
    "Caption": (9.5, INK, 8, 4),
    "Table text": (9, INK, 0, 0),
    "Header": (9, QUIET, 0, 0),
    "Footer": (9, QUIET, 0, 0),
}
"""Size in points, colour, and space before and after in points, of each paragraph style."""


def word(pack: Document) -> bytes:
    """The pack as .docx: headings, header rows and alternative texts marked, and the same bytes each time."""
    book = docx.Document()
    _set_up(book, pack)
    for number, block in enumerate(pack.blocks):
        _add(book, pack, number, block)
    packed = io.BytesIO()
    book.save(packed)
    return _timeless(packed)


def _timeless(packed: io.BytesIO) -> bytes:
    """The parts of a .docx zipped again without the time of day."""
    out = io.BytesIO()
    with zipfile.ZipFile(packed) as parts, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as timeless:
        for name in sorted(parts.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            part = zipfile.ZipInfo(name, NEVER)
            part.compress_type = zipfile.ZIP_DEFLATED
            timeless.writestr(part, parts.read(name))
    return out.getvalue()


def _set_up(book: WordDocument, pack: Document) -> None:
    """Properties, language, paper, styles, and what stands at the head and foot of each page."""
    about = book.core_properties
    about.title, about.subject, about.author, about.comments = pack.title, pack.subject, pack.author, ""
    about.language, about.last_modified_by = LANGUAGE, pack.author
    about.created = about.modified = pack.dated.astimezone(dt.UTC)
    settings = book.settings.element
    settings.find(qn("w:themeFontLang")).set(qn("w:val"), LANGUAGE)
    modern = settings.find(f"{qn('w:compat')}/{qn('w:compatSetting')}[@{qn('w:name')}='compatibilityMode']")
    modern.set(qn("w:val"), "15")
    section = book.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(18)
    section.top_margin, section.bottom_margin = Mm(22), Mm(20)
    _styles(book)
    head, foot = section.header.paragraphs[0], section.footer.paragraphs[0]
    head.text, foot.text = pack.head, f"{pack.foot}\tPage "
    _field(foot, "PAGE", "1")
    foot.add_run(" of ")
    _field(foot, "NUMPAGES", "1")


def _styles(book: WordDocument) -> None:
    styles = book.styles
    language = styles.element.find(f".//{qn('w:docDefaults')}//{qn('w:lang')}")
    for script in ("val", "eastAsia"):
        language.set(qn(f"w:{script}"), LANGUAGE)
    for name in ("TOC 1", "Table text"):
        styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = styles["Normal"]
    for name, (size, colour, before, after) in STYLES.items():
        style = styles[name]
        style.font.size, style.font.name, style.font.color.rgb = Pt(size), FONT, colour
        style.font.bold, style.font.italic = "Heading" in name, False
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        fonts = style.element.rPr.rFonts
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
    styles["Caption"].paragraph_format.keep_with_next = True
    tabs = styles["Footer"].paragraph_format.tab_stops
    tabs.clear_all()
    tabs.add_tab_stop(WIDTH, WD_TAB_ALIGNMENT.RIGHT)
    table = styles.add_style(TABLE_STYLE, WD_STYLE_TYPE.TABLE)
    rule = 'w:val="single" w:sz="4" w:space="0" w:color="B1B4B6"'
    table.element.append(
        parse_xml(
            f"<w:tblPr {nsdecls('w')}><w:tblBorders><w:bottom {rule}/><w:insideH {rule}/></w:tblBorders>"
            '<w:tblCellMar><w:top w:w="40" w:type="dxa"/><w:left w:w="70" w:type="dxa"/>'
            '<w:bottom w:w="40" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        )
    )


def _add(book: WordDocument, pack: Document, number: int, block: Block) -> None:
    match block:
        case Heading():
            heading = _paragraph(book, f"Heading {block.level}")
            heading.add_run(block.text)
            heading.paragraph_format.page_break_before = block.starts_page
            if block.level == 2:
                _bookmark(heading, number)
        case Contents():
            _paragraph(book, "TOC Heading").add_run(block.title)
            _contents(book, pack)
        case Paragraph():
            _write(_paragraph(book), block)
        case Bullets():
            for item in block.items:
                _write(_paragraph(book, "List Bullet"), item)
        case Table():
            _table(book, block)
        case Figure():
            _paragraph(book, "Caption").add_run(block.caption).font.color.rgb = QUIET
            _picture(book, block)
            for paragraph in block.beside:
                _write(_paragraph(book), paragraph)


def _paragraph(book: WordDocument, style: str = "Normal") -> WordParagraph:
    """A new paragraph. Its style is given by its id, which is the name without spaces: a look-up is slow."""
    paragraph = book.add_paragraph()
    paragraph._p.style = style.replace(" ", "")
    return paragraph


def _write(paragraph: WordParagraph, said: Paragraph) -> None:
    if said.label:
        paragraph.add_run(said.label + " ").bold = True
    if said.rating is not None:
        paragraph._p.append(_rated(said.rating))
        paragraph.add_run("  ")
    run = paragraph.add_run(said.text)
    if said.tone == "quiet":
        run.font.color.rgb = QUIET
    if said.tone == "lead":
        run.font.size = Pt(12.5)


def _rated(rating: words.Rating) -> etree._Element:
    """A run that shows a rating as shape, word and colours together."""
    ink, paper = (colour.removeprefix("#").upper() for colour in words.RATING_COLOURS[rating.key])
    return _w(
        "r",
        _w("rPr", _w("b"), _w("color", val=ink), _w("shd", val="clear", color="auto", fill=paper)),
        _w("t", f"{words.RATING_SHAPES[rating.key]} {rating.word}"),
    )


def _table(book: WordDocument, block: Table) -> None:
    """A table, written as XML: python-docx takes ten times as long for the cells."""
    _paragraph(book, "Caption").add_run(block.caption).bold = True
    shares = sum(column.share for column in block.columns)
    widths = [str(int(WIDTH.twips * column.share / shares)) for column in block.columns]
    headings = tuple(column.heading for column in block.columns)
    kept = range(len(block.rows) if len(block.rows) <= KEPT_TOGETHER else 0)
    table = _w(
        "tbl",
        _w(
            "tblPr",
            _w("tblStyle", val=TABLE_STYLE.replace(" ", "")),
            _w("tblW", w="0", type="auto"),
            _w("tblLayout", type="fixed"),
            _w("tblLook", val="00A0", firstRow="1", firstColumn="1", noHBand="1", noVBand="1"),
            _w("tblCaption", val=block.caption),
        ),
        _w("tblGrid", *(_w("gridCol", w=width) for width in widths)),
        *(
            _w(
                "tr",
                _w("trPr", _w("cantSplit"), *([_w("tblHeader")] if place == 0 else [])),
                *(
                    _cell(value, column, width, is_bold=place == 0, is_kept=place in kept)
                    for value, column, width in zip(values, block.columns, widths, strict=True)
                ),
            )
            for place, values in enumerate((headings, *block.rows))
        ),
    )
    book.element.body.sectPr.addprevious(table)


def _cell(
    value: str | words.Rating, column: Column, width: str, *, is_bold: bool, is_kept: bool
) -> etree._Element:
    properties = [_w("pStyle", val="Tabletext")]
    if is_kept:
        properties.append(_w("keepNext"))
    if column.is_number:
        properties.append(_w("jc", val="right"))
    if isinstance(value, words.Rating):
        run = _rated(value)
    else:
        run = _w("r", _w("rPr", *([_w("b")] if is_bold else [])))
        for number, line in enumerate(value.split("\n")):
            if number:
                run.append(_w("br"))
            run.append(_w("t", line, {qn("xml:space"): "preserve"}))
    return _w("tc", _w("tcPr", _w("tcW", w=width, type="dxa")), _w("p", _w("pPr", *properties), run))


def _w(name: str, *content: etree._Element | str | dict[str, str], **attributes: str) -> etree._Element:
    """An element of WordprocessingML."""
    made: etree._Element = WORD(name, *content, {qn(f"w:{key}"): value for key, value in attributes.items()})
    return made


def _picture(book: WordDocument, block: Figure) -> None:
    paragraph = _paragraph(book)
    paragraph.paragraph_format.keep_with_next = True
    shape = paragraph.add_run().add_picture(io.BytesIO(picture(block.svg)), width=Mm(140))
    shape._inline.docPr.set("descr", block.alternative)


def _contents(book: WordDocument, pack: Document) -> None:
    """A field that Word can bring up to date, holding links to the sections as they are."""
    sections = [
        (number, block)
        for number, block in enumerate(pack.blocks)
        if isinstance(block, Heading) and block.level == 2
    ]
    for place, (number, heading) in enumerate(sections):
        paragraph = _paragraph(book, "TOC 1")
        if place == 0:
            _field_start(paragraph, 'TOC \\o "2-2" \\n \\h')
        link = OxmlElement("w:hyperlink")
        link.set(qn("w:anchor"), f"section{number}")
        paragraph._p.append(link)
        link.append(paragraph.add_run(heading.text)._r)
    if sections:
        _field_part(paragraph, "end")


def _bookmark(paragraph: WordParagraph, number: int) -> None:
    for name in ("w:bookmarkStart", "w:bookmarkEnd"):
        mark = OxmlElement(name)
        mark.set(qn("w:id"), str(number))
        if name == "w:bookmarkStart":
            mark.set(qn("w:name"), f"section{number}")
        paragraph._p.append(mark)


def _field(paragraph: WordParagraph, instruction: str, result: str) -> None:
    _field_start(paragraph, instruction)
    paragraph.add_run(result)
    _field_part(paragraph, "end")


def _field_start(paragraph: WordParagraph, instruction: str) -> None:
    _field_part(paragraph, "begin")
    text = OxmlElement("w:instrText")
    text.text = instruction
    paragraph.add_run()._r.append(text)
    _field_part(paragraph, "separate")


def _field_part(paragraph: WordParagraph, kind: str) -> None:
    part = OxmlElement("w:fldChar")
    part.set(qn("w:fldCharType"), kind)
    paragraph.add_run()._r.append(part)
