"""What has become of drafts and versions: who froze, signed, published, rejected or withdrew them, and when.

A published folder never changes, so what happens to it later is told by others: it is superseded by the next
version of its quarter, and withdrawn by the notice ``withdrawn-v1.0.0.json`` beside it. Sign-offs and
rejections of a draft lie beside it too, bound to it by its seal.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import re
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from scrutiny.files import written_whole
from scrutiny.periods import PeriodError, Quarter
from scrutiny.reports.figures import PublicationError
from scrutiny.settings import settings
from scrutiny.snapshots.manifest import MANIFEST, seal

DRAFT, SIGNED_OFF, PUBLISHED = "draft", "signed off", "published"
SUPERSEDED, REJECTED, WITHDRAWN, DAMAGED = "superseded", "rejected", "withdrawn", "damaged"
UNPUBLISHED = (DRAFT, SIGNED_OFF, REJECTED)


@dataclass(frozen=True)
class Approval:
    """A sign-off: who gave it, as what, and when.

    ``approver`` is the account that signed (``j.officer``), kept in the provenance and the officer edition;
    ``role`` is what they signed as (``Director of Children's Services``), printed in both editions;
    ``approved_at`` is the moment they did, with its time zone.
    """

    approver: str
    role: str
    approved_at: dt.datetime

    def written(self) -> dict[str, str]:
        """The approval as it is kept in JSON."""
        return asdict(self) | {"approved_at": moment_text(self.approved_at)}


@dataclass(frozen=True)
class Event:
    """One step of a draft or version: the state it came to, when, by whom, and why or as what."""

    state: str
    at: str
    by: str = ""
    note: str = ""


@dataclass(frozen=True)
class Snapshot:
    """One draft or version of a quarter and its history, oldest step first.

    ``status`` is draft, signed off, rejected, published, superseded, withdrawn or damaged: the state of the
    last step. ``origin`` is its provenance, empty if it is damaged.
    """

    quarter: str
    version: str
    status: str
    published_at: str
    approved_by: tuple[str, ...]
    path: Path
    history: tuple[Event, ...]
    origin: dict[str, Any]

    @property
    def name(self) -> str:
        """``2025-26-Q2 v1.0.0``, as the release ledger has it, or ``2025-26-Q2 draft-…``."""
        return f"{self.quarter} {self.path.name}"

    @property
    def notice(self) -> str:
        """Why it is not current: the note of the last step."""
        return self.history[-1].note if self.status in (SUPERSEDED, REJECTED, WITHDRAWN) else ""

    @property
    def has_review(self) -> bool:
        """Whether it has the pages for those who sign off, which were not always made."""
        return (self.path / "review").is_dir()

    def described(self) -> dict[str, Any]:
        """All that is known of it, for programs; times in UTC."""
        return {
            "quarter": self.quarter,
            "version": self.version,
            "status": self.status,
            "published_at": self.published_at or None,
            "approved_by": list(self.approved_by),
            "path": str(self.path),
            "history": [asdict(event) for event in self.history],
        }


def list_snapshots() -> list[Snapshot]:
    """Every draft and version, by quarter; within a quarter versions in order, then drafts."""
    found = []
    for folder in sorted(path for path in settings().snapshots.glob("*-Q*") if path.is_dir()):
        numbered = versions(folder)
        later = dict(pairwise(numbered))
        found += [_version(path, later.get(path)) for path in numbered]
        found += [_draft(path) for path in sorted(folder.glob("draft-*")) if path.is_dir()]
    return found


def find_snapshot(name: str) -> Snapshot:
    """The draft or version that a person means.

    ``name`` is a quarter (its current version), a quarter and a version (``2025-26-Q2/v1.0.0``), or the
    folder of either. Raises PublicationError saying what there is instead.
    """
    known = list_snapshots()
    path = Path(name).resolve()
    named = [
        each for each in known if each.path.resolve() == path or f"{each.quarter}/{each.path.name}" == name
    ]
    if named:
        return named[0]
    of_quarter = [each for each in known if each.quarter == name]
    current = [each for each in of_quarter if each.status == PUBLISHED]
    if current:
        return current[-1]
    choice = ", ".join(f"{each.quarter}/{each.path.name} ({each.status})" for each in of_quarter or known)
    if of_quarter:
        raise PublicationError(f"{name} has no version that is current. Name one of: {choice}.")
    raise PublicationError(
        f"There is no draft or version {name}. "
        + (f"Name one of: {choice}." if choice else "Nothing has been frozen or published yet.")
    )


def versions(folder: Path) -> list[Path]:
    """The published versions of a quarter's folder, oldest first, whatever became of them."""
    named = [path for path in folder.glob("v*") if re.fullmatch(r"v\d+\.\d+\.\d+", path.name)]
    return sorted(named, key=numbers)


def numbers(path: Path) -> tuple[int, ...]:
    """Major, minor and patch of a version's folder."""
    return tuple(int(part) for part in path.name.removeprefix("v").split("."))


def rejection_of(draft: Path) -> Path:
    """Where it is kept who rejected a draft, when and why: a file beside it."""
    return draft.with_name(f"rejected-{draft.name.removeprefix('draft-')}.json")


def sign_offs_of(draft: Path) -> Path:
    """Where the sign-offs of a draft are kept until it is published: a file beside it."""
    return draft.with_name(f"signed-{draft.name.removeprefix('draft-')}.json")


def withdrawal_of(version: Path) -> Path:
    """Where it is kept who withdrew a version, when and why: a file beside it."""
    return version.with_name(f"withdrawn-{version.name}.json")


def record_sign_offs(draft: Path, approvals: list[Approval], reason: str | None, signed_seal: str) -> Path:
    """Keep beside a draft who signed it off, the seal they were shown and the reason of a correction.

    The record is marked with the installation's key, so that one written by hand is not taken. Returns it.
    """
    record: dict[str, Any] = {
        "draft": draft.name,
        "seal": signed_seal,
        "reason": reason,
        "approvals": [approval.written() for approval in approvals],
    }
    return write_json(sign_offs_of(draft), record | {"mark": _mark(record)})


def signed_off(draft: Path) -> tuple[list[Approval], str | None, str]:
    """The sign-offs kept beside a draft, the reason of the correction, and the seal that was signed.

    Raises PublicationError if there are none or they were not recorded by the sign-off in Airflow.
    """
    path = sign_offs_of(draft)
    record = _read(path)
    if record is None:
        raise PublicationError(
            f"{draft.parent.name} {draft.name} is not signed off: two people approve it in Airflow, under "
            "Required actions of its run. It cannot be signed off from the command line."
        )
    mark = record.pop("mark", "")
    if not hmac.compare_digest(str(mark), _mark(record)):
        raise PublicationError(
            f"{path} was not written by the sign-off in Airflow, or was changed since: nothing is published "
            f"on it. Trigger {draft.parent.name} again and have it signed off."
        )
    approvals = [
        Approval(**each | {"approved_at": dt.datetime.fromisoformat(each["approved_at"])})
        for each in record["approvals"]
    ]
    return approvals, record["reason"], record["seal"]


def signed_drafts(quarter: str) -> list[Snapshot]:
    """The drafts of a quarter that wait for nothing but their publication."""
    return [each for each in list_snapshots() if each.quarter == quarter and each.status == SIGNED_OFF]


def keep_withdrawal(version: Path, reason: str, by: str, at: dt.datetime) -> bool:
    """Write the notice that a version is withdrawn; False if it was before, and that notice stands.

    Raises PublicationError if it is not a published version, or reason or name is empty.
    """
    if version not in versions(version.parent) or not (version / MANIFEST).is_file():
        raise PublicationError(
            f"{version.parent.name}/{version.name} is not a published version: only such a one is withdrawn. "
            "A draft is rejected in Airflow."
        )
    if not reason.strip() or not by.strip():
        raise PublicationError("A withdrawal needs a reason, which the public is told, and who decided it.")
    path = withdrawal_of(version)
    if path.exists():
        return False
    write_json(
        path,
        {
            "version": version.name.removeprefix("v"),
            "withdrawn_by": by.strip(),
            "withdrawn_at": moment_text(at),
            "reason": reason.strip(),
        },
    )
    return True


def write_json(path: Path, content: Any) -> Path:
    """Write a small record whole or not at all; returns it."""
    with written_whole(path) as whole:
        whole.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def moment_text(moment: dt.datetime) -> str:
    """A moment as it is kept: UTC, to the second."""
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds")


def require_quarter(text: str) -> Quarter:
    """The quarter a person named. Raises PublicationError."""
    try:
        return Quarter.parse(text)
    except PeriodError as error:
        raise PublicationError(str(error)) from None


def _version(path: Path, later: Path | None) -> Snapshot:
    origin = _provenance(path)
    history = _frozen(origin) + _signed(origin.get("approvals", []))
    if origin:
        supersedes = origin.get("supersedes") or {}
        history.append(Event(PUBLISHED, origin["published_at"], note=supersedes.get("reason", "")))
    if later:
        after = _provenance(later)
        why = (after.get("supersedes") or {}).get("reason", "")
        history.append(Event(SUPERSEDED, after.get("published_at", ""), f"version {later.name[1:]}", why))
    notice = _read(withdrawal_of(path))
    if notice:
        history.append(
            Event(WITHDRAWN, *(notice.get(part, "") for part in ("withdrawn_at", "withdrawn_by", "reason")))
        )
    return _snapshot(path, origin, history)


def _draft(path: Path) -> Snapshot:
    origin = _provenance(path)
    history = _frozen(origin)
    sealed = seal(path) if (path / MANIFEST).is_file() else ""
    signed = _read(sign_offs_of(path))
    if signed and signed.get("seal") == sealed:
        history += _signed(signed["approvals"])
    for each in _read(rejection_of(path)) or []:
        if each.get("seal", sealed) == sealed:  # else it was of a draft that this one took the place of
            history.append(Event(REJECTED, each["rejected_at"], each["rejected_by"], each["reason"]))
    return _snapshot(path, origin, history)


def _snapshot(path: Path, origin: dict[str, Any], history: list[Event]) -> Snapshot:
    return Snapshot(
        quarter=path.parent.name,
        version=path.name.removeprefix("v"),
        status=history[-1].state if origin else DAMAGED,
        published_at=origin.get("published_at", ""),
        approved_by=tuple(approval["role"] for approval in origin.get("approvals", [])),
        path=path,
        history=tuple(history),
        origin=origin,
    )


def _provenance(path: Path) -> dict[str, Any]:
    """The provenance of a draft or version; empty if it is damaged."""
    origin = _read(path / "provenance.json")
    needed = {"authority", "airflow_run_id", "frozen_at"}
    needed |= set() if path.name.startswith("draft-") else {"published_at"}
    return origin if isinstance(origin, dict) and needed <= origin.keys() else {}


def _frozen(origin: dict[str, Any]) -> list[Event]:
    if not origin:
        return []
    by = origin.get("built_by") or "Airflow, by itself"
    return [Event(DRAFT, origin["frozen_at"], by, f"run {origin['airflow_run_id']}")]


def _signed(approvals: list[dict[str, str]]) -> list[Event]:
    return [
        Event(SIGNED_OFF, each["approved_at"], each["approver"], f"as {each['role']}") for each in approvals
    ]


def _read(path: Path) -> Any:
    """What a JSON file holds; None if it is not there or cannot be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _mark(record: dict[str, Any]) -> str:
    text = json.dumps(record, sort_keys=True, ensure_ascii=False)
    return hmac.new(settings().secret(), b"sign-offs\n" + text.encode(), hashlib.sha256).hexdigest()
