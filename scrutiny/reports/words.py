"""How figures, ratings and directions are put into words."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from scrutiny.periods import Month, Quarter

SCALE_WORDS = {
    "rate_per_10000": " per 10,000",
    "rate_per_100000": " per 100,000",
    "percent": "%",
    "count": "",
    "days": " days",
    "gbp": "",
    "score": "",
}
UNIT_WORDS = {
    "percent": "Percentage",
    "rate_per_10000": "Rate per 10,000 people",
    "rate_per_100000": "Rate per 100,000 people",
    "count": "Number",
    "days": "Days",
    "gbp": "Pounds",
    "score": "Score",
}
QUARTER_STEPS = ("quarter", "year_to_date")


@dataclass(frozen=True)
class Rating:
    """A RAG rating as it is shown: always a word, a shape and a colour together."""

    key: str
    word: str
    meaning: str


RATINGS = {
    "red": Rating("red", "Red", "off target"),
    "amber": Rating("amber", "Amber", "within tolerance of the target"),
    "green": Rating("green", "Green", "on target"),
    "no target": Rating("none", "No target", "for information"),
    "not rated": Rating("none", "Not rated", "no rating could be made"),
    "withheld": Rating("none", "Withheld", "withheld to protect people"),
}
NO_RATING = Rating("none", "No rating", "no target or figure")
FORECAST_RATINGS = {
    "green": Rating("green", "Likely", "likely to be met"),
    "amber": Rating("amber", "Uncertain", "may or may not be met"),
    "red": Rating("red", "Unlikely", "unlikely to be met"),
    "no target": Rating("none", "No target", "no target to forecast against"),
    "no forecast": Rating("none", "No forecast", "no forecast could be made"),
}
"""Whether a forecast meets the target at the year's end."""
RATING_COLOURS = {
    "red": ("#651b1b", "#f4d7d7"),
    "amber": ("#7a3c1c", "#fde4d7"),
    "green": ("#083d29", "#cfe4dc"),
    "none": ("#0b0c0c", "#e4e6e8"),
}
"""Ink and paper of a rating, by its key, where a stylesheet does not say it."""
RATING_SHAPES = {"red": "◆", "amber": "▲", "green": "●", "none": "□"}
"""The shape of a rating, by its key, where it is written rather than drawn."""
WITHHELD_SYMBOL = "[c]"
WITHHELD = f"withheld {WITHHELD_SYMBOL}"
"""What stands in place of a withheld figure: a word, and the symbol of official statistics."""


def number(value: float | None, decimals: int) -> str:
    """``1234.5`` with one decimal is ``1,234.5``; no value is an en dash."""
    return "–" if value is None else f"{value:,.{decimals}f}"


def figure(value: float | None, unit: str, decimals: int) -> str:
    """A value with its unit: ``26.7%``, ``516.3 per 10,000``, ``-£1,200``; no value is an en dash."""
    if value is None:
        return "–"
    if unit == "gbp":
        return f"{'-' if value < 0 else ''}£{number(abs(value), decimals)}"
    return number(value, decimals) + SCALE_WORDS[unit]


def money(pounds: float) -> str:
    """An amount in running text: ``£6.4 million``, ``£914,000``, ``£0``."""
    size = abs(pounds)
    sign = "-" if pounds < 0 else ""
    if size >= 999_500:
        return f"{sign}£{number(size / 1_000_000, 1)} million"
    return f"{sign}£{number(round(size, -3), 0)}"


def count(value: float | None) -> str:
    """A numerator or denominator: whole for people, one decimal for full-time equivalents."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"


def movement(direction: str | None, now: float | None, then: float | None) -> str:
    """How a figure moved: Better, Worse, Up, Down or No change; empty if there is no earlier one."""
    if now is None or then is None:
        return ""
    if direction is not None:
        return direction.capitalize()
    return "No change" if now == then else "Up" if now > then else "Down"


def chance(probability: float) -> str:
    """``70%``; ``less than 1%`` and ``more than 99%``, because no forecast is certain."""
    percent = round(100 * probability)
    if percent < 1:
        return "less than 1%"
    return "more than 99%" if percent > 99 else f"{percent}%"


def lower_first(text: str) -> str:
    """The text with a small first letter, to go on within a sentence."""
    return text[:1].lower() + text[1:]


def upper_first(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def window(basis: str, measure_kind: str) -> str:
    """What each point of a series covers: ``in each quarter``, ``at the end of each month``."""
    if measure_kind != "flow":
        step = "quarter" if basis in QUARTER_STEPS else "month"
        return f"at the end of each {step}"
    return {
        "month": "in each month",
        "quarter": "in each quarter",
        "year_to_date": "from April to the end of each quarter",
        "rolling_12_months": "in the 12 months to the end of each month",
    }[basis]


def month_words(month: Month) -> str:
    """``September 2025``."""
    return month.start.strftime("%B %Y")


def month_short(month: Month) -> str:
    """``Sep 2025``."""
    return month.start.strftime("%b %Y")


def date_words(date: dt.date) -> str:
    """``30 September 2025``."""
    return f"{date.day} {date.strftime('%B %Y')}"


def quarter_words(quarter: Quarter) -> str:
    """``July to September 2025``."""
    return f"{quarter.start.strftime('%B')} to {month_words(quarter.months[2])}"


def printable(text: str) -> str:
    """A text for a document: what prints nothing (control, formatting) becomes a space, line ends stay."""
    return "".join(each if each.isprintable() or each == "\n" else " " for each in text)


def listed(items: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


_SMALL = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_NO_COUNT = r"%|per cent|percent|points?|years?|months?|weeks?|days?|hours?|quarters?|thirds?|fifths?|of the "


def small_counts(text: str, hidden: range) -> list[str]:
    """The words of a text that may be a count of people in ``hidden``: ``three`` children, ``2`` plans.

    Numbers of days, years, points and the like are passed over, and so are parts of longer numbers.
    """
    named = [each for number in hidden for each in (str(number), *_SMALL[number : number + 1])]
    if not named:
        return []
    pattern = rf"(?<![\w£.,/-])({'|'.join(named)})\b(?![.,/]\d|-|/|\s*(?:{_NO_COUNT}))"
    return re.findall(pattern, text, re.IGNORECASE)


def spelled(number: int) -> str:
    """Whole numbers below ten in words, as in running text."""
    return _SMALL[number] if number < len(_SMALL) else str(number)
