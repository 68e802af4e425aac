"""The public catalogue: one page with everything that was published, what replaced what, and notices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scrutiny.files import written_whole
from scrutiny.periods import Quarter
from scrutiny.reports import words
from scrutiny.reports.page import page_style, templates_of_pages

if TYPE_CHECKING:
    from scrutiny.snapshots.states import Snapshot

CATALOGUE = "index.html"
DOWNLOADS = {
    "public/pack.pdf": "PDF",
    "public/pack.docx": "Word",
    "public/workbook.xlsx": "Workbook (Excel)",
    "public/open_data/indicators_by_month.csv": "Figures by month (CSV)",
    "public/open_data/indicators_by_quarter.csv": "Figures by quarter (CSV)",
    "public/open_data/datapackage.json": "Description of the data (JSON)",
}
"""The files of a public edition that are offered beside its page, in order, where it has them."""


@dataclass(frozen=True)
class Download:
    """A file and how large it is."""

    label: str
    path: str
    size: str


@dataclass(frozen=True)
class Publication:
    """A published version as the public sees it. ``path`` is its folder, relative to the catalogue."""

    quarter: Quarter
    version: str
    status: str
    published: str
    replaces: str
    reason: str
    replaced_by: str
    withdrawn: str
    withdrawn_because: str
    approved_by: tuple[str, ...]
    path: str
    downloads: tuple[Download, ...]

    @property
    def is_current(self) -> bool:
        return self.status == "published"

    @property
    def is_withdrawn(self) -> bool:
        return self.status == "withdrawn"

    @property
    def anchor(self) -> str:
        return f"{self.quarter}-v{self.version}"


def write_catalogue(snapshots: Sequence[Snapshot], folder: Path) -> Path:
    """Write ``index.html`` into the folder of the snapshots, whole; returns it.

    It lists what ``snapshots`` says is published, superseded or withdrawn, and no draft.
    """
    found = [_publication(each, folder) for each in snapshots if each.published_at and each.origin]
    newest_first = sorted(found, key=lambda each: (each.quarter, _numbers(each.version)), reverse=True)
    quarters: dict[Quarter, list[Publication]] = {}
    for publication in newest_first:
        quarters.setdefault(publication.quarter, []).append(publication)
    authority = next((each.origin["authority"]["authority_name"] for each in snapshots if each.origin), "")
    page = (
        templates_of_pages()
        .get_template("publications.html.jinja")
        .render(quarters=quarters, authority=authority, style=page_style())
    )
    path = folder / CATALOGUE
    with written_whole(path) as whole:
        whole.write_text(page, encoding="utf-8")
    return path


def _publication(snapshot: Snapshot, folder: Path) -> Publication:
    events = {event.state: event for event in snapshot.history}
    superseded, withdrawn = events.get("superseded"), events.get("withdrawn")
    replaces = snapshot.origin.get("supersedes") or {}
    return Publication(
        quarter=Quarter.parse(snapshot.quarter),
        version=snapshot.version,
        status=snapshot.status,
        published=_day(snapshot.published_at),
        replaces=replaces.get("version", ""),
        reason=replaces.get("reason", ""),
        replaced_by=superseded.by.removeprefix("version ") if superseded else "",
        withdrawn=_day(withdrawn.at) if withdrawn else "",
        withdrawn_because=withdrawn.note if withdrawn else "",
        approved_by=snapshot.approved_by,
        path=snapshot.path.relative_to(folder).as_posix(),
        downloads=tuple(
            Download(label, name, _size(snapshot.path / name))
            for name, label in DOWNLOADS.items()
            if (snapshot.path / name).is_file()
        ),
    )


def _day(moment: str) -> str:
    return words.date_words(dt.datetime.fromisoformat(moment).date()) if moment else ""


def _size(path: Path) -> str:
    return f"{max(1, round(path.stat().st_size / 1000)):,} kB"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
