"""What a delivery is held against besides itself: last year's return, registered providers, postcodes."""

from __future__ import annotations

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
YEARLY_RETURNS = ("ssda903", "cin")
"""Datasets whose rules look back at the return of the year before."""

UNKNOWN_DISTANCE = 999.9
"""The distance in miles that stands for one that cannot be worked out (SSDA903 guidance)."""


def last_year(receipt: Receipt) -> dict[str, pa.Table] | None:
    """The tables of the newest accepted return of the collection year before, or None.

    Only a return for the whole year counts, as known by the load month of ``receipt``: what is open in one
    sent during the year need not be open at its end.
    """
    if not receipt.collection_year or receipt.dataset not in YEARLY_RETURNS:
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


def reference(dataset: str, receipt: Receipt) -> pa.Table | None:
    """The newest accepted list of a one-table reference dataset by the load month of ``receipt``, or None."""
    (table,) = datasets.layout(dataset).tables
    found = _newest(receipt.authority_code, dataset, receipt.load_month, lambda _: True)
    return found[table.name] if found else None


def _newest(
    authority_code: str, dataset: str, load_month: str, is_wanted: Callable[[Receipt], bool]
) -> dict[str, pa.Table] | None:
    from scrutiny.landing import receipts

    known = [
        receipt
        for receipt in receipts(authority_code, dataset)
        if receipt.outcome == "accepted" and receipt.load_month <= load_month and is_wanted(receipt)
    ]
    if not known:
        return None
    newest = max(known, key=lambda receipt: (receipt.load_month, receipt.sequence))
    return _read_again(settings().landing, newest.model_dump_json())


@lru_cache(maxsize=4)
def _read_again(landing: Path, receipt: str) -> dict[str, pa.Table]:
    """The tables of a delivery; the landing store is part of the key because that is where they lie."""
    from scrutiny.landing import Receipt

    return datasets.read(Receipt.model_validate_json(receipt))
