"""Small extracts in the real formats, and an inbox to drop them into."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from scrutiny import datasets
from scrutiny.feeds import Feed, feeds
from scrutiny.landing import Receipt, receive
from scrutiny.periods import FinancialYear, Month

CANARY = "Quibblesworth"
"""A name that stands in every personal field and must never be told on."""


def csv_text(columns: Sequence[str], rows: Sequence[Mapping[str, str]], separator: str = ",") -> str:
    """A CSV file with a header; columns a row does not name are blank."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, delimiter=separator, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def columns_of(dataset: str, table: str, year: str | None = None) -> list[str]:
    wanted = FinancialYear.parse(year) if year else None
    return [column.name for column in datasets.layout(dataset).table(table).columns_in(wanted)]


def looked_after(year: str = "2025-26") -> dict[str, str]:
    """The smallest return of children looked after: file name to text."""
    child = {"CHILD": CANARY, "SEX": "F", "DOB": "01/02/2012", "ETHNIC": "WBRI", "UPN": CANARY}
    episode = {"CHILD": CANARY, "DECOM": "04/05/2025", "RNE": "S", "LS": "C2", "HOME_POST": CANARY}
    return {
        "header.csv": csv_text(columns_of("ssda903", "header", year), [child]),
        "episodes.csv": csv_text(columns_of("ssda903", "episodes", year), [episode, episode]),
    }


def client_level_data(period_end: dt.date = dt.date(2025, 7, 31), **changes: str) -> str:
    row = {
        "LA Code": "699",
        "Reporting Period Start Date": f"{(Month.of(period_end) - 11).start:%d/%m/%Y}",
        "Reporting Period End Date": f"{period_end:%d/%m/%Y}",
        "First Name": CANARY,
        "Last Name": CANARY,
        "Postcode": CANARY,
        **changes,
    }
    return csv_text(columns_of("cld", "events"), [row, row])


def establishment(*months: str) -> str:
    return csv_text(
        columns_of("establishment", "posts"),
        [{"Month": month, "Post ID": "P1", "Holder Name": CANARY} for month in months or ["2025-07"]],
    )


def commentary(*quarters: str) -> str:
    return csv_text(
        columns_of("commentary", "commentary"),
        [{"Indicator": "LV02", "Quarter": quarter, "Commentary": CANARY} for quarter in quarters],
    )


def children_in_need(
    year: str = "2026", reference: str = "2026-03-31", authority: str = "999", collection: str = "CIN"
) -> str:
    return f"""<?xml version="1.0" encoding="utf-8"?>
<Message>
  <Header>
    <CollectionDetails>
      <Collection>{collection}</Collection><Year>{year}</Year><ReferenceDate>{reference}</ReferenceDate>
    </CollectionDetails>
    <Source><SourceLevel>L</SourceLevel><LEA>{authority}</LEA></Source>
  </Header>
  <Children>
    <Child>
      <ChildIdentifiers><LAchildID>{CANARY}</LAchildID><UPN>{CANARY}</UPN><Sex>F</Sex></ChildIdentifiers>
      <ChildCharacteristics><Ethnicity>WBRI</Ethnicity></ChildCharacteristics>
      <CINdetails><CINreferralDate>2025-05-01</CINreferralDate><ReferralNFA>0</ReferralNFA></CINdetails>
    </Child>
  </Children>
</Message>
"""


class Inbox:
    """An inbox that files are dropped into and received from."""

    def __init__(self, home: Path) -> None:
        self.path = home / "inbox"

    def drop(self, location: str, content: str | bytes) -> Path:
        path = self.path / "999" / location
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def drop_all(self, folder: str, files: Mapping[str, str | bytes]) -> None:
        for name, content in files.items():
            self.drop(f"{folder}/{name}", content)

    def receive(self, dataset: str, month: str = "2025-07") -> list[Receipt]:
        return receive(feed_of(dataset), Month.parse(month))

    def receive_one(self, dataset: str, month: str = "2025-07") -> Receipt:
        (receipt,) = self.receive(dataset, month)
        return receipt


def feed_of(dataset: str) -> Feed:
    return next(feed for feed in feeds() if feed.dataset == dataset)


def zipped(files: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()
