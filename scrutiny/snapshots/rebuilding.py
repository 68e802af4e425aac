"""Makes a published version again from the archived deliveries, in a home of its own, and compares the two.

The home holds nothing but what the version names: its deliveries out of the landing store, as if they had
just been received, and what was published before it. Checks, staging, build, freeze and publication then
run as they always do.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scrutiny.landing import Receipt, receipts, save
from scrutiny.periods import Month, Quarter
from scrutiny.reports.figures import PublicationError, columns_of, read_figures
from scrutiny.settings import settings
from scrutiny.snapshots.ledger import LEDGER, locked, releases
from scrutiny.snapshots.manifest import seal, sha256, verify
from scrutiny.snapshots.provenance import code
from scrutiny.snapshots.states import Approval, Snapshot
from scrutiny.snapshots.versions import freeze, publish

BY_NATURE = {
    "code": "the commit and the packages it was frozen with",
    "published_with": "the commit and the packages it was published with",
    "draft_seal": "the seal of its draft, which is taken over all of these",
    "rules": "the rule sets, which are those of today",
}
"""What the provenance of the two may differ in while every figure is the same, and what it is."""


@dataclass(frozen=True)
class Rebuild:
    """How a version made again compares: the tables, files and fields of its provenance that differ."""

    name: str
    tables: tuple[str, ...]
    files: tuple[str, ...]
    provenance: tuple[str, ...]
    rules: tuple[str, ...]
    code_then: Mapping[str, Any]
    code_now: Mapping[str, Any]
    has_same_manifest: bool
    kept_in: str | None

    @property
    def has_same_figures(self) -> bool:
        return not self.tables

    @property
    def is_same_code(self) -> bool:
        return dict(self.code_then) == dict(self.code_now)

    @property
    def unexplained(self) -> tuple[str, ...]:
        """Files and fields that differ though nothing by nature makes them."""
        files = () if not self.is_same_code else self.files
        return (*files, *(name for name in self.provenance if name not in BY_NATURE))

    @property
    def said(self) -> list[str]:
        """The outcome in sentences."""
        said = [
            f"{self.name}: every figure comes out the same."
            if self.has_same_figures
            else f"{self.name}: these tables of figures differ: {', '.join(self.tables)}."
        ]
        if self.has_same_manifest:
            return [*said, "The manifest is the same, so every page, workbook and table is, byte for byte."]
        said.append("The manifest is not the same:")
        said += [f"  {name}: {BY_NATURE.get(name, 'differs, and should not')}" for name in self.provenance]
        if self.files:
            said.append(
                f"  {len(self.files)} files: {', '.join(self.files[:12])}" + " …" * (len(self.files) > 12)
            )
        if self.rules:
            said.append(f"  The rules of today are not those of then: {', '.join(self.rules)}.")
        if not self.is_same_code:
            then = self.code_then.get("commit", self.code_then.get("package_version"))
            said.append(
                f"  It was made with other code, which pages name. To compare every byte, check out {then}."
            )
        return said

    def described(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "has_same_figures": self.has_same_figures,
            "has_same_manifest": self.has_same_manifest,
            "tables_that_differ": list(self.tables),
            "files_that_differ": list(self.files),
            "provenance_that_differs": {name: BY_NATURE.get(name) for name in self.provenance},
            "rules_that_differ": list(self.rules),
            "is_same_code": self.is_same_code,
            "unexplained": list(self.unexplained),
            "kept_in": self.kept_in,
        }


def rebuild(
    snapshot: Snapshot, into: Path | None = None, build: Callable[[Month, dt.date], None] | None = None
) -> Rebuild:
    """Make a published version again and compare it; nothing of this home is changed.

    ``into`` is an empty folder that is kept, or a temporary one that is not. ``build`` makes the reporting
    copy of a load month from what has been received, looking at lateness on a day; by default the monthly
    load does. Raises PublicationError if the version is damaged or not a published one, or if a delivery is
    not in the landing store any more; and whatever the load raises.
    """
    origin = snapshot.origin
    if not snapshot.published_at:
        raise PublicationError(f"{snapshot.name} is not published: only what was published is made again.")
    if problems := verify(snapshot.path):
        raise PublicationError(
            f"{snapshot.name} is damaged, so there is nothing to compare: {' '.join(problems)}"
        )
    if into is not None and into.exists() and any(into.iterdir()):
        raise PublicationError(f"{into} is not empty: name a new folder.")
    held = _deliveries(snapshot)
    before = settings().snapshots
    home = into or Path(tempfile.mkdtemp(prefix="scrutiny-rebuild-"))
    try:
        with _home(home):
            for receipt, files in held:
                _restore(receipt, files)
            _restore_published(before, snapshot)
            month = Month.parse(origin["reporting_copy"]["name"][:7])
            frozen_at = dt.datetime.fromisoformat(origin["frozen_at"])
            (build or _load_and_build)(month, frozen_at.date())
            _name_as(origin["reporting_copy"]["name"])
            draft = freeze(
                Quarter.parse(snapshot.quarter), origin["airflow_run_id"], frozen_at, origin.get("built_by")
            )
            again = publish(draft, _approvals(origin), (origin["supersedes"] or {}).get("reason"))
            return _compared(snapshot, again, home if into else None)
    finally:
        if into is None:
            _remove(home)


def _deliveries(snapshot: Snapshot) -> list[tuple[Receipt, dict[str, Path]]]:
    """Every delivery that was there when the version was frozen, used or not, with its files by hash.

    Also those of a system that did not count yet: later ones were checked against them.

    Raises PublicationError naming those whose receipt or file is gone.
    """
    figures = read_figures(snapshot.path / "figures", Quarter.parse(snapshot.quarter))
    named = {row["delivery_id"] for row in figures.rows("mart_delivery")}
    named |= {each["delivery_id"] for each in snapshot.origin["deliveries"]}
    named |= set(snapshot.origin.get("received", []))
    known = {receipt.delivery_id: receipt for receipt in receipts(figures.authority["authority_code"])}
    gone = [f"{name} (no receipt)" for name in sorted(named - known.keys())]
    found = []
    for name in sorted(named & known.keys()):
        receipt = known[name]
        files = {file.sha256: file.path for file in receipt.files}
        gone += [
            f"{name} ({file.name} is not in landing/)" for file in receipt.files if not file.path.is_file()
        ]
        found.append((receipt, files))
    if gone:
        raise PublicationError(
            f"{snapshot.name} cannot be made again: the archive lacks {', '.join(gone)}. "
            "Restore landing/ from a backup."
        )
    return found


def _restore(receipt: Receipt, files: Mapping[str, Path]) -> None:
    """Put a delivery into the new home as it was when it had been received and not been looked at."""
    for file in receipt.files:
        if not file.path.exists():
            file.path.parent.mkdir(parents=True, exist_ok=True)
            file.path.symlink_to(files[file.sha256])
    if receipt.period_end is not None:  # else it could not be recognised, and nothing was checked
        fresh: dict[str, Any] = {"outcome": "received", "reason": None, "duplicate_of": None}
        receipt = receipt.model_copy(update=fresh | {"tables": {}, "held_against": {}})
    save(receipt)


def _restore_published(before: Path, snapshot: Snapshot) -> None:
    """Put what had been published before the version into the new home: its ledger and versions."""
    folder = settings().snapshots
    folder.mkdir(parents=True)
    with locked(before):
        releases(before)  # a publication that was killed may not be in it yet
    with (before / LEDGER).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    # The ledger is in the order of publication.
    own = rows.index(next(row for row in rows if row[:2] == [snapshot.quarter, snapshot.version]))
    with (folder / LEDGER).open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines, lineterminator="\n").writerows(rows[:own])
    for quarter, version in {(row[0], row[1]) for row in rows[1:own]}:
        path = before / quarter / f"v{version}"
        if path.is_dir():
            (folder / quarter).mkdir(exist_ok=True)
            (folder / quarter / path.name).symlink_to(path, target_is_directory=True)


def _load_and_build(month: Month, on: dt.date) -> None:
    """Load every month of the deliveries in order, then build and promote the last of them."""
    from scrutiny import warehouse
    from scrutiny.feeds import feeds
    from scrutiny.load import load_received
    from scrutiny.validation.companions import REFERENCES

    months = {receipt.load_month for receipt in receipts()}
    for each in sorted(months):
        for feed in sorted(feeds(), key=lambda feed: feed.dataset not in REFERENCES):
            load_received(feed, Month.parse(each))
    warehouse.build(month, on)
    warehouse.promote(month)


def _name_as(name: str) -> None:
    """Give the reporting copy the name of the one of then, which pages print."""
    link = settings().reporting / "current.duckdb"
    made = link.resolve()
    if made.name != name:
        made.rename(made.with_name(name))
        link.unlink()
        link.symlink_to(name)


def _approvals(origin: Mapping[str, Any]) -> list[Approval]:
    return [
        Approval(each["approver"], each["role"], dt.datetime.fromisoformat(each["approved_at"]))
        for each in origin["approvals"]
    ]


def _compared(snapshot: Snapshot, again: Path, kept: Path | None) -> Rebuild:
    quarter = Quarter.parse(snapshot.quarter)
    then, now = (read_figures(path / "figures", quarter) for path in (snapshot.path, again))
    origins = [
        json.loads((path / "provenance.json").read_text(encoding="utf-8")) for path in (snapshot.path, again)
    ]
    files = [
        {path.relative_to(folder).as_posix(): sha256(path) for path in folder.rglob("*") if path.is_file()}
        for folder in (snapshot.path, again)
    ]
    differing = sorted(
        name for name in files[0].keys() | files[1].keys() if files[0].get(name) != files[1].get(name)
    )
    return Rebuild(
        name=snapshot.name,
        tables=tuple(name for name in columns_of() if not then.tables[name].equals(now.tables[name])),
        files=tuple(name for name in differing if name not in ("MANIFEST.sha256", "provenance.json")),
        provenance=tuple(
            name
            for name in sorted(origins[0].keys() | origins[1].keys())
            if origins[0].get(name) != origins[1].get(name)
        ),
        rules=tuple(name for name in differing if name.startswith("rules/")),
        code_then=origins[0]["code"],
        code_now=code(),
        has_same_manifest=seal(snapshot.path) == seal(again),
        kept_in=str(kept) if kept else None,
    )


@contextmanager
def _home(home: Path) -> Iterator[None]:
    """Work in another home."""
    before = os.environ.get("SCRUTINY_HOME")
    os.environ["SCRUTINY_HOME"] = str(home)
    settings.cache_clear()
    try:
        yield
    finally:
        if before is None:
            del os.environ["SCRUTINY_HOME"]
        else:
            os.environ["SCRUTINY_HOME"] = before
        settings.cache_clear()


def _remove(home: Path) -> None:
    """Remove a temporary home, read-only folders included, but nothing it links to."""
    for path in (home, *home.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    shutil.rmtree(home)
