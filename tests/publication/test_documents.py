"""The pack as PDF and as Word file: what is marked for those who do not see it, and that text stays text."""

import datetime as dt
import io
import re
from itertools import pairwise
from pathlib import Path

import docx
import pikepdf
import pypdf
import pytest
from documents import elements, pdf_text, tag, word_text
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from lxml import html
from reporting_copy import figures_of, reporting_rows

from scrutiny.reports import edition as editions
from scrutiny.reports.blocks import Document, Figure, Heading
from scrutiny.reports.document import document
from scrutiny.reports.view import Edition, Report, report

EDITIONS = ["public", "officer"]
TITLE = "Social care performance, July to September 2025 – Fallowmere Council"
INJECTIONS = [
    '#panic("x") #import "@preview/tables:1.0.0": * #read("/etc/passwd")',
    "*bold* _slanted_ $x^2$ <label> @label `raw` // gone /* gone */ = Heading \\ - item",
    "</w:t></w:r><w:r><w:t>&amp; <![CDATA[x]]> {{ report }} {% raw %}",
    "=cmd|'/c calc'!A1 @SUM(A1) +1 -1",
    "a\x00b\x07c\x1b[31m \u202etxet\u202c \ufffe",
    "✓ Café – £5 “quoted” 😀 中文",
]


@pytest.fixture(params=EDITIONS)
def folder(version: Path, request: pytest.FixtureRequest) -> Path:
    return version / request.param


@pytest.fixture
def pdf(folder: Path) -> pikepdf.Pdf:
    return pikepdf.open(folder / "pack.pdf")


@pytest.fixture
def word(folder: Path) -> WordDocument:
    return docx.Document(str(folder / "pack.docx"))


def officers_report(*commentaries: str) -> Report:
    """The made-up report as officers see it, with these commentaries on its first indicators."""
    tables = reporting_rows()
    for row, commentary in zip(tables["mart_scrutiny_quarter"], commentaries, strict=False):
        row["commentary"] = commentary
    edition = Edition("officer", "1.0.0", "Version 1.0.0.", dt.datetime(2025, 10, 16, tzinfo=dt.UTC))
    return report(figures_of(tables), edition, frozenset(), "", (), {})


def headings(made: Document) -> list[tuple[int, str]]:
    return [(block.level, block.text) for block in made.blocks if isinstance(block, Heading)]


def pages(folder: Path) -> list[html.HtmlElement]:
    return [html.fromstring(path.read_bytes()) for path in sorted(folder.glob("*.html"))]


def described(folder: Path) -> list[str]:
    """What the charts of the pages say in words."""
    path = "//*[local-name()='svg'][@role='img']/*[local-name()='desc']/text()"
    return sorted(text for page in pages(folder) for text in page.xpath(path))


def flat(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_a_pdf_is_tagged_titled_and_in_british_english(pdf: pikepdf.Pdf) -> None:
    assert pdf.check_pdf_syntax() == []
    assert pdf.Root.MarkInfo.Marked is True
    assert str(pdf.Root.Lang) == "en-GB"
    assert pdf.Root.ViewerPreferences.DisplayDocTitle is True
    about = pdf.open_metadata()
    assert about["dc:title"] == TITLE
    assert about["pdfuaid:part"] == "1"
    assert str(pdf.docinfo.CreationDate) == "D:20251016000000Z"


def test_headings_of_a_pdf_go_down_one_level_at_a_time(pdf: pikepdf.Pdf) -> None:
    levels = [int(tag(each)[1]) for each in elements(pdf) if re.fullmatch(r"H\d", tag(each))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert [tag(each) for each in elements(pdf)].count("TOCI") == levels.count(2) - 1  # but the list itself


def test_every_figure_of_a_pdf_has_an_alternative(pdf: pikepdf.Pdf, folder: Path) -> None:
    figures = [each for each in elements(pdf) if tag(each) == "Figure"]
    assert sorted(str(each.Alt) for each in figures) == described(folder)


def test_tables_of_a_pdf_have_captions_and_headers_of_columns_and_rows(pdf: pikepdf.Pdf) -> None:
    tables = [each for each in elements(pdf) if tag(each) == "Table"]
    assert len(tables) > 20
    for table in tables:
        caption, head, body = table.K
        assert [tag(part) for part in (caption, head, body)] == ["Caption", "THead", "TBody"]
        assert {(tag(cell), scope(cell)) for row in head.K for cell in row.K} == {("TH", "/Column")}
        for row in body.K:
            first, *others = row.K
            assert (tag(first), scope(first)) == ("TH", "/Row")
            assert {tag(cell) for cell in others} == {"TD"}
            assert not any("/Headers" in attributes for cell in row.K for attributes in cell.A)


def scope(cell: pikepdf.Dictionary) -> str:
    (found,) = [str(attributes.Scope) for attributes in cell.A if "/Scope" in attributes]
    return found


def test_the_fonts_of_a_pdf_are_ours_and_inside_it(pdf: pikepdf.Pdf) -> None:
    fonts = [
        each
        for each in pdf.objects
        if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == pikepdf.Name.FontDescriptor
    ]
    assert {str(font.FontName).split("+")[1] for font in fonts} == {
        "LiberationSans",
        "LiberationSans-Bold",
        "DejaVuSansMono-Bold",
    }
    assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts)


def test_each_page_says_whose_edition_it_is_and_its_number(folder: Path) -> None:
    pages = pypdf.PdfReader(folder / "pack.pdf").pages
    said = "Public edition" if folder.name == "public" else "Officer edition: not for publication"
    for number, page in enumerate(pages, 1):
        text = page.extract_text()
        assert f"Fallowmere Council. {said}" in text
        assert f"Page {number} of {len(pages)}" in text


def test_a_word_file_has_headings_properties_and_language(word: WordDocument, folder: Path) -> None:
    styles = [paragraph.style.name for paragraph in word.paragraphs if paragraph.style]
    levels = [int(name[-1]) for name in styles if name.startswith("Heading")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert word.core_properties.title == TITLE
    assert word.core_properties.language == "en-GB"
    assert word.core_properties.created == dt.datetime(2025, 10, 16, tzinfo=dt.UTC)
    default = word.styles.element.find(f".//{qn('w:docDefaults')}//{qn('w:lang')}")
    assert default.get(qn("w:val")) == "en-GB"
    foot = word.sections[0].footer.paragraphs[0]._p.xml
    assert "PAGE" in foot
    assert "NUMPAGES" in foot


def test_a_word_file_links_its_contents_to_its_sections(word: WordDocument) -> None:
    body = word.element.body
    marks = {mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))}
    links = [link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))]
    sections = [each.text for each in word.paragraphs if each.style and each.style.name == "Heading 2"]
    assert set(links) == marks
    assert [link.xpath("string(.//w:t)") for link in body.iter(qn("w:hyperlink"))] == sections


def test_tables_and_pictures_of_a_word_file_are_described(word: WordDocument, folder: Path) -> None:
    assert len(word.tables) > 20
    for table in word.tables:
        assert table._tblPr.find(qn("w:tblCaption")).get(qn("w:val"))
        heads = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows]
        assert heads == [True] + [False] * (len(table.rows) - 1)
        assert all(cell.text for cell in table.rows[0].cells)
        assert all(row.cells[0].text for row in table.rows)
    assert sorted(shape._inline.docPr.get("descr") for shape in word.inline_shapes) == described(folder)


def test_both_say_the_same_under_the_same_headings() -> None:
    made = document(officers_report())
    pdf, word = editions.pdf(made), editions.word(made)
    book = docx.Document(io.BytesIO(word))
    read = [
        (int(each.style.name[-1]), each.text)
        for each in book.paragraphs
        if each.style and each.style.name.startswith("Heading")
    ]
    assert read == headings(made)
    printed = flat(pdf_text(pdf))
    for paragraph in book.paragraphs:
        assert flat(paragraph.text) in printed, paragraph.text
    for table in book.tables:
        for row in table.rows:
            for cell in row.cells:
                assert flat(cell.text) in printed, cell.text


def test_every_page_and_every_indicator_of_the_pages_is_in_the_documents(folder: Path) -> None:
    found = pages(folder)
    findings = [text for page in found for text in page.xpath("//article/h2/text()")]
    assert len(findings) == 16
    subjects = {page.xpath("string(//h1)") for page in found}
    assert len(subjects) == len(found) > 10
    book = docx.Document(str(folder / "pack.docx"))
    said = {each.text for each in book.paragraphs if each.style and each.style.name.startswith("Heading")}
    assert set(findings) | subjects <= said


def test_the_figures_behind_a_chart_are_those_of_the_series() -> None:
    made = document(officers_report())
    reviews = next(item for item in officers_report().indicators if item.indicator_id == "AD27")
    (table,) = [
        after
        for before, after in pairwise(made.blocks)
        if isinstance(before, Figure) and "Services redeployed, January 2025" in before.caption
        if "70.0%" in before.alternative
    ]
    assert [column.heading for column in table.columns][1:4] == ["Apr", "May", "Jun"]
    shown = [cell for row in table.rows for cell in row[1:] if cell]
    assert shown == [reviews.plain(point.value) for point in reviews.points]
    assert [row[0] for row in table.rows] == ["2023-24", "2024-25", "2025-26"]


def test_what_looks_like_code_is_printed_as_text() -> None:
    made = document(officers_report(*INJECTIONS))
    pdf, word = editions.pdf(made), editions.word(made)
    printed, book = flat(pdf_text(pdf)), docx.Document(io.BytesIO(word))
    paragraphs = [each.text for each in book.paragraphs]
    for injection in INJECTIONS:
        readable = "".join(each if each.isprintable() else " " for each in injection)
        assert flat(re.sub("[😀中文]", "\ufffd", readable)) in printed
        assert f"What the service says {readable}" in paragraphs
    assert len(re.findall("<w:instrText", word_text(word))) == 3  # contents, page and pages: no field came in


def test_a_commentary_longer_than_a_page_goes_on_over_the_next() -> None:
    long = " ".join(f"word{number}" for number in range(2000))
    pages = pypdf.PdfReader(io.BytesIO(editions.pdf(document(officers_report(long))))).pages
    printed = [set(re.findall(r"word\d+", page.extract_text())) for page in pages]
    assert set().union(*printed) == set(long.split())
    assert max(map(len, printed)) < 400


def test_the_same_edition_gives_the_same_bytes() -> None:
    from scrutiny.reports.typeset import pdf
    from scrutiny.reports.word_document import word

    made = document(officers_report())
    assert pdf(made) == pdf(made)
    assert word(made) == word(made)
