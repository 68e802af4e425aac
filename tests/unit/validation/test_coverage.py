"""Every published rule is checked in its years or explained, and the page says so."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from scrutiny.validation.coverage import PAGE, coverage, page


def test_the_page_is_what_make_docs_writes(home: Path) -> None:
    assert Path(PAGE).read_text(encoding="utf-8") == page(), "run make docs"


def test_every_published_code_is_implemented_or_explained(home: Path) -> None:
    found = coverage()
    assert Counter(row.dataset for row in found) == {"ssda903": 322, "cin": 121, "cld": 56}
    for row in found:
        if row.status != "implemented":
            assert row.status in ("planned", "impossible", "receiving"), row
            assert row.reason.endswith("."), row
        assert row.checks or row.status == "planned", row


def test_what_is_impossible_is_little(home: Path) -> None:
    """Only what Scrutiny derives itself cannot be wrong in a return."""
    impossible = [row.code for row in coverage() if row.status == "impossible"]
    assert impossible == ["164", "179", "406", "411"]
