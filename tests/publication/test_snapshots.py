"""Freezing, signing off, publishing and verifying a quarter."""

import csv
import dataclasses
import datetime as dt
import json
import shutil
import stat
from pathlib import Path

import duckdb
import pytest
from reporting_copy import APPROVALS, FROZEN, QUARTER, RECEIPT, Tables, reporting_rows, write_reporting_copy

from scrutiny import landing, snapshots
from scrutiny.periods import Quarter
from scrutiny.reports.figures import columns_of, read_figures, read_reporting_copy
from scrutiny.reports.view import shown_points
from scrutiny.settings import settings
from scrutiny.snapshots import PublicationError, freeze, list_snapshots, publish, seal, verify
from scrutiny.snapshots.disclosure import decide
from scrutiny.snapshots.manifest import write_manifest


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def unlock(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def copied(version: Path, tmp_path: Path) -> Path:
    """A copy of a published version that a test may damage."""
    copy = tmp_path / "copy" / version.name
    shutil.copytree(version, copy)
    return copy


def correct(reporting: Path, change: Tables | None = None) -> Path:
    """Freeze the quarter again, after the reporting copy changed."""
    write_reporting_copy(reporting, change if change is not None else reporting_rows())
    return freeze(QUARTER, "second run", FROZEN)


def test_a_version_holds_figures_rules_editions_and_provenance(version: Path) -> None:
    assert version.name == "v1.0.0"
    assert verify(version) == []
    assert {path.name for path in version.iterdir()} == {
        "figures",
        "rules",
        "public",
        "officer",
        "review",
        "disclosure.json",
        "revisions.csv",
        "revisions.parquet",
        "provenance.json",
        "MANIFEST.sha256",
    }
    for edition in ("public", "officer"):
        names = {path.name for path in (version / edition).iterdir()}
        assert {"index.html", "front-door.html", "pack.pdf", "pack.docx", "workbook.xlsx", "tables"} <= names
        assert ("open_data" in names) is (edition == "public")


def test_a_version_older_than_a_frozen_table_reads_without_it(version: Path, tmp_path: Path) -> None:
    old = copied(version, tmp_path) / "figures"
    unlock(old)
    (old / "mart_forecast.parquet").unlink()
    with pytest.raises(FileNotFoundError):
        read_figures(old, QUARTER)  # its own dictionary names it, so it is damaged
    dictionary = old / "data_dictionary.csv"
    lines = dictionary.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("mart_forecast,")]
    dictionary.write_text("".join(kept), encoding="utf-8")
    figures = read_figures(old, QUARTER)
    assert figures.rows("mart_forecast") == []
    assert figures.tables["mart_forecast"].schema.names == [
        column.name for column in columns_of()["mart_forecast"]
    ]
    assert figures.rows("mart_spc_series")


def test_what_a_later_load_concluded_is_no_part_of_the_quarter(reporting: Path) -> None:
    tables = reporting_rows()
    later = {"month": "2025-10"}
    for name in ("mart_spc_series", "mart_forecast", "mart_early_warning", "mart_budget_monitoring"):
        tables[name] = [row | later for row in tables[name]]
    tables["mart_action"][0] |= {"raised_date": dt.date(2025, 10, 2)}
    tables["mart_action"][2] |= {"closed_date": dt.date(2025, 6, 30)}
    path = write_reporting_copy(reporting, tables)
    figures = read_reporting_copy(path, QUARTER)
    for name in ("mart_spc_point", "mart_forecast", "mart_early_warning", "mart_budget_monitoring"):
        assert figures.rows(name) == [], name
    assert [row["action_id"] for row in figures.rows("mart_action")] == ["ACT-2", "ACT-4"]


def test_the_frozen_figures_are_the_marts(draft: Path, reporting: Path) -> None:
    with duckdb.connect(str(reporting / "current.duckdb"), read_only=True) as database:
        for table in columns_of():
            frozen = draft / "figures" / f"{table}.parquet"
            differing = database.execute(
                f"(from reporting.{table} except from '{frozen}') "
                f"union (from '{frozen}' except from reporting.{table})"
            ).fetchall()
            assert differing == [], table


def test_the_data_dictionary_names_every_frozen_column(version: Path) -> None:
    with (version / "figures" / "data_dictionary.csv").open(encoding="utf-8", newline="") as lines:
        named = {(row["table"], row["column"]) for row in csv.DictReader(lines) if row["description"]}
    found = set()
    for path in (version / "figures").glob("*.csv"):
        if path.stem != "data_dictionary":
            with path.open(encoding="utf-8", newline="") as lines:
                found |= {(path.stem, column) for column in next(csv.reader(lines))}
    assert named == found


def test_provenance_says_where_the_figures_come_from(version: Path) -> None:
    origin = json.loads((version / "provenance.json").read_text(encoding="utf-8"))
    assert origin["reporting_copy"]["name"] == "2025-09_r1.duckdb"
    assert origin["airflow_run_id"] == "asset__2025-10-14T09:30"
    assert origin["deliveries"] == [
        {
            "dataset": "cin",
            "delivery_id": RECEIPT.delivery_id,
            "files": ["a" * 64],
            "load_month": "2025-09",
            "period_end": "2026-03-31",
        }
    ]
    assert origin["indicator_versions"]["FD07"] == "1"
    assert len(origin["code"]["requirements_lock_sha256"]) == 64
    assert set(origin["rules"]) >= {"rag_rules.csv", "indicators.csv", "targets.csv", "disclosure_rules.csv"}
    assert origin["validation"] == [
        {"checked": 640, "dataset": "cin", "failed": 8, "rules": 1, "severity": "error"}
    ]
    assert [approval["approver"] for approval in origin["approvals"]] == ["a.data", "d.director"]
    assert origin["published_at"] == "2025-10-16T00:00:00+00:00"


def test_provenance_lists_the_deliveries_the_build_used(home: Path, reporting: Path) -> None:
    """Also one of a later month, when a quarter is corrected; never one that the build had replaced."""
    tables = reporting_rows()
    known = tables["mart_delivery"][0]
    for month, is_in_force, is_in_force_at_its_date in (
        ("2025-07", False, False),
        ("2025-08", False, True),
        ("2025-10", True, True),
    ):
        identity = {"delivery_id": f"999-cin-{month}-cccccccccc", "load_month": month}
        landing.save(RECEIPT.model_copy(update=identity))
        flags = {"is_in_force": is_in_force, "is_in_force_at_its_date": is_in_force_at_its_date}
        tables["mart_delivery"].append({**known, **identity, **flags})
    landing.save(RECEIPT.model_copy(update={"delivery_id": "999-cin-2025-11-dddddddddd"}))
    draft = correct(reporting, tables)
    origin = json.loads((draft / "provenance.json").read_text(encoding="utf-8"))
    assert [delivery["delivery_id"] for delivery in origin["deliveries"]] == [
        "999-cin-2025-08-cccccccccc",
        RECEIPT.delivery_id,
        "999-cin-2025-10-cccccccccc",
    ]


def test_a_published_version_is_read_only(version: Path) -> None:
    for path in (version, *version.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o555 if path.is_dir() else 0o444)


def test_the_same_copy_and_approvals_give_the_same_bytes(draft: Path) -> None:
    version = publish(draft, APPROVALS)
    before = contents(version)
    unlock(version)
    shutil.rmtree(version)
    again = publish(freeze(QUARTER, "asset__2025-10-14T09:30", FROZEN), list(reversed(APPROVALS)))
    assert contents(again) == before


def test_nothing_is_published_from_the_reporting_copy_after_the_draft(draft: Path, reporting: Path) -> None:
    tables = reporting_rows()
    tables["mart_scrutiny_quarter"][0]["value"] = 999.9
    write_reporting_copy(reporting, tables)
    assert "999.9" not in (publish(draft, APPROVALS) / "officer" / "index.html").read_text(encoding="utf-8")


def test_a_draft_says_that_it_is_one(draft: Path) -> None:
    assert verify(draft) == []
    assert "Draft for sign-off" in (draft / "public" / "index.html").read_text(encoding="utf-8")


def test_freezing_again_in_the_same_run_replaces_the_draft(draft: Path) -> None:
    before = contents(draft)
    assert freeze(QUARTER, "asset__2025-10-14T09:30", FROZEN) == draft
    assert contents(draft) == before


@pytest.mark.parametrize("leftover", [".v1.0.0", ".draft-asset-2025-10-14T09-30"])
def test_what_a_killed_run_left_is_cleared(draft: Path, leftover: str) -> None:
    stale = draft.parent / leftover / "public"
    stale.mkdir(parents=True)
    (stale / "index.html").write_text("half a page", encoding="utf-8")
    stale.chmod(0o555)
    assert freeze(QUARTER, "asset__2025-10-14T09:30", FROZEN) == draft
    version = publish(draft, APPROVALS)
    assert verify(version) == []
    assert not (draft.parent / leftover).exists()


def test_publishing_a_draft_twice_is_publishing_it_once(draft: Path) -> None:
    kept = draft.parent / "kept"
    shutil.copytree(draft, kept)
    version = publish(draft, APPROVALS)
    before = contents(version)
    kept.rename(draft)  # as if the process had been killed before the draft was removed
    assert publish(draft, APPROVALS) == version
    assert contents(version) == before
    assert not draft.exists()
    assert publish(draft, APPROVALS) == version


def test_a_published_quarter_is_not_published_again_without_a_reason(draft: Path, reporting: Path) -> None:
    version = publish(draft, APPROVALS)
    before = contents(version)
    with pytest.raises(PublicationError, match=r"published already as v1\.0\.0"):
        publish(correct(reporting), APPROVALS)
    assert contents(version) == before
    assert verify(version) == []


def changed_words(tables: Tables) -> None:
    tables["mart_scrutiny_quarter"][0]["commentary"] = "Corrected commentary."


def changed_figure(tables: Tables) -> None:
    tables["mart_scrutiny_quarter"][0]["value"] += 0.1


def lost_indicator(tables: Tables) -> None:
    for rows in tables.values():
        rows[:] = [row for row in rows if row.get("indicator_id") != "FD06"]


@pytest.mark.parametrize(
    ("change", "number"),
    [(changed_words, "v1.0.1"), (changed_figure, "v1.1.0"), (lost_indicator, "v2.0.0")],
)
def test_a_correction_is_numbered_by_what_changed(draft: Path, reporting: Path, change, number: str) -> None:
    version = publish(draft, APPROVALS)
    tables = reporting_rows()
    change(tables)
    later = publish(correct(reporting, tables), APPROVALS, "Late recording was added.")
    assert later.name == number
    assert verify(later) == []
    assert verify(version) == []
    assert "Late recording was added." in (later / "public" / "index.html").read_text(encoding="utf-8")
    assert [(found.version, found.status) for found in list_snapshots()] == [
        ("1.0.0", "superseded"),
        (number.removeprefix("v"), "published"),
    ]


SECOND = APPROVALS[1]


@pytest.mark.parametrize(
    ("approvals", "said"),
    [
        ([], "0 of 2 approvals"),
        ([SECOND], "1 of 2 approvals"),
        (
            [SECOND, dataclasses.replace(SECOND, approver=" D.Director", role="Data owner")],
            "1 of 2 approvals",
        ),
        ([SECOND, dataclasses.replace(SECOND, approver=" ")], "needs an approver"),
        ([SECOND, dataclasses.replace(APPROVALS[0], role="")], "needs an approver"),
        (
            [SECOND, dataclasses.replace(APPROVALS[0], approved_at=dt.datetime(2025, 10, 15))],
            "time zone",
        ),
        (
            [SECOND, dataclasses.replace(APPROVALS[0], approved_at=FROZEN - dt.timedelta(seconds=1))],
            "older than the draft",
        ),
    ],
)
def test_publication_needs_two_people(draft: Path, approvals: list[snapshots.Approval], said: str) -> None:
    with pytest.raises(PublicationError, match=said):
        publish(draft, approvals)
    assert [found.status for found in list_snapshots()] == ["draft"]


def test_a_draft_that_was_touched_is_not_published(draft: Path) -> None:
    page = draft / "public" / "index.html"
    page.write_text(page.read_text(encoding="utf-8").replace("Red", "Green"), encoding="utf-8")
    with pytest.raises(PublicationError, match=r"public/index\.html: changed"):
        publish(draft, APPROVALS)


def test_a_draft_that_took_the_place_of_the_signed_one_is_not_published(draft: Path) -> None:
    signed = seal(draft)
    page = draft / "public" / "index.html"
    page.write_text(page.read_text(encoding="utf-8").replace("Red", "Green"), encoding="utf-8")
    write_manifest(draft)
    assert verify(draft) == []
    with pytest.raises(PublicationError, match="not the draft that was signed off"):
        publish(draft, APPROVALS, signed_seal=signed)
    version = publish(draft, APPROVALS, signed_seal=seal(draft))
    assert json.loads((version / "provenance.json").read_text(encoding="utf-8"))["draft_seal"] != signed


def flip_a_byte(copy: Path) -> None:
    path = copy / "figures" / "mart_scrutiny_quarter.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def add_a_file(copy: Path) -> None:
    (copy / "public" / "extra.html").write_text("", encoding="utf-8")


def remove_a_file(copy: Path) -> None:
    (copy / "public" / "workbook.xlsx").unlink()


def link_a_file(copy: Path) -> None:
    (copy / "public" / "workbook.xlsx").unlink()
    (copy / "public" / "workbook.xlsx").symlink_to(copy / "officer" / "workbook.xlsx")


def spoil_the_manifest(copy: Path) -> None:
    path = copy / "MANIFEST.sha256"
    path.write_text(path.read_text(encoding="utf-8") + "not a checksum\n", encoding="utf-8")


def remove_the_manifest(copy: Path) -> None:
    (copy / "MANIFEST.sha256").unlink()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (flip_a_byte, "figures/mart_scrutiny_quarter.parquet: changed"),
        (add_a_file, "public/extra.html: not in the manifest"),
        (remove_a_file, "public/workbook.xlsx: missing"),
        (link_a_file, "public/workbook.xlsx: a link"),
        (spoil_the_manifest, "not a checksum"),
        (remove_the_manifest, "MANIFEST.sha256 is missing"),
    ],
)
def test_verify_finds_what_was_tampered_with(version: Path, tmp_path: Path, damage, said: str) -> None:
    copy = copied(version, tmp_path)
    unlock(copy)
    damage(copy)
    for path in (*copy.rglob("*"), copy):
        if not path.is_symlink():
            path.chmod(0o555 if path.is_dir() else 0o444)
    problems = verify(copy)
    assert len(problems) == 1
    assert said in problems[0]


def test_verify_finds_what_is_writable(version: Path, tmp_path: Path) -> None:
    copy = copied(version, tmp_path)
    (copy / "public" / "index.html").chmod(0o644)
    assert verify(copy) == ["v1.0.0/public/index.html: writable; a published version is read-only."]


def test_verify_says_when_there_is_nothing(tmp_path: Path) -> None:
    assert verify(tmp_path / "v9.9.9") == [
        f"{tmp_path / 'v9.9.9'} is not a snapshot: there is no such folder."
    ]


def test_a_draft_without_provenance_is_listed_as_damaged(draft: Path) -> None:
    (draft / "provenance.json").unlink()
    assert [found.status for found in list_snapshots()] == ["damaged"]


def test_there_is_nothing_to_list_in_an_empty_home(home: Path) -> None:
    assert list_snapshots() == []


def test_freezing_needs_a_reporting_copy(home: Path) -> None:
    with pytest.raises(PublicationError, match="There is no reporting copy"):
        freeze(QUARTER, "run")


def test_freezing_needs_the_quarter(reporting: Path) -> None:
    with pytest.raises(PublicationError, match=r"no figures for 2025-26-Q3\. Load 2025-12 first"):
        freeze(Quarter.parse("2025-26-Q3"), "run")


def test_freezing_needs_every_month_of_the_quarter(reporting: Path) -> None:
    tables = reporting_rows()
    tables["fct_measure_month"] = [row for row in tables["fct_measure_month"] if row["month"] != "2025-08"]
    with pytest.raises(PublicationError, match="no figures for 2025-08"):
        correct(reporting, tables)


def test_freezing_needs_every_column(reporting: Path) -> None:
    path = (reporting / "current.duckdb").resolve()
    with duckdb.connect(str(path)) as database:
        database.execute("alter table reporting.mart_event drop column kind")
    with pytest.raises(PublicationError, match="kind"):
        freeze(QUARTER, "run")


def test_freezing_takes_the_publishing_authority_alone(reporting: Path) -> None:
    tables = reporting_rows()
    for name, rows in tables.items():
        if rows and "authority_code" in rows[0]:
            tables[name] = [*rows, *({**row, "authority_code": "998"} for row in rows)]
    alone = read_reporting_copy(reporting / "current.duckdb", QUARTER)
    correct(reporting, tables)
    beside_another = read_reporting_copy(reporting / "current.duckdb", QUARTER)
    assert beside_another.tables == alone.tables


def test_freezing_needs_the_publishing_authority(reporting: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRUTINY_AUTHORITY", "997")
    settings.cache_clear()
    with pytest.raises(PublicationError, match="does not hold the authority 997"):
        freeze(QUARTER, "run")


def test_what_is_not_for_the_pack_is_not_frozen(reporting: Path) -> None:
    tables = reporting_rows()
    for row in tables["dim_indicator"]:
        row["is_in_scrutiny_pack"] = row["indicator_id"] != "LV02"
    write_reporting_copy(reporting, tables)
    figures = read_reporting_copy(reporting / "current.duckdb", QUARTER)
    for table in ("dim_indicator", "mart_scrutiny_quarter", "fct_indicator_value", "fct_measure_month"):
        held = {row["indicator_id"] for row in figures.rows(table)}
        assert held, table
        assert "LV02" not in held, table


def test_an_indicator_is_what_the_version_of_the_quarter_says(reporting: Path) -> None:
    """Versions before and to come are medians and not in the pack: neither is what the quarter shows."""
    tables = reporting_rows()
    (now,) = (row for row in tables["dim_indicator"] if row["indicator_id"] == "LV02")
    before = {"version": "0", "valid_from": "2019-20", "valid_to": "2022-23", "is_in_scrutiny_pack": False}
    older = now | before | {"title": "Before", "statistic": "median", "measure_kind": "stock"}
    tables["dim_indicator"] = [older, *tables["dim_indicator"], older | {"version": "9"}]
    write_reporting_copy(reporting, tables)
    figures = read_reporting_copy(reporting / "current.duckdb", QUARTER)
    assert figures.register()["LV02"]["title"] == now["title"]
    assert len(figures.register()) == len(reporting_rows()["dim_indicator"])
    write_reporting_copy(reporting, reporting_rows())
    alone = read_reporting_copy(reporting / "current.duckdb", QUARTER)
    assert shown_points(figures) == shown_points(alone)
    assert decide(figures, settings().seeds, []) == decide(alone, settings().seeds, [])


def test_freezing_leaves_nothing_behind_when_it_fails(reporting: Path, home: Path) -> None:
    tables = reporting_rows()
    tables["dim_indicator"] = [row for row in tables["dim_indicator"] if row["indicator_id"] != "LV02"]
    with pytest.raises(PublicationError, match="LV02 has a headline"):
        correct(reporting, tables)
    assert [path.name for path in (home / "snapshots" / str(QUARTER)).iterdir()] == [".lock"]


@pytest.mark.parametrize("other", [b"\r", b"\x0b", b"\x1c", b""])
def test_no_byte_of_the_manifest_can_change(version: Path, tmp_path: Path, other: bytes) -> None:
    copy = copied(version, tmp_path)
    unlock(copy)
    manifest = copy / "MANIFEST.sha256"
    whole = manifest.read_bytes()
    last = whole.rindex(b"\n")
    for place in (whole.index(b"\n"), last):
        manifest.write_bytes(whole[:place] + other + whole[place + 1 :])
        assert any("MANIFEST" in problem for problem in verify(copy)), (place, other)
