"""``scrutiny snapshots``: what was published, what differs, is it whole, can it be made again."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scrutiny.settings import SettingsError, settings

if TYPE_CHECKING:
    from scrutiny.snapshots import Snapshot
    from scrutiny.snapshots.comparing import Differences

snapshots_app = typer.Typer(
    no_args_is_help=True,
    help="The quarters: what is drafted and published, what differs, is it whole, can it be made again.\n\n"
    "A draft or version is named like `2025-26-Q2/v1.0.0`; a quarter alone, like `2025-26-Q2`, is its "
    "current version. Every command has `--json` for programs. Sign-off is done in Airflow alone.",
)
console = Console()
errors = Console(stderr=True)

Json = Annotated[bool, typer.Option("--json", help="Write JSON, for another program.")]
Named = Annotated[str, typer.Argument(help="A quarter, or a draft or version like 2025-26-Q2/v1.0.0.")]


def _fail(error: object) -> typer.Exit:
    errors.print(f"[red]Error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
    return typer.Exit(1)


@contextmanager
def _only_our_words() -> Iterator[None]:
    """Send what libraries print of their own to standard error, so that what programs read stays JSON."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def _write(content: Any) -> None:
    typer.echo(json.dumps(content, indent=2, ensure_ascii=False))


def _say(text: str) -> None:
    console.print(escape(text), highlight=False, soft_wrap=True)


def _find(name: str) -> Snapshot:
    from scrutiny.snapshots import PublicationError, find_snapshot

    try:
        return find_snapshot(name)
    except PublicationError as error:
        raise _fail(error) from error


@snapshots_app.command("list")
def list_(as_json: Json = False) -> None:
    """Every draft and published version, by quarter, with its state.

    Examples:

    * `scrutiny snapshots list`
    * `scrutiny snapshots list --json`
    """
    from scrutiny.snapshots import list_snapshots

    found = list_snapshots()
    if as_json:
        _write([each.described() for each in found])
        return
    if not found:
        _say(f"Nothing has been frozen or published in {settings().snapshots}.")
        return
    shown = Table("quarter", "version", "status", "since", "signed off by", "path", header_style="bold")
    for each in found:
        shown.add_row(
            each.quarter,
            each.version,
            each.status,
            each.history[-1].at if each.history else "",
            "; ".join(each.approved_by),
            str(each.path.relative_to(settings().snapshots)),
        )
    console.print(shown)


@snapshots_app.command()
def show(name: Named, as_json: Json = False) -> None:
    """One draft or version: its history, what it holds, what it withholds, what it revised.

    Examples:

    * `scrutiny snapshots show 2025-26-Q2`
    * `scrutiny snapshots show 2025-26-Q2/v1.0.0 --json`
    """
    from scrutiny.snapshots import seal, verify
    from scrutiny.snapshots.revisions import read_revisions

    snapshot = _find(name)
    problems = verify(snapshot.path)
    described = snapshot.described() | {
        "problems": problems,
        "seal": None if problems else seal(snapshot.path),
        "supersedes": snapshot.origin.get("supersedes"),
        "run": snapshot.origin.get("airflow_run_id"),
        "code": snapshot.origin.get("code"),
    }
    if not problems:
        result = json.loads((snapshot.path / "disclosure.json").read_text(encoding="utf-8"))
        revised = read_revisions(snapshot.path)
        described |= {
            "figures_shown": result["figures_shown"],
            "figures_withheld": result["figures_withheld"],
            "revisions_since_last_time": sum(each.is_since_last_time for each in revised),
            "deliveries": len(snapshot.origin["deliveries"]),
        }
    if as_json:
        _write(described)
        return
    _say(f"{snapshot.name}: {snapshot.status}. {snapshot.path}")
    history = Table("state", "when", "by", "note", header_style="bold")
    for event in snapshot.history:
        history.add_row(event.state, event.at, escape(event.by), escape(event.note))
    console.print(history)
    if problems:
        _say("It is not whole: scrutiny snapshots verify says what is wrong.")
        return
    _say(
        f"The public edition shows {described['figures_shown']} figures and withholds "
        f"{described['figures_withheld']}; {described['revisions_since_last_time']} figures were revised "
        f"since last time. Made from {described['deliveries']} deliveries. Seal: {described['seal']}"
    )


@snapshots_app.command("verify")
def verify_(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Quarters, or folders of versions or drafts; all that is published if none."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check that nothing in a published quarter has changed since it was sealed.

    Ends with status 1 if anything has.

    Examples:

    * `scrutiny snapshots verify`
    * `scrutiny snapshots verify 2025-26-Q2`
    """
    from scrutiny.snapshots import UNPUBLISHED, list_snapshots, verify

    known = list_snapshots()
    published = [each for each in known if each.status not in UNPUBLISHED]
    chosen = [] if paths else [each.path for each in published]
    for path in paths or []:
        named = [each.path for each in published if each.quarter == str(path)]
        named += [each.path for each in known if f"{each.quarter}/{each.path.name}" == str(path)]
        if not named and not path.is_dir():
            raise _fail(f"{path} is neither a published quarter like 2025-26-Q2 nor a folder of one")
        chosen += named or [path]
    if not chosen:
        raise _fail(f"nothing has been published in {settings().snapshots}")
    found = {path: verify(path) for path in chosen}
    if as_json:
        _write([{"path": str(path), "problems": problems} for path, problems in found.items()])
    else:
        for path, problems in found.items():
            verdict = "[red]DAMAGED[/]" if problems else "[green]whole and unchanged[/]"
            console.print(f"{escape(str(path))}: {verdict}", soft_wrap=True)
            for problem in problems:
                console.print(f"  {problem}", markup=False, soft_wrap=True)
    if any(found.values()):
        raise typer.Exit(1)


@snapshots_app.command()
def diff(
    before: Annotated[str, typer.Argument(help="The earlier quarter, draft or version.")],
    after: Annotated[str, typer.Argument(help="The later one.")],
    as_json: Json = False,
) -> None:
    """What differs between two drafts or versions, or two quarters, as officers see them.

    Figures that changed, came and went, with what was first published of them; definitions and rules; and
    within one quarter its ratings, targets and words.

    Examples:

    * `scrutiny snapshots diff 2025-26-Q2/v1.0.0 2025-26-Q2/v1.1.0`
    * `scrutiny snapshots diff 2025-26-Q1 2025-26-Q2 --json`
    """
    from scrutiny.snapshots import PublicationError
    from scrutiny.snapshots.versions import compare

    one, other = _find(before), _find(after)
    try:
        found = compare(one.path, other.path)
    except PublicationError as error:
        raise _fail(error) from error
    if as_json:
        _write({"before": one.name, "after": other.name} | found.described())
        return
    _say(f"{one.name} against {other.name}")
    _print_differences(found)


def _print_differences(found: Differences) -> None:
    if found.is_empty:
        _say("Nothing differs.")
        return
    if found.figures:
        shown = Table(
            "indicator",
            "window",
            "to",
            title="Figures that changed",
            title_justify="left",
            header_style="bold",
        )
        for heading in ("first published", "before", "after"):
            shown.add_column(heading, justify="right")
        for each in found.figures:
            numbers = [_number(figure) for figure in (each.first, each.before, each.after)]
            shown.add_row(each.indicator_id, each.window.replace("_", " "), each.month, *numbers)
        console.print(shown)
    for word, keys in (("came", found.came), ("went", found.went)):
        if keys:
            names = ", ".join(sorted({key[0] for key in keys}))
            _say(f"Figures that {word}: {len(keys)}, of {names}.")
    for title, changes in (
        ("Definitions that changed", found.definitions),
        ("Ratings and targets that changed", found.judgements),
        ("Words that changed", found.words),
    ):
        if changes:
            shown = Table("indicator", "what", "before", "after", title=title, title_justify="left")
            for change in changes:
                row = (change.indicator_id, change.field, change.before, change.after)
                shown.add_row(*(escape("–" if part is None else str(part)) for part in row))
            console.print(shown)
    for name, (came, went) in found.rules.items():
        _say(f"Rule set {name}: {came} rows came, {went} went.")


def _number(figure: Any) -> str:
    if figure is None or figure.value is None:
        return "–"
    if figure.numerator is None or figure.denominator is None:
        return f"{figure.value:g}"
    return f"{figure.value:g} ({figure.numerator:g} of {figure.denominator:g})"


@snapshots_app.command()
def rebuild(
    name: Named,
    into: Annotated[
        Path | None,
        typer.Option(help="An empty folder to work in and keep; a temporary one, removed, if left out."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a published version again from the archived deliveries, in a home of its own, and compare.

    Takes the deliveries that the version names out of the landing store, checks, stages and builds them with
    the code and rules of today, freezes and publishes there, and says which figures and files come out the
    same. Nothing of this home is changed. What cannot be the same is named: the code, if it is not that of
    then, and what a database file's bytes depend on. Ends with status 1 if a figure differs. It takes as long
    as the loads did.

    Examples:

    * `scrutiny snapshots rebuild 2025-26-Q2`
    * `scrutiny snapshots rebuild 2025-26-Q2/v1.0.0 --into /tmp/again`
    """
    from scrutiny.landing import receipts
    from scrutiny.load import LoadBug
    from scrutiny.snapshots import PublicationError
    from scrutiny.snapshots.rebuilding import rebuild as made_again
    from scrutiny.validation import SuiteError
    from scrutiny.warehouse import WarehouseError

    snapshot = _find(name)
    try:
        work = f"Making {snapshot.name} again from {len(receipts())} receipts"
        with _only_our_words(), errors.status(work):
            found = made_again(snapshot, into)
    except (LoadBug, OSError, PublicationError, SettingsError, SuiteError, WarehouseError) as error:
        raise _fail(error) from error
    if as_json:
        _write(found.described())
    else:
        for line in found.said:
            _say(line)
    if not found.has_same_figures:
        raise typer.Exit(1)


@snapshots_app.command()
def publish(
    quarter: Annotated[str, typer.Argument(help="The quarter, like 2025-26-Q2.")],
    draft: Annotated[
        str | None, typer.Option(help="Which draft, by the name of its folder, if several are signed off.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Publish a draft that two people have signed off in Airflow.

    Airflow does this by itself after the second sign-off. This is for when it could not, say because the disk
    was full. It takes the sign-offs that Airflow recorded, and no others: nothing can be signed off here.

    Example: `scrutiny snapshots publish 2025-26-Q2`
    """
    from scrutiny.snapshots import PublicationError, list_snapshots, publish_signed_off, signed_drafts
    from scrutiny.snapshots.states import require_quarter

    try:
        wanted = str(require_quarter(quarter))
        drafts = [each for each in list_snapshots() if each.quarter == wanted and "draft-" in each.path.name]
        signed = [each for each in signed_drafts(wanted) if draft in (None, each.path.name)]
        if not signed:
            choice = ", ".join(f"{each.path.name} ({each.status})" for each in drafts) or "none"
            raise PublicationError(
                f"No draft of {wanted} is signed off. Its drafts: {choice}. Two people approve one in "
                "Airflow, under Required actions of its run of quarterly_snapshot."
            )
        if len(signed) > 1:
            choice = ", ".join(each.path.name for each in signed)
            raise PublicationError(
                f"Several drafts of {wanted} are signed off: choose with --draft: {choice}."
            )
        with _only_our_words():
            version = publish_signed_off(signed[0].path)
    except (PublicationError, SettingsError) as error:
        raise _fail(error) from error
    if as_json:
        _write(_find(str(version)).described())
    else:
        _say(f"Published: {version}")


@snapshots_app.command()
def withdraw(
    name: Named,
    reason: Annotated[str, typer.Option(help="Why: the catalogue tells it to the public.")],
    by: Annotated[str, typer.Option(help="Who decided it; kept, and told to officers only.")],
    as_json: Json = False,
) -> None:
    """Withdraw a published version: readers are shown a notice with the reason in its place.

    The version is kept and the release ledger still holds what it showed. Nothing takes its place until
    another version is published: trigger `quarterly_snapshot` with the reason of the correction.

    Example: `scrutiny snapshots withdraw 2025-26-Q2/v1.0.0 --reason "Its care leavers were counted twice."
    --by "Director of Children's Services"`
    """
    from scrutiny.snapshots import PublicationError
    from scrutiny.snapshots import withdraw as withdraw_version

    snapshot = _find(name)
    try:
        is_new = withdraw_version(snapshot.path, reason, by)
    except PublicationError as error:
        raise _fail(error) from error
    if as_json:
        _write(_find(str(snapshot.path)).described() | {"is_new": is_new})
    elif is_new:
        page = settings().snapshots / "index.html"
        _say(f"Withdrawn: {snapshot.name}. The catalogue shows the notice: {page}")
    else:
        _say(f"{snapshot.name} was withdrawn before; that notice stands.")
