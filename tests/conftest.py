"""What every test has: telemetry off, and settings that point away from anybody's data."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from scrutiny import settings as settings_module

TESTS = Path(__file__).parent
TELEMETRY_OFF = {
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "SCARF_ANALYTICS": "false",
}
os.environ.update(TELEMETRY_OFF)
# Where tests are shared out each process is told a width; what a command prints is as wide as its test says.
os.environ.pop("COLUMNS", None)


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What two processes may share out: the tests of a file stay together, with the fixtures they wait for.

    So do the files that wait for the same build or demo. The rules of validation wait for nothing.
    """
    for item in items:
        folder = item.path.relative_to(TESTS).parent.as_posix()
        if folder == "unit/validation":
            continue
        together = {"golden_candidate", "published_home"} & set(getattr(item, "fixturenames", ()))
        item.add_marker(pytest.mark.xdist_group(min(together) if together else f"{folder}/{item.path.name}"))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty ``SCRUTINY_HOME`` with the demo's key, forgotten afterwards."""
    monkeypatch.setenv("SCRUTINY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SCRUTINY_DEMO", "true")
    settings_module.settings.cache_clear()
    yield tmp_path / "home"
    settings_module.settings.cache_clear()
