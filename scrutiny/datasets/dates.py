"""How datasets write dates as text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DateForm:
    """One way of writing dates.

    ``words`` is how people are told of it. ``formats`` are those of ``strptime`` that are read; the first is
    the one that the dates of a workbook are turned into. With ``has_serials`` a number of five digits is read
    too: the days since 30 December 1899, which is how Excel keeps dates.
    """

    words: str
    formats: tuple[str, ...]
    has_serials: bool = False


DATE_FORMS = {
    "day_first": DateForm("DD/MM/YYYY", ("%d/%m/%Y",)),
    "iso": DateForm("YYYY-MM-DD", ("%Y-%m-%d",)),
    "day_first_or_serial": DateForm("DD/MM/YYYY", ("%d/%m/%Y", "%d/%m/%Y %H:%M:%S"), has_serials=True),
    "month_name": DateForm("YYYY-Mon-DD", ("%Y-%b-%d %H:%M:%S", "%Y-%b-%d", "%d/%m/%Y", "%Y-%m-%d")),
}
