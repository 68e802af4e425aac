import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrutiny.periods import (
    FinancialYear,
    Month,
    PeriodError,
    Quarter,
    SchoolTerm,
    working_day,
    working_days_between,
)

dates = st.dates(dt.date(1990, 1, 1), dt.date(2099, 12, 31))
months = dates.map(Month.of)


@pytest.mark.parametrize(
    ("date", "month", "quarter", "financial_year"),
    [
        ("2025-03-31", "2025-03", "2024-25-Q4", "2024-25"),
        ("2025-04-01", "2025-04", "2025-26-Q1", "2025-26"),
        ("2025-07-01", "2025-07", "2025-26-Q2", "2025-26"),
        ("2025-12-31", "2025-12", "2025-26-Q3", "2025-26"),
        ("2026-01-01", "2026-01", "2025-26-Q4", "2025-26"),
        ("2000-01-01", "2000-01", "1999-00-Q4", "1999-00"),
    ],
)
def test_a_date_has_its_financial_periods(date: str, month: str, quarter: str, financial_year: str) -> None:
    found = Month.of(dt.date.fromisoformat(date))
    assert (str(found), str(found.quarter), str(found.financial_year)) == (month, quarter, financial_year)


@pytest.mark.parametrize(
    ("key", "quarter"),
    [
        ("2025-Q1", "2024-25-Q4"),
        ("2025-Q2", "2025-26-Q1"),
        ("2025-Q3", "2025-26-Q2"),
        ("2025-Q4", "2025-26-Q3"),
    ],
)
def test_a_calendar_quarter_key_is_one_financial_quarter(key: str, quarter: str) -> None:
    assert str(Quarter.from_calendar_key(key)) == quarter


@given(dates)
def test_every_date_lies_in_exactly_one_quarter(date: dt.date) -> None:
    quarter = Month.of(date).quarter
    assert quarter.start <= date <= quarter.end
    assert not (quarter - 1).start <= date <= (quarter - 1).end
    assert not (quarter + 1).start <= date <= (quarter + 1).end


@given(months, st.integers(-600, 600))
def test_months_move_back_and_forth(month: Month, steps: int) -> None:
    assert month + steps - steps == month
    assert (month + 1).start == month.end + dt.timedelta(days=1)


@given(months)
def test_texts_read_back(month: Month) -> None:
    assert Month.parse(str(month)) == month
    assert Quarter.parse(str(month.quarter)) == month.quarter
    assert FinancialYear.parse(str(month.financial_year)) == month.financial_year
    assert month in month.quarter.months
    assert month in month.financial_year.months


def test_a_leap_february_has_29_days() -> None:
    assert Month.parse("2024-02").end == dt.date(2024, 2, 29)
    assert Month.parse("2025-02").end == dt.date(2025, 2, 28)


@pytest.mark.parametrize("text", ["2025-13", "2025-7", "202507", "", "2025-07-01", "July 2025"])
def test_a_wrong_month_is_refused_in_words(text: str) -> None:
    with pytest.raises(PeriodError, match="write it like 2025-07"):
        Month.parse(text)


@pytest.mark.parametrize("text", ["2025-26-Q5", "2025-27-Q1", "2025-Q1", "Q2 2025-26", "2025-26"])
def test_a_wrong_quarter_is_refused_in_words(text: str) -> None:
    with pytest.raises(PeriodError, match="write it like 2025-26"):
        Quarter.parse(text)


@pytest.mark.parametrize("text", ["2025-25", "2025", "25-26", "2025-2026"])
def test_a_wrong_financial_year_is_refused_in_words(text: str) -> None:
    with pytest.raises(PeriodError, match="write it like 2025-26"):
        FinancialYear.parse(text)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2025-spring", dt.date(2025, 1, 1), dt.date(2025, 3, 31)),
        ("2025-summer", dt.date(2025, 4, 1), dt.date(2025, 8, 31)),
        ("2024-autumn", dt.date(2024, 9, 1), dt.date(2024, 12, 31)),
    ],
)
def test_a_school_term_is_whole_months(text: str, start: dt.date, end: dt.date) -> None:
    term = SchoolTerm.parse(text)
    assert (str(term), term.start, term.end) == (text, start, end)


@pytest.mark.parametrize("text", ["2025-winter", "spring-2025", "2025", "2025-26-spring"])
def test_a_wrong_term_is_refused_in_words(text: str) -> None:
    with pytest.raises(PeriodError, match="write it like 2025-spring"):
        SchoolTerm.parse(text)


@pytest.mark.parametrize("key", ["2025-Q0", "2025-26-Q2", "2025-07"])
def test_a_wrong_quarter_key_is_refused(key: str) -> None:
    with pytest.raises(PeriodError, match="calendar quarter key"):
        Quarter.from_calendar_key(key)


def test_working_days_leave_out_weekends_and_bank_holidays() -> None:
    assert working_day(Month(2025, 8), 1) == dt.date(2025, 8, 1)
    assert working_day(Month(2025, 8), 2) == dt.date(2025, 8, 4)
    assert working_day(Month(2025, 8), 20) == dt.date(2025, 8, 29), "the summer bank holiday is the 25th"
    assert working_day(Month(2026, 1), 1) == dt.date(2026, 1, 2)


def test_working_days_between_two_days_count_the_last_but_not_the_first() -> None:
    friday, tuesday = dt.date(2025, 8, 22), dt.date(2025, 8, 26)
    assert working_days_between(friday, tuesday) == 1, "a weekend and the summer bank holiday lie between"
    assert working_days_between(friday, friday) == 0
    assert working_days_between(tuesday, friday) == 0


def test_a_working_day_that_is_not_there_or_not_known_is_refused() -> None:
    with pytest.raises(PeriodError, match="2025-08 has 20 working days"):
        working_day(Month(2025, 8), 21)
    with pytest.raises(PeriodError, match="add that year's bank holidays"):
        working_day(Month(2031, 1), 1)


@pytest.mark.parametrize("text", ["0000-05", "1899-12", "2101-01", "9999-12"])
def test_a_month_of_no_possible_year_is_no_month(text: str) -> None:
    with pytest.raises(PeriodError):
        Month.parse(text)


@pytest.mark.parametrize("text", ["0000-01-Q1", "9999-00-Q4"])
def test_a_quarter_of_no_possible_year_is_no_quarter(text: str) -> None:
    with pytest.raises(PeriodError):
        Quarter.parse(text)
