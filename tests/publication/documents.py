"""What a reader finds in a PDF and in a Word file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pikepdf
import pypdf


def elements(file: pikepdf.Pdf) -> Iterator[pikepdf.Dictionary]:
    """The elements of a PDF's structure, in reading order."""

    def below(kids: object) -> Iterator[pikepdf.Dictionary]:
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                yield kid
                if "/K" in kid:
                    yield from below(kid.K)

    yield from below(file.Root.StructTreeRoot.K)


def tag(element: pikepdf.Dictionary) -> str:
    """The kind of an element: ``H1``, ``Figure``."""
    return str(element.S).removeprefix("/")


def pdf_text(content: bytes) -> str:
    """All the text of a PDF: of its pages, its bookmarks, its properties and its alternatives to figures."""
    reader = pypdf.PdfReader(io.BytesIO(content))
    said = [page.extract_text() for page in reader.pages]
    said += [str(value) for value in (reader.metadata or {}).values()]
    with pikepdf.open(io.BytesIO(content)) as file:
        said += [str(element.Alt) for element in elements(file) if "/Alt" in element]
        said.append(bytes(file.Root.Metadata.read_bytes()).decode("utf-8"))
    return "\n".join(said)


def word_text(content: bytes) -> str:
    """All the XML of a Word file."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        names = [name for name in parts.namelist() if name.endswith((".xml", ".rels"))]
        return "\n".join(parts.read(name).decode("utf-8") for name in names)
