"""A frozen draft and a published version made from the small reporting copy; a browser where there is one."""

import os
import shutil
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from past import publish_past
from playwright.sync_api import Browser, sync_playwright
from reporting_copy import APPROVALS, FROZEN, QUARTER, RECEIPT, reporting_rows, write_reporting_copy

from scrutiny import landing, snapshots
from scrutiny.reports import edition
from scrutiny.settings import settings

OFFLINE = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session", autouse=True)
def documents_made_once() -> Iterator[None]:
    """A document of the same content is set once for all tests: setting it takes longer than all the rest."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("pdf", "word"):
            patch.setattr(edition, name, lru_cache(maxsize=32)(getattr(edition, name)))
        yield


@pytest.fixture
def reporting(home: Path) -> Path:
    """A home whose reporting copy and receipts hold the made-up quarter; returns the reporting folder."""
    landing.save(RECEIPT)
    write_reporting_copy(home / "reporting", reporting_rows())
    return home / "reporting"


@pytest.fixture
def draft(reporting: Path) -> Path:
    """A draft of the made-up quarter that a test may publish or damage."""
    return snapshots.freeze(QUARTER, "asset__2025-10-14T09:30", FROZEN)


@pytest.fixture(scope="session")
def version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up quarter, published once for all tests that only read it."""
    home = tmp_path_factory.mktemp("published")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCRUTINY_HOME", str(home))
        settings.cache_clear()
        landing.save(RECEIPT)
        write_reporting_copy(home / "reporting", reporting_rows())
        published = snapshots.publish(snapshots.freeze(QUARTER, "asset__2025-10-14T09:30", FROZEN), APPROVALS)
    settings.cache_clear()
    return published


@pytest.fixture(scope="session")
def past_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the made-up past, made once for all tests that only read it."""
    home = tmp_path_factory.mktemp("past")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCRUTINY_HOME", str(home))
        settings.cache_clear()
        publish_past(home)
    settings.cache_clear()
    return home


@pytest.fixture
def past(past_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The snapshots of the made-up past, with the settings pointing there: to be read, not changed."""
    monkeypatch.setenv("SCRUTINY_HOME", str(past_home))
    monkeypatch.setenv("SCRUTINY_DEMO", "true")
    settings.cache_clear()
    yield past_home / "snapshots"
    settings.cache_clear()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium. Where there is none the browser tests are skipped, but in CI they fail."""
    chromium = shutil.which("chromium")
    if chromium is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing: .ci/browser should have installed it.")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=OFFLINE)
        yield opened
        opened.close()
