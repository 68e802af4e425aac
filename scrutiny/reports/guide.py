"""The questions of the report writer's guide: each has a query, and ten their answer on the demo beside it.

``python -m scrutiny.reports.guide data/reporting/current.duckdb`` writes the answers again, from a demo that
``make run`` has made.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from scrutiny.settings import PROJECT

PAGE = PROJECT / "docs" / "report_writers_guide.md"
_QUESTION = re.compile(
    r"^(?:### \d+\. )?(?P<title>[A-Z].*\?)\n(?:(?!```|#).*\n)+"
    r"```sql(?P<answered> answered)?\n(?P<sql>[\s\S]*?)```\n(?P<answer>(?:\n(?:\|.*\n)+)?)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Question:
    """A question with its query; ``answer`` is the table printed under it, blank where there is none."""

    title: str
    sql: str
    answer: str

    @property
    def columns(self) -> list[str]:
        """The headings of the answer."""
        return [heading.strip() for heading in self.answer.partition("\n")[0].strip("| ").split(" | ")]


def questions() -> list[Question]:
    """The questions in the order of the guide."""
    text = PAGE.read_text(encoding="utf-8")
    return [
        Question(found["title"], found["sql"], found["answer"].strip()) for found in _QUESTION.finditer(text)
    ]


def answered(rows: pa.Table) -> str:
    """The rows as a Markdown table: figures without zeros at their end, a dash for nothing."""
    lines = [rows.column_names, ["---"] * rows.num_columns]
    lines += [[_words(value) for value in row.values()] for row in rows.to_pylist()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def write_answers(reporting: Path) -> None:
    """Write the answers that a reporting copy gives under the questions that have one."""
    with duckdb.connect(str(reporting), read_only=True) as connection:

        def with_answer(found: re.Match[str]) -> str:
            if not found["answered"]:
                return found[0]
            asked = found[0].removesuffix(found["answer"])
            return f"{asked}\n{answered(connection.execute(found['sql']).to_arrow_table())}\n"

        text = _QUESTION.sub(with_answer, PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(text, encoding="utf-8")


def _words(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, Decimal | float):
        return f"{value:,.4f}".rstrip("0").rstrip(".")
    if isinstance(value, int):
        return f"{value:,}"
    return str(value).replace("|", "/")


if __name__ == "__main__":
    write_answers(Path(sys.argv[1]))
