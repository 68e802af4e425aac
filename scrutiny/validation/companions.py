"""What a delivery is held against besides itself: earlier deliveries, registered providers, postcodes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from scrutiny import datasets
from scrutiny.periods import FinancialYear, Month
from scrutiny.settings import settings

if TYPE_CHECKING:
    from scrutiny.landing import Receipt

REFERENCES = ("providers", "postcodes")
"""Datasets that other deliveries are looked up in: they are loaded before the others."""

UNKNOWN_DISTANCE = 999.9
"""The distance in miles that stands for one that cannot be worked out (SSDA903 guidance)."""


_Tables = dict[str, pa.Table]


def earlier_deliveries(receipt: Receipt) -> dict[str, _Tables | None]:
    """The tables of the earlier deliveries that rules look back at, by companion; None where there is none.

    ``last_year``: the yearly return of the year before. ``previous_file`` and ``half_year_before``: files of
    client level data.
    """
    return {name: find(receipt) for name, find in _LOOK_BACK.get(receipt.dataset, {}).items()}


def last_year(receipt: Receipt) -> _Tables | None:
    """The tables of the newest accepted return of the collection year before, or None.

    Only a return for the whole year counts, as known by the load month of ``receipt``: what is open in one
    sent during the year need not be open at its end.
    """
    if not receipt.collection_year:
        return None
    year = FinancialYear(FinancialYear.parse(receipt.collection_year).start_year - 1)
    return _newest(
        receipt.authority_code,
        receipt.dataset,
        receipt.load_month,
        lambda earlier: (
            earlier.collection_year == str(year)
            and earlier.period_end is not None
            and Month.parse(earlier.load_month).end >= earlier.period_end
        ),
    )


def previous_file(receipt: Receipt) -> _Tables | None:
    """The newest accepted file whose period ended before that of ``receipt`` and overlaps it, or None."""
    return _newest_ended(receipt, range(1, 12))


def half_year_before(receipt: Receipt) -> _Tables | None:
    """The newest accepted file whose period ended 6 to 12 months before that of ``receipt``, or None.

    With ``receipt`` it covers the last 18 months without a gap.
    """
    return _newest_ended(receipt, range(6, 13))


_LOOK_BACK: dict[str, dict[str, Callable[[Receipt], _Tables | None]]] = {
    "cin": {"last_year": last_year},
    "cld": {"previous_file": previous_file, "half_year_before": half_year_before},
    "ssda903": {"last_year": last_year},
}


def _newest_ended(receipt: Receipt, months_before: range) -> _Tables | None:
    if receipt.period_end is None:
        return None
    last = Month.of(receipt.period_end)
    ends = {(last - months).end for months in months_before}
    authority, dataset = receipt.authority_code, receipt.dataset
    return _newest(authority, dataset, receipt.load_month, lambda earlier: earlier.period_end in ends)


def reference(dataset: str, receipt: Receipt) -> pa.Table | None:
    """The newest accepted list of a one-table reference dataset by the load month of ``receipt``, or None."""
    (table,) = datasets.layout(dataset).tables
    found = _newest(receipt.authority_code, dataset, receipt.load_month, lambda _: True)
    return found[table.name] if found else None


def _newest(
    authority_code: str, dataset: str, load_month: str, is_wanted: Callable[[Receipt], bool]
) -> _Tables | None:
    from scrutiny.landing import receipts

    known = [
        receipt
        for receipt in receipts(authority_code, dataset)
        if receipt.outcome == "accepted" and receipt.load_month <= load_month and is_wanted(receipt)
    ]
    if not known:
        return None
    newest = max(known, key=lambda known: (known.period_end or dt.date.min, known.load_month, known.sequence))
    return _read_again(settings().landing, newest.model_dump_json())


@lru_cache(maxsize=4)
def _read_again(landing: Path, receipt: str) -> _Tables:
    """The tables of a delivery; the landing store is part of the key because that is where they lie."""
    from scrutiny.landing import Receipt

    return datasets.read(Receipt.model_validate_json(receipt))
