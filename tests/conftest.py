"""What every test has: telemetry off, and settings that point away from anybody's data."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from scrutiny import settings as settings_module

TELEMETRY_OFF = {
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "SCARF_ANALYTICS": "false",
}
os.environ.update(TELEMETRY_OFF)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty ``SCRUTINY_HOME`` with the demo's key, forgotten afterwards."""
    monkeypatch.setenv("SCRUTINY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SCRUTINY_DEMO", "true")
    settings_module.settings.cache_clear()
    yield tmp_path / "home"
    settings_module.settings.cache_clear()
