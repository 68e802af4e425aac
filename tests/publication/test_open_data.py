"""The open data: by the standard, the same as the page, and valid for whoever reads it."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from frictionless import Package, system
from past import BEFORE, REVISED, REVISED_BY_FEW
from reporting_copy import QUARTER

from scrutiny.reports.open_data import COLUMNS, FILES, GROUPS, SYMBOLS

TIME_AND_PLACE = {column.name for column in COLUMNS if column.kind in ("time", "place")}
NUMBERS = {column.name for column in COLUMNS if column.is_number}


@pytest.fixture
def folder(past: Path) -> Path:
    """The open data of the quarter that revised the one before."""
    return past / str(QUARTER) / "v1.0.0" / "public" / "open_data"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def everything(folder: Path) -> list[dict[str, str]]:
    return [row for name in FILES for row in rows(folder / f"{name}.csv")]


def test_there_is_no_open_data_in_the_officer_edition(past: Path) -> None:
    assert not (past / str(QUARTER) / "v1.0.0" / "officer" / "open_data").exists()


def test_the_package_is_valid_and_describes_every_file(folder: Path) -> None:
    with system.use_context(trusted=False):
        report = Package(str(folder / "datapackage.json")).validate()
    assert report.valid, report.flatten(["type", "note"])
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert {each["path"] for each in package["resources"]} | {"datapackage.json"} == {
        path.name for path in folder.iterdir()
    }
    for each in package["resources"]:
        content = (folder / each["path"]).read_bytes()
        assert each["bytes"] == len(content)
        assert each["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert package["version"] == "1.0.0"
    assert all(f"{symbol}: " in package["description"] for symbol in SYMBOLS)


def test_a_changed_file_makes_the_package_invalid(folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    data = tmp_path / "indicators_by_month.csv"
    data.write_text(data.read_text(encoding="utf-8").replace("2023,April", "2024,April", 1), encoding="utf-8")
    with system.use_context(trusted=False):
        report = Package(str(tmp_path / "datapackage.json")).validate()
    assert not report.valid


def test_names_are_those_of_the_standard(folder: Path) -> None:
    for path in folder.iterdir():
        assert re.fullmatch(r"[a-z_.]+", path.name)
        assert not re.search(r"\d", path.name)
    for name in FILES:
        content = (folder / f"{name}.csv").read_bytes()
        assert not content.startswith(b"\xef\xbb\xbf")
        header = content.decode("utf-8").splitlines()[0].split(",")
        assert all(re.fullmatch(r"[a-z_]+", column) for column in header)
        assert header[:5] == [
            "time_period",
            "time_identifier",
            "geographic_level",
            "country_code",
            "country_name",
        ]
        assert {"old_la_code", "new_la_code", "la_name"} <= set(header)


def test_a_file_has_one_kind_of_period(folder: Path) -> None:
    monthly, quarterly = (rows(folder / f"{name}.csv") for name in FILES)
    assert monthly
    assert quarterly
    assert all(re.fullmatch(r"20\d\d", row["time_period"]) for row in monthly)
    assert {"July", "August", "September"} <= {row["time_identifier"] for row in monthly}
    assert all(re.fullmatch(r"20\d{4}", row["time_period"]) for row in quarterly)
    assert {row["time_identifier"] for row in quarterly} == {f"Financial year Q{n}" for n in (1, 2, 3, 4)}
    assert {row["time_period"] for row in quarterly if row["time_identifier"] == "Financial year Q4"} == {
        "202324",
        "202425",
    }


def test_one_row_is_one_figure_and_every_cell_is_filled(folder: Path) -> None:
    found = everything(folder)
    keys = [tuple(row[name] for name in row if name not in NUMBERS) for row in found]
    assert len(keys) == len(set(keys))
    for row in found:
        assert all(row.values())
        assert row["geographic_level"] == "Local authority"
        assert (row["old_la_code"], row["new_la_code"]) == ("999", "E06000999")
        for name in NUMBERS:
            assert row[name] in SYMBOLS or re.fullmatch(r"-?\d+(\.\d+)?", row[name])


def test_the_metadata_describe_filters_and_indicators_alone(folder: Path) -> None:
    for name in FILES:
        header = rows(folder / f"{name}.csv")[0].keys()
        meta = {row["col_name"]: row for row in rows(folder / f"{name}.meta.csv")}
        groups = set(GROUPS.values())
        assert set(meta) == set(header) - TIME_AND_PLACE - groups
        assert {row["filter_grouping_column"] for row in meta.values()} == groups | {""}
        assert {row["col_name"] for row in meta.values() if row["col_type"] == "Indicator"} == NUMBERS
        assert all((row["indicator_dp"] != "") is (row["col_type"] == "Indicator") for row in meta.values())
        labels = [row["label"] for row in meta.values()]
        assert len(labels) == len(set(labels))


def test_the_figures_are_those_of_the_public_tables(folder: Path) -> None:
    shown = {
        (row["indicator_id"], row["month"]): row for row in rows(folder.parent / "tables" / "series.csv")
    }
    months = {name: f"{number:02d}" for number, name in enumerate(
        ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
         "November", "December"), 1)}  # fmt: skip
    ends = {"Q1": "06", "Q2": "09", "Q3": "12", "Q4": "03"}
    compared = 0
    for row in everything(folder):
        part = row["time_identifier"]
        if part in months:
            month = f"{row['time_period']}-{months[part]}"
        else:
            year = int(row["time_period"][:4]) + (part.endswith("Q4"))
            month = f"{year}-{ends[part[-2:]]}"
        table = shown.pop((row["indicator_id"], month))
        if row["figure"] == "c":
            assert table["status"] == "withheld"
            assert row["numerator"] == "c"
            assert row["denominator"] in ("c", "z")
            assert row["first_published_figure"] == "c"
        else:
            assert float(table["value"]) == float(row["figure"])
            assert float(table["numerator"]) == float(row["numerator"])
        compared += 1
    assert compared > 300
    assert shown == {}, "no published figure is missing"


def test_each_figure_says_what_was_first_published_of_it(folder: Path) -> None:
    changed = [row for row in everything(folder) if row["figure"] != row["first_published_figure"]]
    named = {(row["indicator_id"], row["time_period"], row["time_identifier"]) for row in changed}
    assert (REVISED, "2025", "June") in named
    assert not any(name == REVISED_BY_FEW for name, *_ in named)
    assert str(BEFORE).endswith("Q1")


def test_withheld_figures_are_marked_and_nowhere_else_to_be_read(folder: Path) -> None:
    withheld = [row for row in everything(folder) if row["figure"] == "c"]
    assert {row["indicator_id"] for row in withheld} == {"CP10"}
    table = pq.read_table(folder / "indicators_by_month.parquet").to_pylist()
    hidden = [row for row in table if row["symbol"] == "c"]
    assert hidden
    for row in hidden:
        assert all(row[name] is None for name in NUMBERS)
    assert all((row["figure"] is None) is (row["symbol"] is not None) for row in table)
