"""The codes a column may hold in a given year, and the councils that codes are given to: seeds as data."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scrutiny.datasets.layouts import in_force
from scrutiny.periods import FinancialYear
from scrutiny.settings import settings

_FIRST_RELEASE_2_PERIOD_END = dt.date(2025, 7, 1)


@dataclass(frozen=True)
class Authority:
    """A council and the codes that the departments know it by."""

    authority_code: str
    authority_name: str
    ons_code: str
    cassr_code: str


def authority(code: str) -> Authority:
    """The council with this DfE code. Raises LookupError if ``seeds/authorities.csv`` does not hold it."""
    for row in _seed(settings().seeds / "authorities.csv"):
        if row["authority_code"] == code:
            return Authority(**row)
    raise LookupError(f"authority {code} is not in seeds/authorities.csv: add a row with its codes")


def client_level_data_release(period_end: dt.date) -> str:
    """The release of the Client Level Data specification for a reporting period: ``R1`` or ``R2``."""
    return "R2" if period_end >= _FIRST_RELEASE_2_PERIOD_END else "R1"


def code_set(
    name: str, financial_year: FinancialYear | None = None, release: str | None = None
) -> tuple[str, ...]:
    """The codes of a set that are valid in a financial year, in the order of ``seeds/code_sets.csv``.

    ``release`` ('R1' or 'R2') picks the wording of the Client Level Data lists; codes without a release
    belong to both. Without a year or a release nothing is left out on that account. Raises LookupError if
    there is no such set.
    """
    rows = [row for row in _seed(settings().seeds / "code_sets.csv") if row["code_set"] == name]
    if not rows:
        raise LookupError(f"there is no code set {name} in seeds/code_sets.csv")
    return tuple(
        dict.fromkeys(
            row["code"]
            for row in rows
            if in_force(row["first_year"], row["last_year"], financial_year)
            and (release is None or row["release"] in ("", release))
        )
    )


def worded(name: str) -> dict[str, str]:
    """A wording of each code of a set that reading takes for the code again: the set's own words if they are.

    Otherwise it is the first label that ``seeds/labels.csv`` has for the code, or the code where it has none.
    """
    labels: dict[str, list[str]] = {}
    for row in _seed(settings().seeds / "labels.csv"):
        if row["code_set"] == name:
            labels.setdefault(row["code"], []).append(row["label"])
    found: dict[str, str] = {}
    for row in _seed(settings().seeds / "code_sets.csv"):
        if row["code_set"] == name:
            known = [*labels.get(row["code"], []), row["code"]]
            found[row["code"]] = row["meaning"] if row["meaning"] in known else known[0]
    return found


def indicator_ids() -> tuple[str, ...]:
    """The indicators of the register, ``seeds/indicators.csv``, each once, in its order."""
    return tuple(dict.fromkeys(row["indicator_id"] for row in _seed(settings().seeds / "indicators.csv")))


@cache
def _seed(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))
