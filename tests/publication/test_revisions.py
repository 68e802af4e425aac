"""Figures that are not what was published: found, classified, explained, and told no more than may be."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from past import BEFORE, REDEFINED, REVISED, REVISED_BY_FEW
from reporting_copy import QUARTER, figures_of, reporting_rows

from scrutiny.settings import PROJECT
from scrutiny.snapshots.ledger import Figure, Release
from scrutiny.snapshots.revisions import (
    CORRECTION,
    DEFINITION,
    LATE,
    METHOD,
    Published,
    _by_deliveries,
    frozen_revisions,
    read_revisions,
    same,
)

JUNE = str(BEFORE.months[2])


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_first_publication_revises_nothing(past: Path) -> None:
    version = past / str(BEFORE) / "v1.0.0"
    assert read_revisions(version) == ()
    assert not (version / "public" / "tables" / "revisions.csv").exists()
    page = (version / "public" / "changes.html").read_text(encoding="utf-8")
    assert "This is the first publication" in page


def test_every_figure_that_changed_is_frozen_as_first_published_and_now(past: Path) -> None:
    found = {each.indicator_id: each for each in read_revisions(past / str(QUARTER) / "v1.0.0")}
    assert set(found) == {REVISED, REVISED_BY_FEW, REDEFINED}
    assert {each.month for each in found.values()} == {JUNE}
    revised = found[REVISED]
    assert revised.first_published_in == revised.last_published_in == f"{BEFORE} v1.0.0"
    assert revised.first_numerator == revised.last_numerator
    assert (revised.numerator or 0) - (revised.first_numerator or 0) == 20
    assert revised.is_since_last_time
    assert found[REDEFINED].revision_class == DEFINITION
    assert found[REVISED].revision_class == LATE, "an extract came since"


def test_the_public_edition_lists_only_what_it_showed_and_shows(past: Path) -> None:
    """A figure that changed by few people is shown as it was, so that it changed may not be told either."""
    version = past / str(QUARTER) / "v1.0.0"
    officers, public = (
        rows(version / edition / "tables" / "revisions.csv") for edition in ("officer", "public")
    )
    assert {row["indicator_id"] for row in officers} == {REVISED, REVISED_BY_FEW, REDEFINED}
    assert {row["indicator_id"] for row in public} == {REVISED, REDEFINED}
    before = {
        (row["indicator_id"], row["month"]): row["value"]
        for row in rows(past / str(BEFORE) / "v1.0.0" / "public" / "tables" / "series.csv")
    }
    now = {
        (row["indicator_id"], row["month"]): row["value"]
        for row in rows(version / "public" / "tables" / "series.csv")
    }
    for row in public:
        key = (row["indicator_id"], row["month"])
        assert row["first_value"] == before[key]
        assert row["value"] == now[key]
        assert before[key] != now[key]
    assert now[REVISED_BY_FEW, JUNE] == before[REVISED_BY_FEW, JUNE]


def test_the_pack_has_a_section_of_changes(past: Path) -> None:
    version = past / str(QUARTER) / "v1.0.0"
    for edition in ("public", "officer"):
        section = (version / edition / "changes.html").read_text(encoding="utf-8")
        assert "Compared with April to June 2025, version 1.0.0" in section
        assert "Defined or described in another way" in section
        assert 'href="tables/revisions.csv"' in section
        assert (f"#{REVISED_BY_FEW}" in section) is (edition == "officer")
    described = {row["table"] for row in rows(version / "public" / "tables" / "data_dictionary.csv")}
    assert "revisions" in described


def test_what_was_revised_before_and_not_since_is_told_from_what_is_new(past: Path) -> None:
    (revised,) = (
        each for each in read_revisions(past / str(QUARTER) / "v1.1.0") if each.indicator_id == REVISED
    )
    assert revised.first_published_in == f"{BEFORE} v1.0.0"
    assert revised.last_published_in == f"{QUARTER} v1.0.0"
    assert revised.first_value != revised.last_value == revised.value
    assert not revised.is_since_last_time
    page = (past / str(QUARTER) / "v1.1.0" / "public" / "changes.html").read_text(encoding="utf-8")
    assert "No figure shown here differs from what was last published." in page


def test_those_who_sign_off_see_what_changed_and_what_is_withheld(past: Path) -> None:
    first, corrected = (past / str(QUARTER) / name / "review" for name in ("v1.0.0", "v1.1.0"))
    changes = (first / "changes.html").read_text(encoding="utf-8")
    assert "3 of its figures are not what they were" in changes
    assert "Referrals within 12 months of another" in changes
    assert "Ratings and targets of this quarter" not in changes, "another quarter has others"
    changes = (corrected / "changes.html").read_text(encoding="utf-8")
    assert "No published figure has changed." in changes
    assert "Fewer than a year ago." in changes
    withheld = (first / "disclosure.html").read_text(encoding="utf-8")
    summary = json.loads((first.parent / "disclosure.json").read_text(encoding="utf-8"))
    assert f"{summary['figures_withheld']} withheld" in withheld
    assert "Shown as published before" in withheld
    for page in (changes, withheld):
        assert "not for publication" in page


def delivery(load_month: str, name: str = "a", dataset: str = "cin") -> Mapping[str, Any]:
    return {
        "delivery_id": f"{dataset}-{load_month}-{name}",
        "dataset": dataset,
        "load_month": load_month,
        "period_end": "2026-03-31",
    }


@pytest.mark.parametrize(
    ("now", "kind"),
    [
        ([delivery("2025-06")], METHOD),
        ([delivery("2025-06"), delivery("2025-09")], LATE),
        ([delivery("2025-06", "b")], CORRECTION),
        ([delivery("2025-06", "b"), delivery("2025-09")], CORRECTION),
        ([delivery("2025-06"), delivery("2025-09", dataset="cld")], METHOD),
    ],
)
def test_the_deliveries_tell_late_data_from_a_correction(now: list[Mapping[str, Any]], kind: str) -> None:
    assert _by_deliveries([delivery("2025-06")], now, {"cin"}) == kind


def test_a_recorded_reason_stands_for_the_indicators_and_months_it_names(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(PROJECT / "seeds", rules)
    reasons = rules / "revision_reasons.csv"
    header = reasons.read_text(encoding="utf-8").splitlines()[0]
    recorded = (
        f"{QUARTER},{REVISED},2025-06,2025-06,correction of data,The college sent its list again.,a.data,"
    )
    reasons.write_text(f"{header}\n{recorded}2025-10-13\n", encoding="utf-8")
    before, now = reporting_rows(), reporting_rows()
    for table in ("fct_indicator_value", "fct_measure_month"):
        for row in now[table]:
            if row["indicator_id"] == REVISED and row["month"] in ("2025-05", "2025-06"):
                row["numerator"] += 10
    release = Release(str(BEFORE), "1.0.0", "2025-07-16T00:00:00+00:00", "", ())
    published = [Published(release, figures_of(before), {"deliveries": []})]
    found = frozen_revisions(figures_of(now), {"deliveries": []}, published, rules)
    assert [(each.month, each.revision_class) for each in found] == [
        ("2025-05", METHOD),
        ("2025-06", CORRECTION),
    ]
    assert found[1].reason == "The college sent its list again."


def test_an_earlier_value_without_its_parts_is_the_same_figure() -> None:
    whole = Figure("LV02", "position", "2025-06", 7, 10, 70.0)
    assert same(whole, Figure("LV02", "position", "2025-06", None, None, 70.0))
    assert not same(whole, Figure("LV02", "position", "2025-06", 14, 20, 70.0))
    assert not same(whole, Figure("LV02", "position", "2025-06", 7, 10, None))
