"""What people read of a draft or version: the two editions, and the pages for those who sign it off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scrutiny.reports import words
from scrutiny.reports.edition import write_edition
from scrutiny.reports.figures import Figures
from scrutiny.reports.open_data import OPEN_DATA, write_open_data
from scrutiny.reports.review import render_changes, render_disclosure
from scrutiny.reports.view import Changes, Edition, Revision, report
from scrutiny.settings import settings
from scrutiny.snapshots.comparing import Differences, differences
from scrutiny.snapshots.disclosure import Decision, public_figures, withheld_months
from scrutiny.snapshots.revisions import Published, first_published, public_revisions, read_revisions
from scrutiny.snapshots.rules import rules_in_force
from scrutiny.snapshots.states import Approval

REVIEW = "review"


def write_editions(
    figures: Figures,
    decision: Decision,
    published: Sequence[Published],
    work: Path,
    origin: Mapping[str, Any],
    dated: dt.datetime,
    approvals: tuple[Approval, ...],
) -> None:
    """Write ``public/`` and ``officer/`` into the folder of a draft or version that holds rules, revisions.

    ``dated`` is the day that they print and that their files are dated with.
    """
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
    compared, said = _since_last_time(figures, published, work / "rules")
    shown = {key: figure for key, figure in decision.shown.items() if key not in decision.kept}
    revised: dict[str, tuple[Revision, ...]] = {
        "public": public_revisions(figures, shown, origin, published, work / "rules"),
        "officer": read_revisions(work),
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
        changes = Changes(compared, said, revised[name])
        arranged = report(shown_in[name], edition, withheld, rule.wording, directions, made, hidden, changes)
        write_edition(arranged, shown_in[name], work / name)
        if edition.is_public:
            first = {key: figure.value for key, figure in first_published(published).items()}
            write_open_data(arranged, figures.authority, first, work / name / OPEN_DATA)


def write_review(
    figures: Figures,
    decision: Decision,
    published: Sequence[Published],
    work: Path,
    origin: Mapping[str, Any],
) -> None:
    """Write ``review/disclosure.html`` and ``review/changes.html``, for officers who sign off."""
    folder = work / REVIEW
    folder.mkdir()
    titles = {name: row["title"] for name, row in figures.register().items()}
    rule = decision.rule
    hidden = range(rule.lowest_hidden, rule.highest_hidden + 1)
    page = render_disclosure(figures.quarter, decision.summary(), rule.wording, titles)
    (folder / "disclosure.html").write_text(page, encoding="utf-8")
    last = _last(published)
    found = None
    if last is not None and last.figures is not None:
        found = differences((last.figures, _rules_of(last)), (figures, work / "rules"))
    reasons = dict.fromkeys(each.reason for each in read_revisions(work))
    page = render_changes(
        figures.quarter,
        last.release.name if last else "",
        found.described() if found is not None else {},
        read_revisions(work),
        [reason for reason in reasons if words.small_counts(reason, hidden)],
        {name: (row["title"], row["unit"], row["decimals"]) for name, row in figures.register().items()},
    )
    (folder / "changes.html").write_text(page, encoding="utf-8")


def _since_last_time(
    figures: Figures, published: Sequence[Published], rules: Path
) -> tuple[str, tuple[str, ...]]:
    """The release before, in words, and in sentences what is new, gone, or defined or judged in another way.

    Both editions print them, so they hold no figure.
    """
    last = _last(published)
    if last is None or last.figures is None:
        return "", ()
    found = differences((last.figures, _rules_of(last)), (figures, rules))
    compared = f"{words.quarter_words(last.figures.quarter)}, version {last.release.version}"
    return compared, tuple(_sentences(found, last.figures, figures))


def _sentences(found: Differences, before: Figures, after: Figures) -> list[str]:
    then, now = before.register(), after.register()
    defined = sorted({each.indicator_id for each in found.definitions} & then.keys() & now.keys())
    rules = [
        f"{name.replace('_', ' ')} ({came} {'row' if came == 1 else 'rows'} added, {went} taken out)"
        for name, (came, went) in found.rules.items()
    ]
    said = [f"New: {now[name]['title']}." for name in found.new_indicators]
    said += [f"No longer reported: {then[name]['title']}." for name in found.lost_indicators]
    said += [f"Defined or described in another way: {now[name]['title']}." for name in defined]
    return said + ([f"Rules that changed: {words.listed(rules)}."] if rules else [])


def _last(published: Sequence[Published]) -> Published | None:
    """The newest release whose figures are still there."""
    return next((each for each in reversed(published) if each.figures is not None), None)


def _rules_of(published: Published) -> Path:
    return settings().snapshots / published.release.quarter / f"v{published.release.version}" / "rules"


def _approved(approval: Approval, edition: str) -> str:
    who = f"by {approval.approver} " if edition == "officer" else ""
    return f"Approved {who}as {approval.role} on {words.date_words(approval.approved_at.date())}."
