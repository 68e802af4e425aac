"""The queries that the report writer's guide prints, asked of a published home."""

from __future__ import annotations

import re

import pytest
from homes import PublishedHome

from scrutiny import settings as settings_module
from scrutiny.settings import PROJECT
from scrutiny.warehouse import query

GUIDE = PROJECT / "docs" / "report_writers_guide.md"
QUERIES = re.findall(r"\n([A-Z][^\n]*\?)\n\n```sql\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_guide_has_queries() -> None:
    assert len(QUERIES) == GUIDE.read_text(encoding="utf-8").count("```sql")
    assert QUERIES


@pytest.mark.integration
@pytest.mark.parametrize("sql", [sql for _, sql in QUERIES], ids=[question for question, _ in QUERIES])
def test_a_query_of_the_guide_has_an_answer(
    sql: str, published_home: PublishedHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRUTINY_HOME", str(published_home.home))
    settings_module.settings.cache_clear()
    try:
        assert query(sql).num_rows > 0
    finally:
        settings_module.settings.cache_clear()
