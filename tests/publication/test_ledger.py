"""The release ledger: it holds what was published, only grows, and is whole or not changed at all."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from reporting_copy import APPROVALS, FROZEN, QUARTER, reporting_rows, write_reporting_copy

from scrutiny.reports.figures import PublicationError
from scrutiny.snapshots import freeze, ledger, publish
from scrutiny.snapshots.ledger import LEDGER


def rows(home: Path) -> list[str]:
    return (home / "snapshots" / LEDGER).read_text(encoding="utf-8").splitlines()


def revised(reporting: Path, more: float) -> None:
    """Raise a headline and its point of the series."""
    tables = reporting_rows()
    for name in ("mart_scrutiny_quarter", "fct_indicator_value", "fct_measure_month"):
        for row in tables[name]:
            if row["indicator_id"] == "LV02" and row.get("month", "2025-09") == "2025-09":
                row["numerator"] += more
    write_reporting_copy(reporting, tables)


def test_the_ledger_holds_every_figure_of_the_public_edition(draft: Path, home: Path) -> None:
    version = publish(draft, APPROVALS)
    (release,) = ledger.releases(home / "snapshots")
    assert (release.quarter, release.version) == (str(QUARTER), "1.0.0")
    named = {figure.key: figure for figure in release.figures}
    assert len(named) == len(release.figures) == len(rows(home)) - 1
    assert not any(figure.indicator_id == "CP10" for figure in release.figures)
    series = (version / "public" / "tables" / "series.csv").read_text(encoding="utf-8").splitlines()
    shown = [line for line in series[1:] if "withheld" not in line]
    assert len(shown) == len(named)


def test_the_ledger_only_grows(draft: Path, reporting: Path, home: Path) -> None:
    publish(draft, APPROVALS)
    before = rows(home)
    revised(reporting, 20.0)
    publish(freeze(QUARTER, "second", FROZEN), APPROVALS, "A late return.")
    assert rows(home)[: len(before)] == before
    assert len(rows(home)) > len(before)


def test_a_correction_by_few_people_does_not_show_the_new_figure(
    draft: Path, reporting: Path, home: Path
) -> None:
    publish(draft, APPROVALS)
    revised(reporting, 1.0)
    version = publish(freeze(QUARTER, "second", FROZEN), APPROVALS, "A late return.")
    assert "LV02" in (version / "public" / "tables" / "withheld.csv").read_text(encoding="utf-8")
    first, second = ledger.releases(home / "snapshots")
    assert {figure.key for figure in first.figures} - {figure.key for figure in second.figures} == {
        ("LV02", "position", "2025-09")
    }


def test_a_ledger_that_is_lost_is_made_again_the_same(draft: Path, home: Path) -> None:
    publish(draft, APPROVALS)
    path = home / "snapshots" / LEDGER
    before = path.read_bytes()
    path.unlink()
    ledger.releases(home / "snapshots")
    assert path.read_bytes() == before


def test_a_version_that_is_gone_is_still_in_the_ledger(draft: Path, home: Path) -> None:
    version = publish(draft, APPROVALS)
    for path in (version, *version.rglob("*")):
        path.chmod(0o755)
    shutil.rmtree(version)
    assert len(ledger.releases(home / "snapshots")) == 1


@pytest.mark.parametrize("damaged", ["ledger", "table"])
def test_a_figure_changed_afterwards_stops_what_would_follow(draft: Path, home: Path, damaged: str) -> None:
    version = publish(draft, APPROVALS)
    if damaged == "ledger":
        path = home / "snapshots" / LEDGER
        path.write_text(path.read_text(encoding="utf-8").replace("FD07", "FD08", 1), encoding="utf-8")
        said = "do not say the same"
    else:
        path = version / "public" / "tables" / "series.parquet"
        path.chmod(0o644)
        path.write_bytes(path.read_bytes() + b" ")
        said = "series.parquet: changed"
    with pytest.raises(PublicationError, match=said):
        freeze(QUARTER, "second", FROZEN)


def test_a_full_disk_leaves_the_ledger_as_it_was(
    draft: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            publish(draft, APPROVALS)
    assert not (home / "snapshots" / LEDGER).exists()
    assert [release.version for release in ledger.releases(home / "snapshots")] == ["1.0.0"]


def test_what_is_published_between_draft_and_sign_off_is_taken_into_account(
    draft: Path, reporting: Path
) -> None:
    """The same quarter was published with another number meanwhile, so the draft may not show its own."""
    revised(reporting, 3.0)
    other = freeze(QUARTER, "second", FROZEN)
    publish(draft, APPROVALS)
    with pytest.raises(PublicationError, match="since the draft was frozen"):
        publish(other, APPROVALS, "A late return.")


def test_two_publishers_at_once_are_both_in_the_ledger(draft: Path, home: Path) -> None:
    other = freeze(QUARTER, "second", FROZEN)
    with ThreadPoolExecutor(2) as both:
        made = list(both.map(lambda each: publish(each, APPROVALS, "A late return."), (draft, other)))
    assert {path.name for path in made} == {"v1.0.0", "v1.0.1"}
    assert len(ledger.releases(home / "snapshots")) == 2
