"""Drafts and published versions of a quarter: freeze, sign off, publish once, keep for ever.

snapshots/2025-26-Q2/draft-<run>/     frozen, waiting for two approvals
snapshots/2025-26-Q2/v1.0.0/          published, read-only
    figures/   the frozen tables       rules/     the rule sets they were judged by
    public/    officer/                the two editions: index.html, workbook.xlsx, tables/
    review/                            for those who sign off: what is withheld, what changed
    disclosure.json                    what the public edition withholds, and why
    revisions.parquet, .csv            figures that are not what was published of them before
    provenance.json  MANIFEST.sha256
snapshots/2025-26-Q2/*.json            sign-offs, rejections and withdrawals, beside what they are about
snapshots/ledger.csv                   every figure ever published
snapshots/index.html                   the catalogue of all that is published
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrutiny.periods import Quarter
from scrutiny.reports.catalogue import write_catalogue
from scrutiny.reports.edition import write_figures
from scrutiny.reports.figures import Figures, PublicationError, read_figures, read_reporting_copy
from scrutiny.settings import settings
from scrutiny.snapshots import ledger
from scrutiny.snapshots.manifest import make_read_only, seal, verify, write_manifest
from scrutiny.snapshots.numbering import next_version
from scrutiny.snapshots.provenance import code, provenance
from scrutiny.snapshots.revisions import (
    Published,
    first_published,
    frozen_revisions,
    read_revisions,
    write_revisions,
)
from scrutiny.snapshots.rules import copy_rules
from scrutiny.snapshots.states import (
    Approval,
    keep_withdrawal,
    list_snapshots,
    moment_text,
    sign_offs_of,
    signed_off,
    versions,
)

if TYPE_CHECKING:
    from scrutiny.reports.view import Revision
    from scrutiny.snapshots.comparing import Differences
    from scrutiny.snapshots.disclosure import Decision

APPROVERS = 2
DISCLOSURE = "disclosure.json"


def freeze(
    quarter: Quarter, run_id: str, frozen_at: dt.datetime | None = None, built_by: str | None = None
) -> Path:
    """Freeze a quarter's figures from the reporting copy into a draft that can be read and signed off.

    ``run_id`` names the draft: freezing again for the same run replaces it. ``frozen_at`` is now by default.
    ``built_by`` is the account that started the run, where a person did: it may not sign the draft off.
    Returns the draft's folder. Raises PublicationError if the reporting copy cannot be published from.
    """
    current = settings().reporting / "current.duckdb"
    figures = read_reporting_copy(current, quarter)
    folder = settings().snapshots / str(quarter)
    draft = folder / f"draft-{re.sub(r'[^A-Za-z0-9.]+', '-', run_id).strip('-')}"
    moment = (frozen_at or dt.datetime.now(dt.UTC)).replace(microsecond=0)
    with _working(folder, draft) as work:
        write_figures(figures, work / "figures")
        copy_rules(settings().seeds, work / "rules")
        origin = provenance(figures, current.resolve(), work / "rules", run_id)
        origin |= {"version": "draft", "frozen_at": moment_text(moment), "built_by": built_by}
        with ledger.locked(settings().snapshots):
            published = _published()
        decision = _decided(figures, work / "rules", published)
        write_revisions(frozen_revisions(figures, origin, published, work / "rules"), work)
        _write_contents(figures, decision, published, work, origin, moment, ())
        _seal(work, origin)
        if draft.exists():
            _remove(draft)
        work.rename(draft)
    return draft


def publish(
    draft: Path, approvals: list[Approval], reason: str | None = None, signed_seal: str | None = None
) -> Path:
    """Publish a draft as the next version of its quarter, whole, in one rename, and for good.

    Takes the approvals of at least two different people, given after the draft was frozen, neither of them
    whoever started the run; with the seal that they were shown, a draft that took the place of theirs is
    refused. The first version is 1.0.0. A later one needs a ``reason``, which both editions print; its number
    says what changed: major if an indicator went, minor if a figure changed or came, patch if only words did.
    Publishing the same draft again returns the version it became. Raises PublicationError, and changes
    nothing, if the draft is damaged, an approval is missing or unfit, or the quarter is published already and
    no reason is given.
    """
    folder = draft.parent
    quarter = Quarter.parse(folder.name)
    became = _became(folder, draft)
    if became is not None:
        with ledger.locked(settings().snapshots):
            _tidy(draft)
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
    _require_approvals(approvals, dt.datetime.fromisoformat(origin["frozen_at"]), origin.get("built_by"))
    figures = read_figures(draft / "figures", quarter)
    # Nobody else publishes between the decision and the entry in the ledger.
    with ledger.locked(settings().snapshots):
        if became := _became(folder, draft):  # by somebody else, while this one waited
            return became
        number, supersedes = next_version(folder, figures, reason)
        signed = sorted(approvals, key=lambda approval: (approval.approved_at, approval.approver))
        published_at = signed[-1].approved_at.astimezone(dt.UTC).replace(microsecond=0)
        origin |= {
            "version": number,
            "draft": draft.name,
            "draft_seal": seal(draft),
            "published_at": moment_text(published_at),
            "published_with": code(),
            "approvals": [approval.written() for approval in signed],
            "supersedes": supersedes,
        }
        target = folder / f"v{number}"
        with _working(folder, target) as work:
            for part in ("figures", "rules"):
                shutil.copytree(draft / part, work / part)
            published = _published()
            decision = _decided(figures, work / "rules", published)
            revised = frozen_revisions(figures, origin, published, work / "rules")
            if not _is_what_was_signed(draft, decision, revised):
                raise PublicationError(
                    "What was published since the draft was frozen changes what the public edition may show "
                    "or which figures are listed as revised, so the approvals were given to something else. "
                    f"Freeze {quarter} again."
                )
            write_revisions(revised, work)
            _write_contents(figures, decision, published, work, origin, published_at, tuple(signed))
            _seal(work, origin)
            make_read_only(work)
            try:
                work.rename(target)
            except OSError as error:
                raise PublicationError(
                    f"{target} exists already; a published version is never replaced."
                ) from error
            ledger.releases(settings().snapshots)
            _tidy(draft)
    return target


def publish_signed_off(draft: Path) -> Path:
    """Publish a draft on the sign-offs recorded in Airflow, and on no others. Raises PublicationError."""
    became = _became(draft.parent, draft)
    if became is not None:
        return publish(draft, [])
    approvals, reason, signed_seal = signed_off(draft)
    return publish(draft, approvals, reason, signed_seal)


def compare(before: Path, after: Path) -> Differences:
    """What differs between the figures, rules and words of two drafts or versions, by their folders.

    Each change of a figure comes with what was first published of it. Raises PublicationError if one is
    damaged.
    """
    from scrutiny.snapshots.comparing import differences

    for path in (before, after):
        if problems := verify(path):
            raise PublicationError(f"{path} cannot be compared: {' '.join(problems)}")
    with ledger.locked(settings().snapshots):
        first = first_published(_published())
    one, other = (
        (read_figures(path / "figures", Quarter.parse(path.parent.name)), path / "rules")
        for path in (before, after)
    )
    return differences(one, other, first)


def withdraw(version: Path, reason: str, by: str, at: dt.datetime | None = None) -> bool:
    """Withdraw a published version: it is kept, and the catalogue shows a notice with the reason.

    It is not current any more, and nothing takes its place until another version is published. The ledger
    goes on holding what it showed, since its readers have it. Returns False if it was withdrawn before: that
    notice stands. Raises PublicationError.
    """
    with ledger.locked(settings().snapshots):
        is_new = keep_withdrawal(version, reason, by, at or dt.datetime.now(dt.UTC))
        write_catalogue(list_snapshots(), settings().snapshots)
    return is_new


def _tidy(draft: Path) -> None:
    """After a publication: the draft and its sign-offs go, the catalogue shows what came. Needs the lock."""
    _remove(draft)
    sign_offs_of(draft).unlink(missing_ok=True)
    write_catalogue(list_snapshots(), settings().snapshots)


def _became(folder: Path, draft: Path) -> Path | None:
    """The version a draft was published as, if it was."""
    for path in versions(folder):
        origin = json.loads((path / "provenance.json").read_text(encoding="utf-8"))
        if origin["draft"] == draft.name:
            return path
    return None


def _require_approvals(approvals: list[Approval], frozen_at: dt.datetime, built_by: str | None) -> None:
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
    if built_by and built_by.strip().casefold() in people:
        raise PublicationError(
            f"{built_by} started the run that froze the draft, and has approved it: somebody else must."
        )
    if min(approval.approved_at for approval in approvals) < frozen_at:
        raise PublicationError(
            "An approval is older than the draft, so it was given to other figures: ask for it again."
        )


def _published() -> list[Published]:
    """All that was ever published, oldest first, with what is left of it. Needs the ledger's lock."""
    found = []
    for release in ledger.releases(settings().snapshots):
        folder = settings().snapshots / release.quarter / f"v{release.version}"
        if folder.is_dir():
            figures = read_figures(folder / "figures", Quarter.parse(release.quarter))
            origin = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
            found.append(Published(release, figures, origin))
        else:
            found.append(Published(release, None, {}))
    return found


def _decided(figures: Figures, rules: Path, published: list[Published]) -> Decision:
    """What the public edition may show beside all that was ever published."""
    from scrutiny.snapshots.disclosure import decide  # loads a solver, which listing snapshots does without

    history = {each.release.name: each.figures for each in published if each.figures is not None}
    return decide(figures, rules, [each.release for each in published], history)


def _is_what_was_signed(draft: Path, decision: Decision, revised: tuple[Revision, ...]) -> bool:
    summary = (draft / DISCLOSURE).read_text(encoding="utf-8")
    return _summary(decision) == summary and revised == read_revisions(draft)


def _summary(decision: Decision) -> str:
    return json.dumps(decision.summary(), indent=2, ensure_ascii=False) + "\n"


def _write_contents(
    figures: Figures,
    decision: Decision,
    published: list[Published],
    work: Path,
    origin: dict[str, Any],
    dated: dt.datetime,
    approvals: tuple[Approval, ...],
) -> None:
    """Write what people read: both editions, and the pages for those who sign off."""
    from scrutiny.snapshots.contents import write_editions, write_review

    (work / DISCLOSURE).write_text(_summary(decision), encoding="utf-8")
    write_editions(figures, decision, published, work, origin, dated, approvals)
    write_review(figures, decision, published, work, origin)


def _seal(work: Path, origin: dict[str, Any]) -> None:
    text = json.dumps(origin, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    (work / "provenance.json").write_text(text, encoding="utf-8")
    write_manifest(work)


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
