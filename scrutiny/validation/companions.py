"""What a delivery is held against besides itself: earlier deliveries, registered providers, postcodes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
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


def find(receipt: Receipt, known: Sequence[Receipt]) -> dict[str, Receipt]:
    """The deliveries that rules look at besides ``receipt``, by companion; those that are not there left out.

    ``last_year``: the yearly return of the year before. ``previous_file`` and ``half_year_before``: files of
    client level data; of these only what calls people by identifiers of the same system. ``providers`` and
    ``postcodes``: the lists that SSDA903 is looked up in. ``known`` are the receipts of the authority; of
    those of later load months none counts.
    """
    accepted = [
        other for other in known if other.outcome == "accepted" and other.load_month <= receipt.load_month
    ]
    return {
        name: max(fitting, key=lambda other: (other.period_end or dt.date.min, other.order))
        for name, is_wanted in COMPANIONS.get(receipt.dataset, {}).items()
        if (fitting := [other for other in accepted if is_wanted(receipt, other)])
    }


def _is_alike(receipt: Receipt, other: Receipt) -> bool:
    """Whether it is of the same dataset and calls people by the same identifiers."""
    return (other.dataset, other.identifiers_of) == (receipt.dataset, receipt.identifiers_of)


def _is_of_last_year(receipt: Receipt, other: Receipt) -> bool:
    """Whether it is a return of the collection year before, for the whole year.

    What is open in a return sent during its year need not be open at its end.
    """
    if not _is_alike(receipt, other) or not receipt.collection_year or other.period_end is None:
        return False
    year = FinancialYear(FinancialYear.parse(receipt.collection_year).start_year - 1)
    return other.collection_year == str(year) and Month.parse(other.load_month).end >= other.period_end


def _ended_before(months_before: range) -> Callable[[Receipt, Receipt], bool]:
    """Whether a file's period ended so many months before that of another."""

    def is_wanted(receipt: Receipt, other: Receipt) -> bool:
        if not _is_alike(receipt, other) or receipt.period_end is None:
            return False
        last = Month.of(receipt.period_end)
        return other.period_end in {(last - months).end for months in months_before}

    return is_wanted


def _is_list_of(dataset: str) -> Callable[[Receipt, Receipt], bool]:
    return lambda _, other: other.dataset == dataset


COMPANIONS: dict[str, dict[str, Callable[[Receipt, Receipt], bool]]] = {
    "cin": {"last_year": _is_of_last_year},
    "cld": {
        "previous_file": _ended_before(range(1, 12)),
        # With the file itself it covers the last 18 months without a gap.
        "half_year_before": _ended_before(range(6, 13)),
    },
    "ssda903": {"last_year": _is_of_last_year} | {name: _is_list_of(name) for name in REFERENCES},
}
"""What rules look at besides a delivery, by dataset and companion, and whether another delivery is that."""


def tables(receipt: Receipt) -> _Tables:
    """The tables of a companion, from the landing store."""
    return _read_again(settings().landing, receipt.model_dump_json())


@lru_cache(maxsize=4)
def _read_again(landing: Path, receipt: str) -> _Tables:
    """The tables of a delivery; the landing store is part of the key because that is where they lie."""
    from scrutiny.landing import Receipt

    return datasets.read(Receipt.model_validate_json(receipt))
