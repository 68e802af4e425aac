"""What becomes of drafts and versions: who signed, who rejected, what is current, what was withdrawn."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from lxml import html
from past import BEFORE, REASON
from reporting_copy import APPROVALS, FROZEN, QUARTER, RECEIPT, reporting_rows, write_reporting_copy

from scrutiny import landing
from scrutiny.reports import catalogue
from scrutiny.settings import settings
from scrutiny.snapshots import (
    PublicationError,
    find_snapshot,
    freeze,
    ledger,
    list_snapshots,
    publish,
    publish_signed_off,
    record_sign_offs,
    rejection_of,
    seal,
    verify,
    withdraw,
)
from scrutiny.snapshots.states import sign_offs_of, withdrawal_of, write_json

CORRECTED = f"{QUARTER}/v1.1.0"
WHY = "Care leavers who had moved away were counted twice."


def statuses() -> dict[str, str]:
    return {each.path.name: each.status for each in list_snapshots()}


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The snapshots of a home with one draft, to be copied."""
    home = tmp_path_factory.mktemp("frozen")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCRUTINY_HOME", str(home))
        settings.cache_clear()
        landing.save(RECEIPT)
        write_reporting_copy(home / "reporting", reporting_rows())
        freeze(QUARTER, "asset__2025-10-14T09:30", FROZEN)
    settings.cache_clear()
    return home / "snapshots"


@pytest.fixture
def draft(frozen: Path, home: Path) -> Path:
    """A copy of the draft in a home of its own."""
    shutil.copytree(frozen, home / "snapshots")
    (draft,) = (home / "snapshots" / str(QUARTER)).glob("draft-*")
    return draft


@pytest.fixture
def signed(draft: Path) -> Path:
    """A draft that both have signed off, and that was not published yet."""
    record_sign_offs(draft, APPROVALS, None, seal(draft))
    return draft


@pytest.fixture
def published(version: Path, home: Path) -> Path:
    """A copy of the published version in a home of its own."""
    shutil.copytree(version.parents[1], home / "snapshots")
    return home / "snapshots" / str(QUARTER) / version.name


def test_the_past_is_told_step_by_step(past: Path) -> None:
    assert {each.name: each.status for each in list_snapshots()} == {
        f"{BEFORE} v1.0.0": "published",
        f"{QUARTER} v1.0.0": "superseded",
        f"{QUARTER} v1.1.0": "published",
    }
    history = find_snapshot(f"{QUARTER}/v1.0.0").history
    assert [event.state for event in history] == [
        "draft",
        "signed off",
        "signed off",
        "published",
        "superseded",
    ]
    assert [event.by for event in history[1:3]] == ["a.data", "d.director"]
    assert (history[-1].by, history[-1].note) == ("version 1.1.0", REASON)
    assert all(dt.datetime.fromisoformat(event.at).tzinfo for event in history)


def test_a_quarter_means_its_current_version(past: Path) -> None:
    assert find_snapshot(str(QUARTER)).version == "1.1.0"
    assert find_snapshot(f"{QUARTER}/v1.0.0").version == "1.0.0"
    assert find_snapshot(str(past / str(BEFORE) / "v1.0.0")).quarter == str(BEFORE)
    with pytest.raises(PublicationError, match=r"no draft or version 2024-25-Q1\. Name one of: 2025-26-Q1/"):
        find_snapshot("2024-25-Q1")


def test_a_signed_draft_is_published_as_it_was_signed(signed: Path) -> None:
    assert statuses() == {signed.name: "signed off"}
    version = publish_signed_off(signed)
    assert verify(version) == []
    assert statuses() == {"v1.0.0": "published"}
    assert not sign_offs_of(signed).exists()
    assert publish_signed_off(signed) == version, "again, as after a kill"
    origin = json.loads((version / "provenance.json").read_text(encoding="utf-8"))
    assert [each["approver"] for each in origin["approvals"]] == ["a.data", "d.director"]


def test_nothing_is_published_without_recorded_sign_offs(draft: Path) -> None:
    with pytest.raises(PublicationError, match="is not signed off: two people approve it in Airflow"):
        publish_signed_off(draft)
    assert statuses() == {draft.name: "draft"}


@pytest.mark.parametrize("part", ["approvals", "seal", "reason", "mark", "draft"])
def test_sign_offs_written_by_hand_are_not_taken(signed: Path, part: str) -> None:
    path = sign_offs_of(signed)
    record = json.loads(path.read_text(encoding="utf-8"))
    if part == "approvals":
        record["approvals"][0]["approver"] = "somebody.else"
    else:
        record[part] = "0" * 64
    write_json(path, record)
    with pytest.raises(PublicationError, match="was not written by the sign-off in Airflow"):
        publish_signed_off(signed)
    assert not list(signed.parent.glob("v*"))


def test_sign_offs_are_of_the_draft_that_was_shown(signed: Path, reporting: Path) -> None:
    tables = reporting_rows()
    tables["mart_scrutiny_quarter"][0]["commentary"] = "Other words."
    write_reporting_copy(reporting, tables)
    again = freeze(QUARTER, "asset__2025-10-14T09:30", FROZEN)
    assert again == signed
    assert statuses() == {signed.name: "draft"}
    with pytest.raises(PublicationError, match="not the draft that was signed off"):
        publish_signed_off(signed)


def test_a_rejection_is_of_the_draft_that_was_shown(draft: Path, reporting: Path) -> None:
    said = {"seal": seal(draft), "rejected_by": "d.director", "rejected_at": "2025", "reason": "Check AD27"}
    write_json(rejection_of(draft), [said])
    assert statuses() == {draft.name: "rejected"}
    assert find_snapshot(f"{QUARTER}/{draft.name}").notice == "Check AD27"
    write_reporting_copy(reporting, reporting_rows())
    freeze(QUARTER, "asset__2025-10-14T09:30", FROZEN + dt.timedelta(days=1))
    assert statuses() == {draft.name: "draft"}, "mended and frozen again, it can be signed"


def test_whoever_started_the_run_does_not_sign_it_off(reporting: Path) -> None:
    draft = freeze(QUARTER, "run", FROZEN, built_by="D.Director")
    with pytest.raises(PublicationError, match=r"D\.Director started the run .* somebody else must"):
        publish(draft, APPROVALS)
    origin = json.loads((draft / "provenance.json").read_text(encoding="utf-8"))
    assert origin["built_by"] == "D.Director"
    assert list_snapshots()[0].history[0].by == "D.Director"


def test_a_withdrawn_version_is_kept_and_not_current(published: Path, home: Path) -> None:
    before = {path: path.read_bytes() for path in published.rglob("*") if path.is_file()}
    assert withdraw(published, WHY, "Director of Children's Services")
    assert statuses() == {"v1.0.0": "withdrawn"}
    assert {path: path.read_bytes() for path in published.rglob("*") if path.is_file()} == before
    assert verify(published) == []
    with pytest.raises(PublicationError, match=r"no version that is current.*v1\.0\.0 \(withdrawn\)"):
        find_snapshot(str(QUARTER))
    event = list_snapshots()[0].history[-1]
    assert (event.state, event.by, event.note) == ("withdrawn", "Director of Children's Services", WHY)
    (release,) = ledger.releases(home / "snapshots")
    assert release.figures, "its readers still have it"


def test_a_withdrawal_stands(published: Path) -> None:
    assert withdraw(published, WHY, "a.data")
    assert not withdraw(published, "Another reason", "d.director")
    assert json.loads(withdrawal_of(published).read_text(encoding="utf-8"))["reason"] == WHY


@pytest.mark.parametrize(("reason", "by"), [(" ", "a.data"), (WHY, "")])
def test_a_withdrawal_says_why_and_who(published: Path, reason: str, by: str) -> None:
    with pytest.raises(PublicationError, match="needs a reason"):
        withdraw(published, reason, by)
    assert statuses() == {"v1.0.0": "published"}


def test_a_draft_is_not_withdrawn(draft: Path) -> None:
    with pytest.raises(PublicationError, match="not a published version"):
        withdraw(draft, WHY, "a.data")


def test_after_a_withdrawal_a_correction_becomes_current(
    published: Path, reporting: Path, home: Path
) -> None:
    withdraw(published, WHY, "a.data")
    write_reporting_copy(reporting, reporting_rows())
    later = publish(freeze(QUARTER, "second", FROZEN), APPROVALS, "Counted once.")
    assert statuses() == {"v1.0.0": "withdrawn", later.name: "published"}
    page = (home / "snapshots" / "index.html").read_text(encoding="utf-8")
    assert "No version of this quarter is current" not in page


def links(page: html.HtmlElement) -> list[str]:
    return [str(href) for href in page.xpath("//main//a/@href") if not href.startswith("#")]


def test_the_catalogue_lists_all_that_is_published_and_what_replaced_what(past: Path) -> None:
    page = html.fromstring((past / "index.html").read_bytes())
    assert page.get("lang") == "en-GB"
    headings = [" ".join(each.text_content().split()) for each in page.xpath("//h2|//h3")]
    assert headings == [
        "Quarters",
        "July to September 2025",
        "Version 1.1.0: current",
        "Version 1.0.0: superseded",
        "April to June 2025",
        "Version 1.0.0: current",
    ]
    text = " ".join(page.text_content().split())
    assert f"It replaces version 1.0.0: {REASON}" in text
    assert "Replaced by version 1.1.0." in text
    assert "a.data" not in text, "who signed is told to officers only"
    for href in links(page):
        assert re.match(r"20\d\d-\d\d-Q[1-4]/v[\d.]+/public/", href)
        assert (past / href).is_file(), href
    assert f"{QUARTER}/v1.0.0/public/open_data/datapackage.json" in links(page)
    texts = [" ".join(each.text_content().split()) for each in page.xpath("//main//a")]
    assert len(texts) == len(set(texts)), "links with other targets have other texts"
    content = (past / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"(src|href)=\"(https?:)?//", content)
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {part for labels in page.xpath("//@aria-labelledby") for part in labels.split()} <= set(ids)


def test_the_catalogue_shows_a_notice_in_place_of_what_was_withdrawn(published: Path, home: Path) -> None:
    path = home / "snapshots" / "index.html"
    assert links(html.fromstring(path.read_bytes()))
    withdraw(published, f"{WHY} <script>", "d.director")
    text = path.read_text(encoding="utf-8")
    page = html.fromstring(text)
    assert links(page) == []
    assert "<script>" not in text
    said = " ".join(page.text_content().split())
    assert f"Withdrawn on {dt.datetime.now(dt.UTC).day} " in said
    assert WHY in said
    assert "No version of this quarter is current" in said
    assert "d.director" not in said
    assert page.xpath(f"//h3[@id='{QUARTER}-v1.0.0']"), "where the site leads readers of the version"


class Killed(BaseException):
    """Stands for a kill: nothing that catches errors catches it."""


def killed(*arguments: object, **named: object) -> None:
    raise Killed


@pytest.mark.parametrize(
    "name",
    [
        "write_revisions",
        "make_read_only",
        "_tidy",
        "write_catalogue",
    ],
)
def test_killed_at_any_point_it_is_published_whole_or_not_at_all(
    signed: Path, home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(f"scrutiny.snapshots.versions.{name}", killed)
        with pytest.raises(Killed):
            publish_signed_off(signed)
    for version in signed.parent.glob("v*"):
        assert verify(version) == []
    version = publish_signed_off(signed)
    assert verify(version) == []
    assert statuses() == {"v1.0.0": "published"}
    assert [release.version for release in ledger.releases(home / "snapshots")] == ["1.0.0"]
    assert "Version 1.0.0: current" in (home / "snapshots" / "index.html").read_text(encoding="utf-8")


def test_a_full_disk_leaves_the_catalogue_as_it_was(
    published: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (home / "snapshots" / "index.html").read_bytes()

    def full() -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(catalogue, "templates_of_pages", full)
        with pytest.raises(OSError, match="No space"):
            withdraw(published, WHY, "a.data")
    assert (home / "snapshots" / "index.html").read_bytes() == before
    assert not withdraw(published, WHY, "a.data"), "the notice was kept: again, it mends the catalogue"
    assert b"Withdrawn on" in (home / "snapshots" / "index.html").read_bytes()


def test_two_who_publish_the_same_draft_at_once_publish_it_once(signed: Path, home: Path) -> None:
    with ThreadPoolExecutor(2) as both:
        outcomes: list[Callable[[], Path]] = [
            both.submit(publish_signed_off, signed).result for _ in range(2)
        ]
        made = set()
        for outcome in outcomes:
            try:
                made.add(outcome().name)
            except (OSError, PublicationError):
                made.add("refused")
    assert "v1.0.0" in made
    assert statuses() == {"v1.0.0": "published"}
    assert len(ledger.releases(home / "snapshots")) == 1


def test_a_damaged_version_is_listed_as_such(published: Path) -> None:
    provenance = published / "provenance.json"
    provenance.chmod(0o644)
    provenance.write_text("{", encoding="utf-8")
    assert statuses() == {"v1.0.0": "damaged"}
