"""Late, corrected and repeated deliveries end in the same state, whenever they arrive and are loaded.

What counts is the load month a delivery is put under and the order within it: so deliveries of one month
arrive in a fixed order here, and those of different months in any, some runs apart and some together.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pytest

from scrutiny import landing
from scrutiny.feeds import feeds
from scrutiny.load import load_feed
from scrutiny.periods import Month
from scrutiny.settings import settings as scrutiny_settings
from scrutiny.warehouse import write_inputs
from tests.unit.landing.mutations import Files, Grid, delivery, grids

LAST = Month(2025, 9)
SENT_AT = 1_754_000_000
Sending = tuple[str, str, Files]
"""The dataset and load month a delivery is put under, and its files."""


def named(files: Files, name: str, year: str = "2025-26") -> Files:
    """The same delivery under another name, so that one month can hold several."""
    [old] = {path.split("/")[0] for path in files}
    new = f"{name}_{year}" + (".csv" if old.endswith(".csv") else "")
    return {path.replace(old, new, 1): content for path, content in files.items()}


def changed(tables: dict[str, Grid], table: str, column: str, value: str) -> dict[str, Grid]:
    """The tables with one value in every row of a column."""
    at = tables[table][0].index(column)
    rows = [[*row[:at], value, *row[at + 1 :]] for row in tables[table][1:]]
    return {**tables, table: [tables[table][0], *rows]}


def sent(dataset: str, tables: dict[str, Grid], name: str, year: str = "2025-26") -> Files:
    return named(delivery(dataset, "csv", tables), name, year)


def ssda903() -> list[Sending]:
    """A year under way that is unchanged a month later, last year's return, and a list it is looked up in."""
    first = grids("ssda903")
    last_year = changed(first, "header", "SEX", "M")
    return [
        ("providers", "2025-07", delivery("providers", "csv", grids("providers"))),
        ("ssda903", "2025-07", sent("ssda903", first, "a_first")),
        ("ssda903", "2025-08", sent("ssda903", last_year, "b_last_year", "2024-25")),
        ("ssda903", "2025-08", sent("ssda903", first, "c_unchanged")),
        ("ssda903", "2025-09", sent("ssda903", last_year, "d_last_year", "2024-25")),
    ]


def cld() -> list[Sending]:
    """A closed period, corrected a month later and put back in a third; another for a later period."""
    first = grids("cld")
    corrected = changed(first, "events", "Gender", "Male")
    later = changed(first, "events", "Reporting Period Start Date", "01/09/2024")
    later = changed(later, "events", "Reporting Period End Date", "31/08/2025")
    return [
        ("cld", "2025-07", sent("cld", first, "a_first")),
        ("cld", "2025-07", {"b_unreadable.csv": b"A,B\n1,2\n"}),
        ("cld", "2025-08", sent("cld", corrected, "c_corrected")),
        ("cld", "2025-08", sent("cld", corrected, "d_repeated")),
        ("cld", "2025-09", sent("cld", first, "e_put_back")),
        ("cld", "2025-09", sent("cld", later, "f_later_period")),
    ]


def establishment() -> list[Sending]:
    """A list of a closed month that is corrected, put back and repeated; later one of an earlier month."""
    july = grids("establishment")
    corrected = changed(july, "posts", "Role", "5")
    june = changed(july, "posts", "Month", "2025-06")
    return [
        ("establishment", "2025-07", sent("establishment", july, "a_first")),
        ("establishment", "2025-07", sent("establishment", corrected, "b_corrected")),
        ("establishment", "2025-07", {"c_unreadable.csv": b"A,B\n1,2\n"}),
        ("establishment", "2025-08", sent("establishment", july, "d_put_back")),
        ("establishment", "2025-09", sent("establishment", july, "e_repeated")),
        ("establishment", "2025-09", sent("establishment", june, "f_earlier_month")),
    ]


def targets() -> list[Sending]:
    """What is known at each month's end: the same bytes every month, a correction in one of them."""
    first = grids("targets")
    corrected = changed(first, "targets", "Target", "61")
    return [
        ("targets", "2025-07", sent("targets", first, "a_first")),
        ("targets", "2025-08", sent("targets", first, "b_unchanged")),
        ("targets", "2025-08", sent("targets", corrected, "c_corrected")),
        ("targets", "2025-08", sent("targets", corrected, "d_repeated")),
        ("targets", "2025-09", sent("targets", first, "e_unchanged")),
    ]


SENDINGS: dict[str, tuple[Callable[[], list[Sending]], dict[str, str]]] = {
    "ssda903": (
        ssda903,
        {
            "providers": "in force",
            "a_first": "superseded",
            "b_last_year": "in force",
            "c_unchanged": "in force",
            "d_last_year": "duplicate",
        },
    ),
    "cld": (
        cld,
        {
            "a_first": "superseded",
            "b_unreadable": "rejected",
            "c_corrected": "superseded",
            "d_repeated": "duplicate",
            "e_put_back": "superseded",
            "f_later_period": "in force",
        },
    ),
    "establishment": (
        establishment,
        {
            "a_first": "superseded",
            "b_corrected": "superseded",
            "c_unreadable": "rejected",
            "d_put_back": "in force",
            "e_repeated": "duplicate",
            "f_earlier_month": "in force",
        },
    ),
    "targets": (
        targets,
        {
            "a_first": "in force",
            "b_unchanged": "superseded",
            "c_corrected": "in force",
            "d_repeated": "duplicate",
            "e_unchanged": "in force",
        },
    ),
}
"""What is sent, and what has become of it at the end."""


def final_state(runs: list[list[Sending]], folder: Path) -> dict[str, Any]:
    """Everything there is once all was loaded, run by run; not when and in which order it was received.

    That is what a build is told of each month, the receipts, the staged rows, the histories and the reports.
    """
    shutil.rmtree(scrutiny_settings().home, ignore_errors=True)
    of_dataset = {feed.dataset: feed for feed in feeds() if feed.authority_code == "999"}
    # As the loads are ordered: what others are looked up in comes first.
    used = sorted({dataset for run in runs for dataset, _, _ in run}, key=lambda name: name != "providers")
    for run in runs:
        for dataset, month, files in run:
            for name, content in files.items():
                path = scrutiny_settings().inbox / of_dataset[dataset].location / month / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                os.utime(path, (SENT_AT, SENT_AT))
        for dataset in used:
            load_feed(of_dataset[dataset], LAST)
    state: dict[str, Any] = {}
    for month in (LAST - 2, LAST - 1, LAST):
        write_inputs(folder, month)
        for name in ("deliveries", "feed_status", "validation"):
            rows = pq.read_table(folder / f"{name}.parquet").to_pylist()
            state[f"{name} of {month}"] = sorted(map(repr, rows))
    for receipt in landing.receipts():
        told = receipt.model_dump(exclude={"sequence", "received_at"})
        state[f"receipt {receipt.delivery_id}"] = told
    for path in sorted(scrutiny_settings().home.rglob("*")):
        name = str(path.relative_to(scrutiny_settings().home))
        if path.is_file() and name.startswith(("staged", "quarantine")):
            state[name] = None if path.suffix == ".xlsx" else path.read_bytes()
    return state


def became() -> dict[str, str]:
    """What became of each delivery, by the name it was sent under."""
    rows = pq.read_table(scrutiny_settings().home / "told" / "deliveries.parquet").to_pylist()
    return {
        row["name_as_sent"].split("_20")[0].removesuffix(".csv"): (
            row["outcome"]
            if row["outcome"] != "accepted"
            else "in force"
            if row["is_in_force"]
            else "superseded"
        )
        for row in rows
    }


def in_runs(sendings: list[Sending], seed: int) -> list[list[Sending]]:
    """The months in some order, cut into runs anywhere; within a month the order is kept."""
    random = Random(seed)  # noqa: S311
    months = sorted({month for _, month, _ in sendings})
    left = {month: [sending for sending in sendings if sending[1] == month] for month in months}
    runs: list[list[Sending]] = [[]]
    while any(left.values()):
        month = random.choice([month for month in months if left[month]])
        runs[-1].append(left[month].pop(0))
        if random.random() < 0.5:
            runs.append([])
    return runs


def differences(name: str, orders: Iterable[int]) -> list[str]:
    """What ends in another state if what is sent comes latest month first, or in these random orders."""
    make, became_at_the_end = SENDINGS[name]
    sendings, folder = make(), scrutiny_settings().home / "told"
    expected = final_state([sendings], folder)
    assert became() == became_at_the_end
    latest_first = sorted({month for _, month, _ in sendings}, reverse=True)
    orderings = [[[sending for sending in sendings if sending[1] == month] for month in latest_first]]
    found = []
    for number, runs in enumerate([*orderings, *(in_runs(sendings, seed) for seed in orders)]):
        state = final_state(runs, folder)
        keys = sorted(expected.keys() | state.keys())
        found += [f"order {number}: {key}" for key in keys if expected.get(key) != state.get(key)]
    return found


@pytest.mark.parametrize("name", SENDINGS)
def test_deliveries_in_any_order_give_the_same_final_state(home: Path, name: str) -> None:
    """Few orders here, fewest of the return with the most rules; ``benchmarks/fuzzing.py`` tries more."""
    assert differences(name, range(0 if name == "ssda903" else 2)) == []
