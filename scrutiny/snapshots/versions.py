"""Drafts and published versions of a quarter: freeze, sign off, publish once, keep for ever.

snapshots/2025-26-Q2/draft-<run>/     frozen, waiting for two approvals
snapshots/2025-26-Q2/v1.0.0/          published, read-only
    figures/   the frozen tables       rules/     the rule sets they were judged by
    public/    officer/                the two editions: index.html, workbook.xlsx, tables/
    disclosure.json                    what the public edition withholds, and why
    provenance.json  MANIFEST.sha256
snapshots/ledger.csv                   every figure ever published
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrutiny.periods import Quarter
from scrutiny.reports import words
from scrutiny.reports.edition import write_edition, write_figures
from scrutiny.reports.figures import Figures, PublicationError, read_figures, read_reporting_copy
from scrutiny.reports.view import Edition, report
from scrutiny.settings import settings
from scrutiny.snapshots import ledger
from scrutiny.snapshots.manifest import make_read_only, seal, verify, write_manifest
from scrutiny.snapshots.provenance import code, provenance
from scrutiny.snapshots.rules import copy_rules, rules_in_force

if TYPE_CHECKING:
    from scrutiny.snapshots.disclosure import Decision

APPROVERS = 2
DISCLOSURE = "disclosure.json"


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


@dataclass(frozen=True)
class Snapshot:
    """One draft or version of a quarter. ``status`` is draft, rejected, published, superseded or damaged."""

    quarter: str
    version: str
    status: str
    published_at: str
    approved_by: tuple[str, ...]
    path: Path


def freeze(quarter: Quarter, run_id: str, frozen_at: dt.datetime | None = None) -> Path:
    """Freeze a quarter's figures from the reporting copy into a draft that can be read and signed off.

    ``run_id`` names the draft: freezing again for the same run replaces it. ``frozen_at`` is now by default.
    Returns the draft's folder. Raises PublicationError if the reporting copy cannot be published from.
    """
    current = settings().reporting / "current.duckdb"
    figures = read_reporting_copy(current, quarter)
    folder = settings().snapshots / str(quarter)
    draft = folder / f"draft-{re.sub(r'[^A-Za-z0-9.]+', '-', run_id).strip('-')}"
    moment = frozen_at or dt.datetime.now(dt.UTC)
    with _working(folder, draft) as work:
        write_figures(figures, work / "figures")
        copy_rules(settings().seeds, work / "rules")
        origin = provenance(figures, current.resolve(), work / "rules", run_id)
        origin |= {"version": "draft", "frozen_at": _written(moment)}
        with ledger.locked(settings().snapshots):
            decision = _decided(figures, work / "rules")
        _write_editions(figures, decision, work, origin, moment, ())
        _seal(work, origin)
        if draft.exists():
            _remove(draft)
        work.rename(draft)
    return draft


def publish(
    draft: Path, approvals: list[Approval], reason: str | None = None, signed_seal: str | None = None
) -> Path:
    """Publish a draft as the next version of its quarter, whole, in one rename, and for good.

    Takes the approvals of at least two different people, given after the draft was frozen; with the seal that
    they were shown, a draft that took the place of theirs is refused. The first version is 1.0.0. A later one
    needs a ``reason``, which both editions print; its number says what changed: major if an indicator went,
    minor if a figure changed or came, patch if only words did. Publishing the same draft again returns the
    version it became. Raises PublicationError, and changes nothing, if the draft is damaged, an approval is
    missing or unfit, or the quarter is published already and no reason is given.
    """
    folder = draft.parent
    quarter = Quarter.parse(folder.name)
    became = _became(folder, draft)
    if became is not None:
        if draft.exists():
            _remove(draft)
        return became
    problems = verify(draft)
    if problems:
        raise PublicationError(f"The draft cannot be published: {' '.join(problems)} Freeze {quarter} again.")
    if signed_seal is not None and seal(draft) != signed_seal:
        raise PublicationError(
            f"{draft.name} is not the draft that was signed off: it has been replaced since. "
            f"Freeze {quarter} again."
        )
    origin = json.loads((draft / "provenance.json").read_text(encoding="utf-8"))
    _require_approvals(approvals, dt.datetime.fromisoformat(origin["frozen_at"]))
    figures = read_figures(draft / "figures", quarter)
    # Nobody else publishes between the decision and the entry in the ledger.
    with ledger.locked(settings().snapshots):
        number, supersedes = _next_version(folder, figures, reason)
        signed = sorted(approvals, key=lambda approval: (approval.approved_at, approval.approver))
        published_at = signed[-1].approved_at.astimezone(dt.UTC)
        origin |= {
            "version": number,
            "draft": draft.name,
            "draft_seal": seal(draft),
            "published_at": _written(published_at),
            "published_with": code(),
            "approvals": [
                asdict(approval) | {"approved_at": _written(approval.approved_at)} for approval in signed
            ],
            "supersedes": supersedes,
        }
        target = folder / f"v{number}"
        with _working(folder, target) as work:
            for part in ("figures", "rules"):
                shutil.copytree(draft / part, work / part)
            decision = _decided(figures, work / "rules")
            if _summary(decision) != (draft / DISCLOSURE).read_text(encoding="utf-8"):
                raise PublicationError(
                    "What was published since the draft was frozen changes what the public edition may show, "
                    f"so the approvals were given to other figures. Freeze {quarter} again."
                )
            _write_editions(figures, decision, work, origin, published_at, tuple(signed))
            _seal(work, origin)
            make_read_only(work)
            try:
                work.rename(target)
            except OSError as error:
                raise PublicationError(
                    f"{target} exists already; a published version is never replaced."
                ) from error
            ledger.releases(settings().snapshots)
    _remove(draft)
    return target


def list_snapshots() -> list[Snapshot]:
    """Every draft and version, by quarter; within a quarter versions in order, then drafts."""
    found = []
    for folder in sorted(path for path in settings().snapshots.glob("*-Q*") if path.is_dir()):
        versions = _versions(folder)
        drafts = sorted(folder.glob("draft-*"))
        found += [
            _described(path, "published" if path == versions[-1] else "superseded") for path in versions
        ]
        found += [_described(path, "rejected" if rejection_of(path).exists() else "draft") for path in drafts]
    return found


def rejection_of(draft: Path) -> Path:
    """Where it is kept who rejected a draft, when and why: a file beside it."""
    return draft.with_name(f"rejected-{draft.name.removeprefix('draft-')}.json")


def _described(path: Path, status: str) -> Snapshot:
    try:
        origin: dict[str, Any] = json.loads((path / "provenance.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        origin, status = {}, "damaged"
    return Snapshot(
        quarter=path.parent.name,
        version=path.name.removeprefix("v"),
        status=status,
        published_at=origin.get("published_at", ""),
        approved_by=tuple(approval["role"] for approval in origin.get("approvals", [])),
        path=path,
    )


def _versions(folder: Path) -> list[Path]:
    """The published versions of a quarter, oldest first."""
    named = [path for path in folder.glob("v*") if re.fullmatch(r"v\d+\.\d+\.\d+", path.name)]
    return sorted(named, key=_numbers)


def _numbers(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in path.name.removeprefix("v").split("."))


def _became(folder: Path, draft: Path) -> Path | None:
    """The version a draft was published as, if it was."""
    for path in _versions(folder):
        origin = json.loads((path / "provenance.json").read_text(encoding="utf-8"))
        if origin["draft"] == draft.name:
            return path
    return None


def _require_approvals(approvals: list[Approval], frozen_at: dt.datetime) -> None:
    unfit = [
        approval
        for approval in approvals
        if not approval.approver.strip() or not approval.role.strip() or approval.approved_at.tzinfo is None
    ]
    if unfit:
        raise PublicationError("An approval needs an approver, a role and a time with its time zone.")
    people = {approval.approver.strip().casefold() for approval in approvals}
    if len(people) < APPROVERS:
        raise PublicationError(
            f"{len(people)} of {APPROVERS} approvals: another person must sign off before publication."
        )
    if min(approval.approved_at for approval in approvals) < frozen_at:
        raise PublicationError(
            "An approval is older than the draft, so it was given to other figures: ask for it again."
        )


def require_reason(quarter: Quarter, reason: str | None) -> None:
    """Raise PublicationError if the quarter is published already and no reason for a correction is given."""
    published = _versions(settings().snapshots / str(quarter))
    if published and not (reason and reason.strip()):
        raise PublicationError(
            f"{quarter} is published already as {published[-1].name}, which stays as it is. "
            "To publish a correction, give the reason for it."
        )


def _next_version(folder: Path, figures: Figures, reason: str | None) -> tuple[str, dict[str, str] | None]:
    """The number of the next version and what it supersedes."""
    published = _versions(folder)
    if not published:
        return "1.0.0", None
    latest = published[-1]
    if not reason or not reason.strip():
        raise PublicationError(
            f"{folder.name} is published already as {latest.name}, which stays as it is. "
            "To publish a correction, give the reason for it."
        )
    before, after = (_content(read_figures(latest / "figures", figures.quarter)), _content(figures))
    major, minor, patch = _numbers(latest)
    if before.keys() - after.keys():
        number = f"{major + 1}.0.0"
    elif before != after:
        number = f"{major}.{minor + 1}.0"
    else:
        number = f"{major}.{minor}.{patch + 1}"
    return number, {"version": latest.name.removeprefix("v"), "reason": reason.strip()}


def _content(figures: Figures) -> dict[tuple[str, ...], tuple[Any, ...]]:
    """The figures that a version number speaks of: headlines with their ratings, and every window."""
    headlines: dict[tuple[str, ...], tuple[Any, ...]] = {
        (row["indicator_id"],): (row["value"], row["status"], row["target"], row["rag"])
        for row in figures.rows("mart_scrutiny_quarter")
    }
    windows: dict[tuple[str, ...], tuple[Any, ...]] = {
        (row["indicator_id"], row["basis"], row["month"], row["breakdown"], row["breakdown_value"]): (
            row["numerator"],
            row["denominator"],
            row["value"],
        )
        for row in figures.rows("fct_indicator_value")
    }
    return headlines | windows


def _decided(figures: Figures, rules: Path) -> Decision:
    """What the public edition may show beside all that was ever published. Needs the ledger's lock."""
    from scrutiny.snapshots.disclosure import decide  # loads scipy, which listing snapshots does without

    released = ledger.releases(settings().snapshots)
    folders = {
        release.name: settings().snapshots / release.quarter / f"v{release.version}" for release in released
    }
    history = {
        name: read_figures(folder / "figures", Quarter.parse(folder.parent.name))
        for name, folder in folders.items()
        if folder.is_dir()
    }
    return decide(figures, rules, released, history)


def _summary(decision: Decision) -> str:
    return json.dumps(decision.summary(), indent=2, ensure_ascii=False) + "\n"


def _write_editions(
    figures: Figures,
    decision: Decision,
    work: Path,
    origin: dict[str, Any],
    dated: dt.datetime,
    approvals: tuple[Approval, ...],
) -> None:
    from scrutiny.snapshots.disclosure import public_figures, withheld_months

    (work / DISCLOSURE).write_text(_summary(decision), encoding="utf-8")
    shown_in = {"public": public_figures(figures, decision, work / "rules"), "officer": figures}
    withheld = withheld_months(decision)
    draft = origin["version"] == "draft"
    day = words.date_words(dated.date())
    status = f"Draft frozen on {day}." if draft else f"Version {origin['version']}, published on {day}."
    supersedes = origin.get("supersedes")
    units = {row["unit"] for row in figures.rows("mart_scrutiny_quarter")}
    directions = tuple(
        f"{words.UNIT_WORDS[row['unit']]}: {row['wording'][:1].lower()}{row['wording'][1:]}."
        for row in rules_in_force(work / "rules", "direction_rules", figures.quarter)
        if row["unit"] in units
    )
    made = {
        "Figures": f"frozen from {origin['reporting_copy']['name']}",
        "Code": origin["code"].get("commit", origin["code"]["package_version"])[:12],
    }
    for name in shown_in:
        edition = Edition(
            name=name,
            version=origin["version"],
            status=status,
            dated=dated,
            approvals=tuple(_approved(approval, name) for approval in approvals),
            replaces=f"It replaces version {supersedes['version']}: {supersedes['reason']}"
            if supersedes
            else "",
        )
        rule = decision.rule
        hidden = range(rule.lowest_hidden, rule.highest_hidden + 1)
        shown = report(shown_in[name], edition, withheld, rule.wording, directions, made, hidden)
        write_edition(shown, shown_in[name], work / name)


def _approved(approval: Approval, edition: str) -> str:
    who = f"by {approval.approver} " if edition == "officer" else ""
    return f"Approved {who}as {approval.role} on {words.date_words(approval.approved_at.date())}."


def _seal(work: Path, origin: dict[str, Any]) -> None:
    text = json.dumps(origin, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    (work / "provenance.json").write_text(text, encoding="utf-8")
    write_manifest(work)


def _written(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds")


@contextmanager
def _working(folder: Path, target: Path) -> Iterator[Path]:
    """A fresh working folder beside ``target``, for one process at a time; its remains are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        work = folder / f".{target.name}"
        _remove(work)
        work.mkdir()
        try:
            yield work
        finally:
            _remove(work)


def _remove(folder: Path) -> None:
    """Remove a folder of ours, read-only or not, if it is there."""
    if folder.exists():
        for path in (folder, *folder.rglob("*")):
            if path.is_dir():
                path.chmod(0o755)
        shutil.rmtree(folder)
