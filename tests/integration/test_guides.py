"""The queries that the report writer's guide prints, asked of a published home."""

from __future__ import annotations

import pytest
from homes import PublishedHome

from scrutiny import settings as settings_module
from scrutiny.reports.guide import PAGE, Question, questions
from scrutiny.warehouse import query

QUESTIONS = questions()


def test_every_query_of_the_guide_is_a_question_and_ten_are_answered() -> None:
    assert len(QUESTIONS) == PAGE.read_text(encoding="utf-8").count("```sql")
    answers = [question.answer for question in QUESTIONS if question.answer]
    assert len(answers) == 10
    assert all(len(answer.splitlines()) > 2 for answer in answers)


@pytest.mark.integration
@pytest.mark.parametrize("question", QUESTIONS, ids=[question.title for question in QUESTIONS])
def test_a_query_of_the_guide_has_an_answer(
    question: Question, published_home: PublishedHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The council of the tests is smaller than the demo's: it has other figures under the same headings."""
    monkeypatch.setenv("SCRUTINY_HOME", str(published_home.home))
    settings_module.settings.cache_clear()
    try:
        answer = query(question.sql)
    finally:
        settings_module.settings.cache_clear()
    assert answer.num_rows > 0
    if question.answer:
        assert answer.column_names == question.columns
