"""The document as tagged PDF, and its charts as pictures, set by typst without anything but its wheel."""

from __future__ import annotations

import datetime as dt
import io
import json
from dataclasses import fields, is_dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pikepdf
import typst
from pikepdf import Name

from scrutiny.reports import words
from scrutiny.reports.blocks import Document

FONTS = Path(__file__).with_name("fonts")
TEMPLATE = Path(__file__).with_name("templates") / "pack.typ"


def pdf(pack: Document) -> bytes:
    """The pack as PDF/UA-1: tagged, with its language, title and bookmarks, dated as the edition."""
    made = typst.compile(
        TEMPLATE.read_bytes(),
        font_paths=_fonts(),
        sys_inputs={"pack": _drawable(json.dumps(_plain(pack), ensure_ascii=False))},
        pdf_standards="ua-1",
        timestamp=pack.dated,
    )
    return _with_row_headers(made)


def _with_row_headers(made: bytes) -> bytes:
    """A PDF in which the first cell of each row of a table is the header of its row, which typst cannot say.

    With it the lists of headers that typst gave each cell are no longer whole: scope alone says them.
    """
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(made)) as file:
        for row in file.objects:
            if not (isinstance(row, pikepdf.Dictionary) and row.get("/S") == Name.TR):
                continue
            for place, cell in enumerate(row.K):
                if cell.S == Name.TD:
                    (attributes,) = [each for each in cell.A if Name.Table == each.O]
                    del attributes.Headers
                    if place == 0:
                        cell.S, attributes.Scope = Name.TH, Name.Row
        file.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return out.getvalue()


@lru_cache(maxsize=512)
def picture(drawing: str) -> bytes:
    """A chart as PNG, twice as fine as it is drawn. Most charts of the two editions are the same."""
    return typst.compile(
        b"""#set page(width: 600pt, height: auto, margin: 0pt, fill: white)
        #image(bytes(sys.inputs.drawing), format: "svg", width: 100%)""",
        font_paths=_fonts(),
        sys_inputs={"drawing": drawing},
        format="png",
        ppi=144,
    )


@cache
def _fonts() -> typst.Fonts:
    """The fonts beside this file and those in the wheel; never those of the machine, so that bytes agree."""
    return typst.Fonts(include_system_fonts=False, font_paths=[FONTS])


def _drawable(text: str) -> str:
    """A text in which what no font can draw is the sign for that: PDF/UA allows no empty boxes."""
    beyond = {each for each in text if not each.isascii()}
    return text.translate({ord(each): "\ufffd" for each in beyond if not _is_drawn(each)})


@cache
def _is_drawn(each: str) -> bool:
    try:
        typst.compile(
            b"""#set document(title: "One letter")
            #set text(font: ("Liberation Sans", "DejaVu Sans Mono"), fallback: false)
            #sys.inputs.each #strong(sys.inputs.each)""",
            font_paths=_fonts(),
            sys_inputs={"each": each},
            pdf_standards="ua-1",
        )
    except typst.TypstError:
        return False
    return True


def _plain(value: Any) -> Any:
    """A block as data that typst reads; each is named by its kind."""
    if isinstance(value, words.Rating):
        ink, paper = words.RATING_COLOURS[value.key]
        return {"word": value.word, "ink": ink, "paper": paper, "shape": words.RATING_SHAPES[value.key]}
    if is_dataclass(value):
        return {"kind": type(value).__name__.lower()} | {
            field.name: _plain(getattr(value, field.name)) for field in fields(value)
        }
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, dt.datetime) else value
