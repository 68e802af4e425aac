"""Which years a delivery of survey results says something of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pytest

from scrutiny import datasets
from scrutiny.datasets import Unreadable
from scrutiny.periods import FinancialYear, Month


@dataclass(frozen=True)
class Sent:
    name: str
    path: Path


def described(folder: Path, *years: str) -> datasets.Description:
    path = folder / "surveys.csv"
    header = ",".join(column.name for column in datasets.layout("surveys").table("survey_results").columns)
    rows = [f"ASCS,{year},1A,Collected,19,400,1200" for year in years]
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    return datasets.describe("surveys", [Sent(path.name, path)], path.name, "999", Month(2025, 7))


def test_the_last_two_years_that_are_over_are_covered(tmp_path: Path) -> None:
    """Carers are asked every second year, so one of the two has their survey. Rules judge a wrong year."""
    assert described(tmp_path, "2019-20", "2024-25", "2025-26", "2024-26", "") == datasets.Description(
        FinancialYear(2024), "surveys-1", dt.date(2023, 4, 1), dt.date(2025, 3, 31)
    )


@pytest.mark.parametrize("years", [("2025-26",), ("last year",)])
def test_results_of_no_year_that_is_over_cannot_be_used(tmp_path: Path, years: tuple[str, ...]) -> None:
    with pytest.raises(Unreadable) as raised:
        described(tmp_path, *years)
    assert raised.value.rule == "wrong_period"
    assert raised.value.where == "surveys.csv, column B"
