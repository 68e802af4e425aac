"""Whether a delivery holds as many rows as one would expect, and how many of them may be set aside.

What is expected is data: ``seeds/tolerances.csv`` and ``seeds/volume_baselines.csv``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, cast

from scrutiny import datasets, landing
from scrutiny.periods import Month
from scrutiny.settings import settings
from scrutiny.validation.suites import Rule, Severity

if TYPE_CHECKING:
    from scrutiny.landing import Receipt

_SOURCE = "seeds/tolerances.csv"
_CONFIRM = "Confirm that this is right, or send the whole extract again."
_SEND_AGAIN = (
    "Send the whole extract again; if this is right, tell those who run the loads: they keep the tolerances."
)


@dataclass(frozen=True)
class Tolerance:
    """What is allowed of one table; shares are of 1, and None allows anything.

    A row of ``seeds/tolerances.csv`` holds for its table or, where it names none, for every table of its
    dataset without a row of its own; the row without a dataset holds for all others. ``fewest_rows`` is from
    how many rows on a table is judged. ``volume_severity`` says what a volume outside it leads to.
    """

    set_aside: Decimal | None
    fall_on_month: Decimal | None
    rise_on_month: Decimal | None
    fall_on_year: Decimal | None
    rise_on_year: Decimal | None
    fewest_rows: int
    volume_severity: Severity


@dataclass(frozen=True)
class Baseline:
    """Reviewed bounds of one table's rows in some load months: a row of ``volume_baselines.csv``."""

    fewest: int
    most: int
    reviewed_on: str


def tolerance(dataset: str, table: str) -> Tolerance:
    """The tolerance of a table. Raises LookupError if the seed has no row for it and none for all."""
    rows = {(row["dataset"], row["table"]): row for row in _rows("tolerances.csv")}
    for key in ((dataset, table), (dataset, ""), ("", "")):
        if row := rows.get(key):
            return Tolerance(
                set_aside=_share(row["set_aside_share"]),
                fall_on_month=_share(row["month_fall_share"]),
                rise_on_month=_share(row["month_rise_share"]),
                fall_on_year=_share(row["year_fall_share"]),
                rise_on_year=_share(row["year_rise_share"]),
                fewest_rows=int(row["judged_from_rows"]),
                volume_severity=cast(Literal["query", "reject"], row["volume_action"]),
            )
    raise LookupError(f"{_SOURCE} has no row for {dataset} and none for all datasets: add one")


def baseline(authority: str, dataset: str, table: str, month: str) -> Baseline | None:
    """The bounds reviewed for a table in a load month, if there are any; the last row that holds counts."""
    found = None
    for row in _rows("volume_baselines.csv"):
        is_of_table = (row["authority_code"], row["dataset"], row["table"]) == (authority, dataset, table)
        if is_of_table and row["first_month"] <= month <= (row["last_month"] or month):
            found = Baseline(int(row["fewest_rows"]), int(row["most_rows"]), row["reviewed_on"])
    return found


def judge(
    receipt: Receipt, received: Mapping[str, int], set_aside: Mapping[str, int]
) -> Iterator[tuple[Rule, int, bool]]:
    """The volume rules that can be asked of a delivery, each with the rows it is about and whether it holds.

    Rows by table are compared with the last accepted delivery of an earlier month (``VOL-M``), with that of
    the same load month a year before (``VOL-Y``) and with the baseline (``VOL-B``); ``SET-ASIDE`` rejects
    a delivery of which too many rows are set aside. Where there is nothing to compare with, no rule is given.
    """
    compared = comparable(receipt, landing.receipts(receipt.authority_code))
    for table, rows in received.items():
        allowed = tolerance(receipt.dataset, table)
        if rows >= allowed.fewest_rows and allowed.set_aside is not None:
            aside = set_aside[table]
            message = (
                f"{aside} of {rows} rows of the table {table} break an error rule and would be set aside, "
                f"{aside / rows:.1%}; {allowed.set_aside:.0%} may be. Correct them and send it all again."
            )
            yield _rule("SET-ASIDE", table, "reject", message), rows, aside <= allowed.set_aside * rows
        for code, before, fall, rise in (
            ("VOL-M", compared.get("month_before"), allowed.fall_on_month, allowed.rise_on_month),
            ("VOL-Y", compared.get("year_before"), allowed.fall_on_year, allowed.rise_on_year),
        ):
            then = before.tables[table]["received"] if before and table in before.tables else None
            if before and then is not None and max(rows, then) >= allowed.fewest_rows:
                holds = (fall is None or rows >= then * (1 - fall)) and (
                    rise is None or rows <= then * (1 + rise)
                )
                message = (
                    f"The table {table} has {rows} rows; the delivery of {before.load_month} had {then}. "
                    f"{_bounds(fall, rise)} {_advice(allowed)}"
                )
                yield _rule(code, table, allowed.volume_severity, message), rows, holds
        bounds = baseline(receipt.authority_code, receipt.dataset, table, receipt.load_month)
        if bounds and _is_of_load_month(receipt) and max(rows, bounds.most) >= allowed.fewest_rows:
            message = (
                f"The table {table} has {rows} rows; {bounds.fewest} to {bounds.most} are expected "
                f"(reviewed on {bounds.reviewed_on}). {_advice(allowed)}"
            )
            holds = bounds.fewest <= rows <= bounds.most
            yield _rule("VOL-B", table, allowed.volume_severity, message), rows, holds


def comparable(receipt: Receipt, known: Sequence[Receipt]) -> dict[str, Receipt]:
    """The accepted deliveries among those ``known`` that ``receipt`` is compared with, where there are any.

    ``month_before`` and ``year_before`` are of the same feed and about as many months. A yearly return grows
    with its year, so its month before is that of the same collection year.
    """
    is_yearly = datasets.dataset(receipt.dataset).period in ("year_in_name", "census")
    accepted = [
        other
        for other in known
        if other.outcome == "accepted"
        and (other.dataset, other.feed) == (receipt.dataset, receipt.feed)
        and _length(other) == _length(receipt)
    ]
    before = [
        other
        for other in accepted
        if other.load_month < receipt.load_month
        and (not is_yearly or other.collection_year == receipt.collection_year)
    ]
    year_before = str(Month.parse(receipt.load_month) - 12)
    same_month = [
        other for other in accepted if other.load_month == year_before and _end(other) + 12 == _end(receipt)
    ]
    return {
        name: max(others, key=lambda other: (_end(other), other.order))
        for name, others in (("month_before", before), ("year_before", same_month))
        if others
    }


def _end(receipt: Receipt) -> Month:
    return Month.of(receipt.period_end) if receipt.period_end else Month.parse(receipt.load_month)


def _length(receipt: Receipt) -> int:
    """How many months a delivery covers."""
    if receipt.period_start is None:
        return 1
    start, end = Month.of(receipt.period_start), _end(receipt)
    return (end.year - start.year) * 12 + end.number - start.number + 1


def _is_of_load_month(receipt: Receipt) -> bool:
    """Whether a delivery is about the month it is loaded for, not about a closed period before."""
    return _end(receipt) >= Month.parse(receipt.load_month)


def _rule(code: str, table: str, severity: Severity, message: str) -> Rule:
    return Rule(table, code, severity, message, (), _SOURCE, (), kind="volume")


def _bounds(fall: Decimal | None, rise: Decimal | None) -> str:
    allowed = [
        f"{share:.0%} {direction}"
        for share, direction in ((fall, "fewer"), (rise, "more"))
        if share is not None
    ]
    return f"At most {' or '.join(allowed)} is expected." if allowed else "Any number is expected."


def _advice(allowed: Tolerance) -> str:
    return _SEND_AGAIN if allowed.volume_severity == "reject" else _CONFIRM


def _share(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _rows(name: str) -> list[dict[str, str]]:
    with (settings().seeds / name).open(newline="", encoding="utf-8") as rows:
        return list(csv.DictReader(rows))
