"""What a document is made of, whatever writes it: headings, paragraphs, lists, tables and charts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, cast

from scrutiny.reports import words


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 (the title alone), 2 (a section), 3 or 4."""

    text: str
    level: int
    starts_page: bool = False


@dataclass(frozen=True)
class Contents:
    """The list of the sections, with the page of each where the format knows it."""

    title: str


@dataclass(frozen=True)
class Paragraph:
    """Running text, after a label in bold and a rating if it has them; ``tone`` is plain, lead or quiet."""

    text: str
    label: str = ""
    rating: words.Rating | None = None
    tone: str = "plain"


@dataclass(frozen=True)
class Bullets:
    """A list without an order."""

    items: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Column:
    """A column of a table; ``share`` is how wide it is beside the others."""

    heading: str
    share: float = 1
    is_number: bool = False


@dataclass(frozen=True)
class Table:
    """A table. The first cell of each row says what the row is about."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str | words.Rating, ...], ...]


@dataclass(frozen=True)
class Figure:
    """A chart as SVG, with what it says in words for those who do not see it; ``beside`` explains it."""

    svg: str
    alternative: str
    caption: str
    beside: tuple[Paragraph, ...]


Block = Heading | Contents | Paragraph | Bullets | Table | Figure


@dataclass(frozen=True)
class Document:
    """A document, and what is printed at the head and foot of each page. All its texts are printable."""

    title: str
    subject: str
    author: str
    dated: dt.datetime
    head: str
    foot: str
    blocks: tuple[Block, ...]


def printable(value: Any) -> Any:
    """A block with every text in it printable, whoever wrote it."""
    if isinstance(value, str):
        return words.printable(value)
    if isinstance(value, tuple):
        return tuple(printable(each) for each in value)
    if is_dataclass(value) and not isinstance(value, words.Rating):
        texts = {field.name: printable(getattr(value, field.name)) for field in fields(value)}
        return replace(cast(Any, value), **texts)
    return value
