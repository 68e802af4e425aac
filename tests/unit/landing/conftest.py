"""An inbox in an empty home."""

from pathlib import Path

import pytest
from small_extracts import Inbox


@pytest.fixture
def inbox(home: Path) -> Inbox:
    return Inbox(home)
