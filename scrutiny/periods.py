"""The only place that knows the calendar: months, financial quarters, financial years, working days.

A council's financial year runs from 1 April to 31 March and is written ``2025-26``; its quarters are
``2025-26-Q1`` (April to June) to ``2025-26-Q4`` (January to March). Months are written ``2025-07``.
Statutory collections are named by the financial year they cover; the school census is named by its term.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

from scrutiny.settings import settings

_MONTH = re.compile(r"(\d{4})-(\d{2})")
_QUARTER = re.compile(r"(\d{4}-\d{2})-Q([1-4])")
_SCHOOL_TERM = re.compile(r"(\d{4})-(spring|summer|autumn)")
_TERM_MONTHS = {"spring": (1, 3), "summer": (4, 8), "autumn": (9, 12)}
TERM_EXTRACT_MONTHS = {3: "spring", 7: "summer", 12: "autumn"}
"""The load months that bring what schools send of a term, by number."""
_FINANCIAL_YEAR = re.compile(r"(\d{4})-(\d{2})")


_YEARS = range(1900, 2101)
"""Years that a period can be of: others are slips, and years like 0 and 9999 have no day before or after."""


class PeriodError(ValueError):
    """A text that is not a period, said in the words of the person who typed it."""


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month. Ordered in time; ``str()`` gives ``2025-07``."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``2025-07``. Raises PeriodError for anything else."""
        match = _MONTH.fullmatch(text)
        if not match or not 1 <= int(match[2]) <= 12 or int(match[1]) not in _YEARS:
            raise PeriodError(f"'{text}' is not a month: write it like 2025-07")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, date: dt.date) -> Self:
        """The month a date falls in."""
        return cls(date.year, date.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    def __add__(self, months: int) -> Month:
        years, index = divmod(self.year * 12 + self.number - 1 + months, 12)
        return Month(years, index + 1)

    def __sub__(self, months: int) -> Month:
        return self + -months

    @property
    def start(self) -> dt.date:
        return dt.date(self.year, self.number, 1)

    @property
    def end(self) -> dt.date:
        """The last day of the month."""
        return (self + 1).start - dt.timedelta(days=1)

    @property
    def financial_year(self) -> FinancialYear:
        return FinancialYear(self.year if self.number >= 4 else self.year - 1)

    @property
    def quarter(self) -> Quarter:
        return Quarter(self.financial_year, (self.number - 4) % 12 // 3 + 1)


@dataclass(frozen=True, order=True)
class FinancialYear:
    """1 April of ``start_year`` to the next 31 March. ``str()`` gives ``2025-26``."""

    start_year: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``2025-26``. Raises PeriodError if the second part does not follow the first."""
        match = _FINANCIAL_YEAR.fullmatch(text)
        if not match or (int(match[1]) + 1) % 100 != int(match[2]) or int(match[1]) not in _YEARS:
            raise PeriodError(f"'{text}' is not a financial year: write it like 2025-26")
        return cls(int(match[1]))

    def __str__(self) -> str:
        return f"{self.start_year:04d}-{(self.start_year + 1) % 100:02d}"

    @property
    def start(self) -> dt.date:
        return dt.date(self.start_year, 4, 1)

    @property
    def end(self) -> dt.date:
        return dt.date(self.start_year + 1, 3, 31)

    @property
    def months(self) -> tuple[Month, ...]:
        return tuple(Month(self.start_year, 4) + offset for offset in range(12))


@dataclass(frozen=True)
class SchoolTerm:
    """A term of schools, as the school census counts them. ``str()`` gives ``2025-spring``.

    Spring is January to March, summer April to August, autumn September to December: whole months, because
    terms begin and end on different days from school to school.
    """

    year: int
    name: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``2025-spring``. Raises PeriodError for anything else."""
        match = _SCHOOL_TERM.fullmatch(text)
        if not match:
            raise PeriodError(f"'{text}' is not a school term: write it like 2025-spring")
        return cls(int(match[1]), match[2])

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.name}"

    @property
    def start(self) -> dt.date:
        return Month(self.year, _TERM_MONTHS[self.name][0]).start

    @property
    def end(self) -> dt.date:
        return Month(self.year, _TERM_MONTHS[self.name][1]).end


@dataclass(frozen=True, order=True)
class Quarter:
    """A financial quarter. ``str()`` gives ``2025-26-Q2``."""

    financial_year: FinancialYear
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``2025-26-Q2``. Raises PeriodError for anything else."""
        match = _QUARTER.fullmatch(text)
        if not match:
            raise PeriodError(f"'{text}' is not a financial quarter: write it like 2025-26-Q2")
        return cls(FinancialYear.parse(match[1]), int(match[2]))

    @classmethod
    def from_calendar_key(cls, key: str) -> Self:
        """The financial quarter of Airflow's calendar quarter key: ``2025-Q3`` is ``2025-26-Q2``."""
        match = re.fullmatch(r"(\d{4})-Q([1-4])", key)
        if not match:
            raise PeriodError(f"'{key}' is not a calendar quarter key like 2025-Q3")
        quarter = Month(int(match[1]), int(match[2]) * 3).quarter
        return cls(quarter.financial_year, quarter.number)

    def __str__(self) -> str:
        return f"{self.financial_year}-Q{self.number}"

    @property
    def months(self) -> tuple[Month, Month, Month]:
        first = Month(self.financial_year.start_year, 4) + (self.number - 1) * 3
        return first, first + 1, first + 2

    @property
    def start(self) -> dt.date:
        return self.months[0].start

    @property
    def end(self) -> dt.date:
        return self.months[2].end

    def __add__(self, quarters: int) -> Quarter:
        return (self.months[0] + 3 * quarters).quarter

    def __sub__(self, quarters: int) -> Quarter:
        return self + -quarters


def working_day(month: Month, number: int) -> dt.date:
    """The first, second, … working day of a month: Monday to Friday without the bank holidays of the seed.

    Raises PeriodError if the seed does not reach the month or the month has fewer.
    """
    holidays = bank_holidays()
    if month.year not in {holiday.year for holiday in holidays}:
        raise PeriodError(f"seeds/bank_holidays.csv has none of {month.year}: add that year's bank holidays")
    days = (month.start + dt.timedelta(days=day) for day in range(month.end.day))
    working = [day for day in days if day.weekday() < 5 and day not in holidays]
    if not 1 <= number <= len(working):
        raise PeriodError(f"{month} has {len(working)} working days, so none has the number {number}")
    return working[number - 1]


def working_days_before(day: dt.date, number: int) -> dt.date:
    """The working day that lies ``number`` working days before a day, which need not be one itself.

    Raises PeriodError if the seed of the bank holidays does not reach back so far.
    """
    years = {holiday.year for holiday in bank_holidays()}
    while number:
        day -= dt.timedelta(days=1)
        if day.year not in years:
            raise PeriodError(
                f"seeds/bank_holidays.csv has none of {day.year}: add that year's bank holidays"
            )
        number -= day.weekday() < 5 and day not in bank_holidays()
    return day


def working_days_between(first: dt.date, last: dt.date) -> int:
    """The working days after ``first`` up to and with ``last``; none if ``last`` is no later."""
    days = (first + dt.timedelta(days=day) for day in range(1, (last - first).days + 1))
    return sum(day.weekday() < 5 and day not in bank_holidays() for day in days)


def bank_holidays() -> frozenset[dt.date]:
    """The bank holidays of England that ``seeds/bank_holidays.csv`` lists."""
    return _bank_holidays(settings().seeds / "bank_holidays.csv")


@cache
def _bank_holidays(path: Path) -> frozenset[dt.date]:
    with path.open(newline="", encoding="utf-8") as rows:
        return frozenset(dt.date.fromisoformat(row["holiday_date"]) for row in csv.DictReader(rows))
