"""What the name of a file or folder says about the year or term it belongs to."""

from __future__ import annotations

import re

from scrutiny.periods import FinancialYear, PeriodError, SchoolTerm

_FINANCIAL_YEAR = re.compile(r"(?<!\d)(20\d\d)[-_](\d\d)(?!\d|-\d)")
_START_YEAR_PREFIX = re.compile(r"(?:^|/)(20\d\d)-(?=[A-Za-z])")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_TERM = re.compile(
    r"(?<!\d)(20\d\d)[\W_]*(spring|summer|autumn)|(spring|summer|autumn)[\W_]*(20\d\d)(?!\d)", re.IGNORECASE
)


def collection_year_in(name: str) -> FinancialYear | None:
    """The collection year a path carries: ``ssda903_2025-26/…``, or the start year in ``2017-episodes.csv``.

    None if it carries no year, or more than one.
    """
    years = set()
    for match in _FINANCIAL_YEAR.finditer(name):
        try:
            years.add(FinancialYear.parse(f"{match[1]}-{match[2]}"))
        except PeriodError:
            continue  # two numbers that do not follow each other are not a year
    years |= {FinancialYear(int(match[1])) for match in _START_YEAR_PREFIX.finditer(name)}
    return years.pop() if len(years) == 1 else None


def end_year_in(name: str) -> int | None:
    """The year a census ends in by its name: 2026 for ``cin_2025-26.xml``, 2025 for ``csww_2025.xml``."""
    financial_year = collection_year_in(name)
    if financial_year:
        return financial_year.start_year + 1
    years = {int(match[1]) for match in _YEAR.finditer(name)}
    return years.pop() if len(years) == 1 else None


def school_term_in(name: str) -> SchoolTerm | None:
    """The term a path carries, as in ``2025_spring_pupilonroll.csv``; None if none, or more than one."""
    terms = {
        SchoolTerm(int(match[1] or match[4]), (match[2] or match[3]).lower())
        for match in _TERM.finditer(name)
    }
    return terms.pop() if len(terms) == 1 else None
