"""Which published validation rules are checked, and why not the others: ``docs/validation_coverage.md``.

``seeds/published_rules.csv`` lists the published codes. A code that a suite has is checked; for any other the
list says what it looks for, its status (``planned``, ``impossible``, or ``receiving``: a delivery that breaks
it is not received) and the reason. ``make docs`` writes the page.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scrutiny import datasets
from scrutiny.periods import FinancialYear
from scrutiny.settings import settings
from scrutiny.validation.suites import Rule, rules

YEARS = tuple(FinancialYear(start_year) for start_year in range(2018, 2027))
"""The collection years whose returns can be read, the last one known in advance."""

PAGE = Path("docs/validation_coverage.md")


@dataclass(frozen=True)
class Coverage:
    """One published code: what it looks for, and the tables and years (oldest first) it is checked in."""

    dataset: str
    code: str
    checks: str
    status: str
    reason: str
    tables: tuple[str, ...]
    years: tuple[FinancialYear, ...]
    severities: tuple[str, ...]


def published() -> list[dict[str, str]]:
    """The rows of ``seeds/published_rules.csv``."""
    with (settings().seeds / "published_rules.csv").open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def coverage() -> list[Coverage]:
    """What becomes of every published code, in the order of the list."""
    listed = published()
    found = {dataset: _checked(dataset) for dataset in dict.fromkeys(row["dataset"] for row in listed)}
    return [_coverage(row, found[row["dataset"]].get(row["rule_code"], [])) for row in listed]


def page() -> str:
    """The page as Markdown."""
    return "\n".join(_lines(coverage())) + "\n"


def _checked(dataset: str) -> dict[str, list[tuple[FinancialYear, Rule]]]:
    found: dict[str, list[tuple[FinancialYear, Rule]]] = {}
    for year in YEARS:
        for table in datasets.layout(dataset).tables_in(year):
            for rule in rules(dataset, table.name, year):
                found.setdefault(rule.code, []).append((year, rule))
    return found


def _coverage(row: dict[str, str], found: list[tuple[FinancialYear, Rule]]) -> Coverage:
    # The message says what is wrong and then what to do; here only the first is wanted.
    words = found[-1][1].message.split(". ")[0].rstrip(".") if found else row["checks"]
    return Coverage(
        dataset=row["dataset"],
        code=row["rule_code"],
        checks=words,
        status="implemented" if found else row["status"],
        reason="" if found else row["reason"],
        tables=tuple(dict.fromkeys(rule.table for _, rule in found)),
        years=tuple(dict.fromkeys(year for year, _ in found)),
        severities=tuple(dict.fromkeys(rule.severity for _, rule in found)),
    )


def _lines(found: list[Coverage]) -> Iterator[str]:
    yield "# Published validation rules"
    yield ""
    yield "Written by `make docs` from the suites in `expectations/` and the list in"
    yield "`seeds/published_rules.csv`: every code of the published rules, and where it is checked or why"
    yield "it is not. An error sets the row aside, a query keeps it and asks."
    for dataset in dict.fromkeys(row.dataset for row in found):
        rows = [row for row in found if row.dataset == dataset]
        implemented = sum(row.status == "implemented" for row in rows)
        yield ""
        yield f"## {datasets.dataset(dataset).title}"
        yield ""
        yield f"{implemented} of {len(rows)} published codes are implemented."
        yield ""
        yield "| code | status | table | collection years | severity | looks for |"
        yield "|---|---|---|---|---|---|"
        for row in rows:
            words = f"{row.checks}. {row.reason}".strip(". ") if row.reason else row.checks
            cells = (
                row.code,
                row.status,
                ", ".join(row.tables),
                _span(row.years),
                ", ".join(row.severities),
                words.replace("|", "\\|"),
            )
            yield f"| {' | '.join(cells)} |"


def _span(years: tuple[FinancialYear, ...]) -> str:
    if not years:
        return ""
    if years[-1] == YEARS[-1]:
        return "all" if years[0] == YEARS[0] else f"from {years[0]}"
    return f"{years[0]} to {years[-1]}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
