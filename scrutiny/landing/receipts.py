"""Receipts: the only ledger of what was received. One JSON file per delivery, replaced in one step."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from scrutiny.datasets import Unreadable
from scrutiny.feeds.incoming import Origin
from scrutiny.files import written_whole
from scrutiny.periods import Month
from scrutiny.settings import settings

Outcome = Literal["received", "accepted", "rejected", "duplicate"]


class StoredFile(BaseModel):
    """A file as its sender named it; its bytes lie in the landing store under their SHA-256."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sha256: str
    size_bytes: int

    @property
    def path(self) -> Path:
        return settings().landing / "files" / self.sha256[:2] / self.sha256


class Reason(BaseModel):
    """Why a delivery was rejected, in the words of ``datasets.Unreadable``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str
    what: str
    where: str
    action: str


class TableCounts(TypedDict):
    """Rows of one table: received, staged, set aside by an error rule, kept but queried."""

    received: int
    staged: int
    set_aside: int
    queried: int


class Receipt(BaseModel):
    """One delivery. Made by ``receive``; later stages return a changed copy and ``save`` it.

    ``collection_year`` is written 2025-26, ``load_month`` 2025-07. ``sequence`` counts the deliveries of an
    authority and dataset in the order they were received, from 1. ``location`` is where the delivery lay,
    relative to the inbox; ``archive`` the archive its files came in, if any; ``origins`` where files were
    fetched from, if they were not dropped into the inbox, by their names as sent. ``sent_at`` is when
    its sender wrote its last file; a receipt of before this was kept has none. ``identifiers_of`` is that of
    its feed, as it was when the delivery came. ``tables`` are those that came, with or without rows.
    ``held_against`` is what it was checked against besides itself, as ``validation.held_against`` tells it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    delivery_id: str
    feed: str
    authority_code: str
    dataset: str
    source_system: str
    identifiers_of: dict[str, str] = Field(default_factory=dict)
    collection_year: str | None = None
    schema_version: str | None = None
    period_start: dt.date | None = None
    period_end: dt.date | None = None
    load_month: str
    sequence: int
    name_as_sent: str
    location: str
    files: tuple[StoredFile, ...]
    archive: StoredFile | None = None
    origins: dict[str, Origin] = Field(default_factory=dict)
    sent_at: dt.datetime | None = None
    received_at: dt.datetime
    outcome: Outcome
    reason: Reason | None = None
    duplicate_of: str | None = None
    tables: dict[str, TableCounts] = Field(default_factory=dict)
    held_against: dict[str, str] = Field(default_factory=dict)

    @property
    def as_at_date(self) -> dt.date:
        """The day a delivery stands for: the end of its load month or of its period, whichever is first."""
        load_month_end = Month.parse(self.load_month).end
        return min(load_month_end, self.period_end or load_month_end)

    @property
    def order(self) -> tuple[str, int]:
        """Its place among the deliveries of its authority and dataset: by load month, then as received.

        One that arrives late takes its place among those of its month: it does not count as newer.
        """
        return self.load_month, self.sequence

    @property
    def turn(self) -> tuple[str, str, str, int]:
        """When it is checked: by load month, within it an earlier period first: rules look back at that."""
        return self.load_month, self.collection_year or "", str(self.period_end or ""), self.sequence


def receipts(authority: str | None = None, dataset: str | None = None) -> list[Receipt]:
    """Every receipt, or those of one authority or dataset, by authority, dataset and their order."""
    found = (
        Receipt.model_validate_json(path.read_bytes())
        for path in (settings().landing / "receipts").glob("*.json")
    )
    return sorted(
        (
            receipt
            for receipt in found
            if authority in (None, receipt.authority_code) and dataset in (None, receipt.dataset)
        ),
        key=lambda receipt: (receipt.authority_code, receipt.dataset, receipt.order),
    )


def save(receipt: Receipt) -> Receipt:
    """Write a receipt in one step, replacing an earlier state of it; returns it."""
    text = json.dumps(receipt.model_dump(mode="json"), indent=2, sort_keys=True, ensure_ascii=False)
    with written_whole(settings().landing / "receipts" / f"{receipt.delivery_id}.json") as path:
        path.write_text(text + "\n", encoding="utf-8")
    return receipt


def reason_of(unreadable: Unreadable) -> Reason:
    """The reason of a receipt from what a reader raised."""
    return Reason(
        rule=unreadable.rule, what=unreadable.what, where=unreadable.where, action=unreadable.action
    )
