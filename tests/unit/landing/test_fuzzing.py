"""Whatever arrives ends accepted, partly set aside or rejected with a reason: never a fault, never half."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrutiny import datasets, landing
from scrutiny.datasets import DATASETS, Unreadable
from scrutiny.feeds import Feed, feeds
from scrutiny.landing import Receipt
from scrutiny.load import load_feed
from scrutiny.periods import Month
from scrutiny.settings import settings as scrutiny_settings
from tests.unit.landing.mutations import (
    CANARY,
    VALID,
    Files,
    delivery,
    forms,
    grids,
    mutated,
    packed,
)

FIXED = settings(
    max_examples=16,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
WHOLE_LOADS = settings(FIXED, max_examples=2)
SEEDS = st.integers(0, 2**32)


def drop(dataset: str, files: Files) -> tuple[Feed, Month]:
    """Put a delivery into an emptied home; gives the feed and month to load."""
    shutil.rmtree(scrutiny_settings().home, ignore_errors=True)
    feed = next(feed for feed in feeds() if (feed.dataset, feed.authority_code) == (dataset, "999"))
    month = Month.parse(str(VALID[dataset]["delivery"]["load_month"]))
    for name, content in files.items():
        path = scrutiny_settings().inbox / feed.location / str(month) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return feed, month


def assert_told(rule: str, what: str, where: str, action: str) -> None:
    assert all((rule, what, where, action))
    assert CANARY not in f"{rule} {what} {where} {action}"


def assert_whole(receipts: list[Receipt]) -> None:
    """The landing store holds the files of the receipts, whole, and nothing else."""
    home = scrutiny_settings().home
    named = {file.sha256 for r in receipts for file in (*r.files, *([r.archive] if r.archive else []))}
    stored = {path for path in (home / "landing/files").rglob("*") if path.is_file()}
    archives = {receipt.archive.sha256 for receipt in receipts if receipt.archive}
    assert named - archives <= {path.name for path in stored} <= named
    assert all(hashlib.sha256(path.read_bytes()).hexdigest() == path.name for path in stored)
    assert [path for path in home.rglob("*") if path.suffix == ".tmp" or path.parent.name == "work"] == []


@pytest.mark.parametrize("dataset", DATASETS)
def test_a_valid_delivery_can_be_read_in_every_form(home: Path, dataset: str) -> None:
    """Otherwise the tests below would break what is broken already."""
    for form in forms(dataset):
        [receipt] = landing.receive(*drop(dataset, delivery(dataset, form, grids(dataset))))
        assert (receipt.outcome, receipt.reason) == ("received", None), form
        tables = datasets.read(receipt)
        assert {name: table.num_rows for name, table in tables.items() if table.num_rows} == {
            name: len(grid) - 1 for name, grid in grids(dataset).items() if len(grid) > 1
        }


@pytest.mark.parametrize("dataset", DATASETS)
def test_a_broken_delivery_is_read_or_refused_with_a_reason(home: Path, dataset: str) -> None:
    @FIXED
    @given(seed=SEEDS)
    def check(seed: int) -> None:
        receipts = landing.receive(*drop(dataset, mutated(dataset, Random(seed))))  # noqa: S311
        for receipt in receipts:
            if receipt.outcome == "rejected":
                assert receipt.reason is not None
                assert_told(**receipt.reason.model_dump())
                continue
            try:
                datasets.read(receipt)
            except Unreadable as fault:
                assert_told(fault.rule, fault.what, fault.where, fault.action)
        assert_whole(receipts)

    check()


@pytest.mark.parametrize("dataset", DATASETS)
def test_a_broken_delivery_is_loaded_or_rejected_whole(home: Path, dataset: str) -> None:
    @WHOLE_LOADS
    @given(seed=SEEDS)
    def check(seed: int) -> None:
        load_feed(*drop(dataset, mutated(dataset, Random(seed))))  # noqa: S311
        assert_ended()

    check()


def assert_ended() -> None:
    """Every delivery of a load came to an end, and what is left of it is what its outcome says."""
    receipts, home = landing.receipts(), scrutiny_settings().home
    assert_whole(receipts)
    assert {receipt.outcome for receipt in receipts} <= {"accepted", "rejected", "duplicate"}
    staged = {path.stem for path in (home / "staged").rglob("authority=999/*.parquet")}
    assert staged == {receipt.delivery_id for receipt in receipts if receipt.outcome == "accepted"}
    for receipt in receipts:
        if receipt.reason:
            assert_told(**receipt.reason.model_dump())
        if receipt.outcome != "duplicate":
            folder = home / "quarantine" / receipt.delivery_id
            for name in ("errors.csv", "report.html"):
                assert CANARY.encode() not in (folder / name).read_bytes()


def test_nothing_of_a_refused_archive_stays_in_the_store(home: Path) -> None:
    """The first file of an archive is good, the second is broken or an archive itself."""
    good = delivery("targets", "csv", grids("targets"))
    content = packed({"a.csv": next(iter(good.values())), "b.csv": packed({"c.csv": b"x"})})
    [receipt] = landing.receive(*drop("targets", {"targets.zip": content}))
    assert receipt.reason is not None
    assert receipt.reason.rule == "archive_nested"
    assert_whole([receipt])


def test_an_archive_whose_list_points_before_its_beginning_is_refused(home: Path) -> None:
    content = bytearray(packed({"a.csv": b"A,B\n" * 100, "b.csv": b"x" * 100}))
    end = content.rindex(b"PK\x05\x06")
    at = int.from_bytes(content[end + 16 : end + 20], "little")
    content[end + 16 : end + 20] = (at + 1_000).to_bytes(4, "little")
    [receipt] = landing.receive(*drop("targets", {"targets.zip": bytes(content)}))
    assert receipt.reason is not None
    assert receipt.reason.rule == "archive_broken"


def test_a_reporting_period_before_all_years_is_refused(home: Path) -> None:
    tables = grids("cld")
    for row in tables["events"][1:]:
        row[1:3] = ["01/08/0001", "31/07/0001"]
    [receipt] = landing.receive(*drop("cld", delivery("cld", "csv", tables)))
    assert receipt.reason is not None
    assert receipt.reason.rule == "wrong_period"


@pytest.mark.parametrize("names", [["A"], [f"C{number}" for number in range(20_000)]])
def test_a_header_of_very_many_columns_is_refused_at_once(home: Path, names: list[str]) -> None:
    content = ",".join(names * (200_000 // len(names))).encode()
    [receipt] = landing.receive(*drop("targets", {"targets.csv": content}))
    assert receipt.reason is not None
    assert receipt.reason.rule == "too_many_columns"


_SHEET = b"<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData>"
_END = b"</sheetData></worksheet>"
_TEXT = b"<sst xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><si><t>%s</t></si></sst>"
_HUGE: dict[str, dict[str, bytes]] = {
    "a cell far out": {"sheet": _SHEET + b"<row r='9'><c r='XFD1048576'><v>1</v></c></row>" + _END},
    "cells without places": {
        "sheet": _SHEET
        + b"<row>"
        + b"<c><v>1</v></c>" * 16_000
        + b"</row>"
        + b"<row><c/></row>" * 60_000
        + _END
    },
    "a text repeated": {
        "sheet": _SHEET + b"<row r='1'>" + b"<c t='s'><v>0</v></c>" * 100_000 + b"</row>" + _END,
        "texts": _TEXT % (b"x" * 100_000),
    },
}


def huge_workbook(sheet: bytes, texts: bytes | None = None) -> bytes:
    """A small workbook that takes more memory than there is once its first sheet is set out."""
    with zipfile.ZipFile(
        io.BytesIO(next(iter(delivery("targets", "xlsx", grids("targets")).values())))
    ) as made:
        parts = {name: made.read(name) for name in made.namelist()}
    parts["xl/worksheets/sheet1.xml"] = sheet
    if texts:
        parts["xl/sharedStrings.xml"] = texts
    return packed(parts)


@pytest.mark.parametrize("kind", _HUGE)
def test_a_workbook_that_would_not_fit_into_memory_is_refused(home: Path, kind: str) -> None:
    [receipt] = landing.receive(*drop("targets", {"targets.xlsx": huge_workbook(**_HUGE[kind])}))
    assert receipt.reason is not None
    assert receipt.reason.rule == "workbook_too_big"


_GIBIBYTE_IN_KIB = 1 << 20


def test_small_files_that_unpack_to_much_take_less_than_a_gibibyte(home: Path) -> None:
    """In a process of its own, whose peak memory can be asked for."""
    entity = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 12))
    bombs: dict[str, Files] = {
        "targets": {
            **{f"{number}.xlsx": huge_workbook(**parts) for number, parts in enumerate(_HUGE.values())},
            "zeros.zip": packed({"a.csv": bytes(50_000_000)}),
            "wide.csv": b"A," * 2_000_000,
            "quoted.csv": b'Indicator,"' + b"x" * 30_000_000,
        },
        "cin": {
            "entities.xml": f"<!DOCTYPE Message [<!ENTITY e0 'x'>{entity}]><Message>&e11;</Message>".encode(),
            "deep.xml": b"<Message>" + b"<Child>" * 2_000_000,
        },
    }
    for dataset, files in bombs.items():
        for name, content in files.items():
            feed, month = drop(dataset, {name: content})
            script = (
                "from pathlib import Path; from scrutiny.load import load_feed; "
                "from scrutiny.feeds import feeds; from scrutiny.periods import Month; "
                f"feed = next(f for f in feeds() if f.feed == {feed.feed!r}); "
                f"done = load_feed(feed, Month.parse('{month}')); "
                # Not getrusage: that starts at the high-water mark of the process that started this one.
                "peak = Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]; "
                "print(done.rejected, peak)"
            )
            ran = subprocess.run(
                [sys.executable, "-c", script],
                capture_output=True,
                text=True,
                check=False,
                env=dict(os.environ),
            )
            assert ran.returncode == 0, f"{name}: {ran.stderr[-500:]}"
            rejected, peak = map(int, ran.stdout.split())
            assert rejected == 1, name
            assert peak < _GIBIBYTE_IN_KIB, f"{name} took {peak >> 10} MiB"
