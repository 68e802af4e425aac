"""School census tables from the files of a term to staged rows, and the pupil numbers that join them."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from scrutiny import datasets
from scrutiny.datasets import Unreadable
from scrutiny.landing import Receipt
from scrutiny.periods import FinancialYear, Month
from scrutiny.settings import settings
from scrutiny.staging import stage
from scrutiny.validation import OpenDelivery, ValidationResult, validate

VALID = yaml.safe_load((Path(__file__).parents[1] / "valid_rows.yaml").read_text(encoding="utf-8"))
ROWS = VALID["school_census"]
TABLES = datasets.layout("school_census").tables
NOTHING_SET_ASIDE = ValidationResult((), pa.table({}), {}, {}, {})


@dataclass(frozen=True)
class Sent:
    name: str
    path: Path


def files(folder: Path, upper_case: bool = False) -> list[Sent]:
    """The valid tables as files, with a column beside them that nobody asks for."""
    sent = []
    for table in TABLES:
        path = folder / f"2025_spring_{table.name}.csv"
        names = [column.name for column in table.columns]
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*(name.upper() if upper_case else name for name in names), "sourceid"])
            writer.writerows([*(row.get(name) for name in names), "x"] for row in ROWS[table.name])
        sent.append(Sent(path.name, path))
    return sent


def staged(dataset: str, table: str) -> list[dict[str, Any]]:
    (path,) = (settings().staged / dataset / table / "authority=999").glob("*.parquet")
    rows: list[dict[str, Any]] = pq.read_table(path, partitioning=None).to_pylist()
    return rows


@pytest.mark.parametrize("upper_case", [False, True])
def test_the_files_of_a_term_are_read_and_staged(
    home: Path, tmp_path: Path, make_receipt: Callable[..., Receipt], upper_case: bool
) -> None:
    sent = files(tmp_path, upper_case)
    described = datasets.describe("school_census", sent, "school census spring 2025", "999", Month(2025, 7))
    assert described == datasets.Description(
        FinancialYear(2024), "school_census-2025-spring", dt.date(2025, 1, 1), dt.date(2025, 3, 31)
    )
    receipt = make_receipt("school_census").model_copy(update={"files": tuple(sent)})
    with OpenDelivery(receipt, datasets.read(receipt)) as delivery:
        result = validate(delivery)
        stage(delivery, result)
    assert result.problems.num_rows == 0
    assert [len(staged("school_census", table.name)) for table in TABLES] == [
        len(ROWS[table.name]) for table in TABLES
    ]
    first = staged("school_census", "pupils_on_roll")[0]
    assert (first["birth_month"], first["entry_date"]) == (dt.date(2012, 6, 1), dt.date(2023, 9, 4))
    assert "Testerby" not in str(first)


def test_the_term_is_in_the_names_of_the_files_if_not_in_the_folder(home: Path, tmp_path: Path) -> None:
    sent = files(tmp_path)
    described = datasets.describe("school_census", sent, "*.csv", "999", Month(2025, 7))
    assert described.schema_version == "school_census-2025-spring"
    with pytest.raises(Unreadable) as raised:
        datasets.describe(
            "school_census",
            [Sent(f"{n}.csv", f.path) for n, f in enumerate(sent)],
            "*.csv",
            "999",
            Month(2025, 7),
        )
    assert raised.value.rule == "unknown_term"
    with pytest.raises(Unreadable) as raised:
        datasets.describe("school_census", sent, "spring 2025", "999", Month(2024, 12))
    assert raised.value.rule == "wrong_year"


@pytest.mark.parametrize(
    "text", ["2025-Feb-16 00:00:00", "2025-Feb-16", "16/02/2025", "2025-02-16", "2025-feb-16 00:00:00"]
)
def test_dates_are_read_as_schools_systems_write_them(
    open_delivery: Callable[..., OpenDelivery], text: str
) -> None:
    with open_delivery("school_census", exclusions=[{"startdate": text}]) as delivery:
        assert delivery.connection.sql("select startdate from exclusions").fetchone() == (
            dt.date(2025, 2, 16),
        )


def test_one_pupil_has_one_key_in_the_census_and_the_returns(
    open_delivery: Callable[..., OpenDelivery],
) -> None:
    number = "A123456789012"
    for dataset, rows in (
        ("school_census", {"pupils_on_roll": [{"upn": number}]}),
        ("ssda903", {"header": [{"UPN": number}]}),
        ("cin", {"children": [{"UPN": number}]}),
    ):
        with open_delivery(dataset, **rows) as delivery:
            stage(delivery, NOTHING_SET_ASIDE)
    keys = [
        staged(dataset, table)[0]["upn_key"]
        for dataset, table in (
            ("school_census", "pupils_on_roll"),
            ("ssda903", "header"),
            ("cin", "children"),
        )
    ]
    assert keys[0]
    assert set(keys) == {keys[0]}


@pytest.mark.parametrize("text", ["UN3", "unknown", "A1234567890123", "a123456789012"])
def test_what_is_no_pupil_number_has_no_key(open_delivery: Callable[..., OpenDelivery], text: str) -> None:
    with open_delivery("ssda903", header=[{"UPN": text}, {"UPN": "A12345678901B"}]) as delivery:
        stage(delivery, NOTHING_SET_ASIDE)
    first, second = (row["upn_key"] for row in staged("ssda903", "header"))
    assert first is None
    assert second
