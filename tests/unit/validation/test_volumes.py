"""How many rows a delivery may hold or lose, and what it is compared with."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scrutiny import datasets, landing
from scrutiny.landing import Receipt
from scrutiny.settings import settings
from scrutiny.validation import OpenDelivery, validate, volumes, write_reports

TOLERANCES = (
    "dataset,table,set_aside_share,month_fall_share,month_rise_share,year_fall_share,year_rise_share,"
    "judged_from_rows,volume_action,note\n"
)
BASELINES = "authority_code,dataset,table,first_month,last_month,fewest_rows,most_rows,reviewed_on,note\n"


@pytest.fixture
def seeds(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts tolerances and baselines of a test's own in the place of the seeds."""

    def replace(*rows: str, baselines: tuple[str, ...] = ()) -> None:
        written = {
            "tolerances.csv": TOLERANCES + "".join(f"{row}\n" for row in rows),
            "volume_baselines.csv": BASELINES + "".join(f"{row}\n" for row in baselines),
        }
        monkeypatch.setattr(volumes, "_rows", lambda name: list(csv.DictReader(written[name].splitlines())))

    return replace


@pytest.fixture
def judged(home: Path, make_receipt: Callable[..., Receipt]) -> Callable[..., dict[str, tuple[Any, ...]]]:
    """Judges rows of a table in a delivery: severity, whether it holds and message by rule."""

    def judge(
        dataset: str, table: str, rows: int, aside: int = 0, **receipt: Any
    ) -> dict[str, tuple[Any, ...]]:
        found = volumes.judge(make_receipt(dataset, **receipt), {table: rows}, {table: aside})
        return {rule.code: (rule.severity, holds, rule.message) for rule, _, holds in found}

    return judge


@pytest.fixture
def accepted(home: Path, make_receipt: Callable[..., Receipt]) -> Callable[..., None]:
    """Saves the receipt of an accepted delivery with so many rows of a table."""
    sequence = iter(range(1, 100))

    def save(dataset: str, table: str, rows: int, **changes: Any) -> None:
        number = next(sequence)
        counts = {"received": rows, "staged": rows, "set_aside": 0, "queried": 0}
        landing.save(
            make_receipt(
                dataset,
                **{
                    "delivery_id": f"earlier-{number}",
                    "sequence": number,
                    "outcome": "accepted",
                    "tables": {table: counts},
                }
                | changes,
            )
        )

    return save


JULY = {"load_month": "2025-07", "period_start": "2025-07-01", "period_end": "2025-07-31"}
JUNE = {"load_month": "2025-06", "period_start": "2025-06-01", "period_end": "2025-06-30"}
LAST_JULY = {"load_month": "2024-07", "period_start": "2024-07-01", "period_end": "2024-07-31"}


@pytest.mark.parametrize(("rows", "holds"), [(100, True), (80, True), (79, False), (150, True), (151, False)])
def test_a_month_is_held_against_the_last_accepted_one(
    rows: int, holds: bool, seeds: Callable[..., None], judged: Any, accepted: Any
) -> None:
    seeds(",,0.1,0.2,0.5,,,30,query,")
    accepted("savings", "savings_lines", 100, **JUNE)
    accepted("savings", "savings_lines", 10_000, **JUNE, outcome="rejected")
    found = judged("savings", "savings_lines", rows, **JULY)
    assert found["VOL-M"][:2] == ("query", holds)
    assert f"has {rows} rows; the delivery of 2025-06 had 100." in found["VOL-M"][2]
    assert "At most 20% fewer or 50% more is expected." in found["VOL-M"][2]
    assert "VOL-Y" not in found


def test_a_month_is_held_against_the_same_month_a_year_before(
    seeds: Callable[..., None], judged: Any, accepted: Any
) -> None:
    seeds(",,0.1,,,0.2,,30,reject,")
    accepted("savings", "savings_lines", 100, **LAST_JULY)
    accepted("savings", "savings_lines", 60, **JUNE)
    found = judged("savings", "savings_lines", 79, **JULY)
    assert found["VOL-Y"][:2] == ("reject", False)
    assert "the delivery of 2024-07 had 100" in found["VOL-Y"][2]
    assert found["VOL-M"][:2] == ("reject", True), "no month on month tolerance: any number is expected"


def test_small_tables_are_not_judged_but_the_loss_of_a_large_one_is(
    seeds: Callable[..., None], judged: Any, accepted: Any
) -> None:
    seeds(",,0.1,0.2,0.5,,,30,query,")
    accepted("savings", "savings_lines", 29, **JUNE)
    assert judged("savings", "savings_lines", 2, aside=2, **JULY) == {}
    accepted("savings", "savings_lines", 30, **JUNE)
    assert judged("savings", "savings_lines", 2, **JULY)["VOL-M"][1] is False


def test_a_yearly_return_is_compared_within_its_collection_year(
    seeds: Callable[..., None], judged: Any, accepted: Any
) -> None:
    seeds(",,0.1,0.2,0.5,,,30,query,")
    accepted("cin", "children", 1000, load_month="2025-06", collection_year="2024-25",
             period_start="2024-04-01", period_end="2025-03-31")  # fmt: skip
    assert "VOL-M" not in judged("cin", "children", 400)
    accepted("cin", "children", 390, load_month="2025-06")
    assert "had 390" in judged("cin", "children", 400)["VOL-M"][2]


def test_files_of_other_lengths_are_not_compared(
    seeds: Callable[..., None], judged: Any, accepted: Any
) -> None:
    """An establishment list of two years says nothing about one of a month."""
    seeds(",,0.1,0.2,0.5,,,30,query,")
    accepted("establishment", "posts", 4000, load_month="2025-06", period_start="2023-04-01",
             period_end="2025-06-30")  # fmt: skip
    assert "VOL-M" not in judged("establishment", "posts", 190, **JULY)


@pytest.mark.parametrize(("aside", "holds"), [(4, True), (5, False)])
def test_too_many_rows_set_aside_reject_the_delivery(
    aside: int, holds: bool, seeds: Callable[..., None], judged: Any
) -> None:
    seeds(",,0.1,,,,,30,query,", "savings,,0.2,,,,,30,query,", "savings,savings_lines,0.1,,,,,30,query,")
    severity, found, message = judged("savings", "savings_lines", 40, aside, **JULY)["SET-ASIDE"]
    assert (severity, found) == ("reject", holds)
    assert f"{aside} of 40 rows of the table savings_lines" in message
    assert "10% may be" in message


def test_the_reviewed_baseline_holds_in_its_months_for_the_month_loaded(
    seeds: Callable[..., None], judged: Any
) -> None:
    seeds(
        ",,,,,,,30,query,",
        baselines=(
            "999,savings,savings_lines,2025-04,2025-07,100,200,2025-04-01,",
            "301,savings,savings_lines,2025-04,,1,2,2025-04-01,",
        ),
    )
    assert judged("savings", "savings_lines", 99, **JULY)["VOL-B"][1] is False
    assert (
        "99 rows; 100 to 200 are expected (reviewed on 2025-04-01)"
        in judged("savings", "savings_lines", 99, **JULY)["VOL-B"][2]
    )
    assert judged("savings", "savings_lines", 100, **JULY)["VOL-B"][1] is True
    august = {"load_month": "2025-08", "period_start": "2025-08-01", "period_end": "2025-08-31"}
    assert judged("savings", "savings_lines", 99, **august) == {}
    assert judged("savings", "savings_lines", 99, **JUNE | {"load_month": "2025-07"}) == {}


def test_a_delivery_that_lost_its_rows_is_rejected_and_says_the_two_counts(
    seeds: Callable[..., None], accepted: Any, open_delivery: Callable[..., OpenDelivery]
) -> None:
    seeds(",,0.5,0.2,,,,30,reject,")
    accepted("populations", "populations", 100, **JUNE)
    with open_delivery("populations", receipt=JULY | {"sequence": 9}) as delivery:
        result = validate(delivery)
        folder = write_reports(delivery, result)
    assert result.rejection is not None
    assert (result.rejection.rule, result.rejection.where) == ("VOL-M", "table populations")
    assert "the delivery of 2025-06 had 100" in (folder / "report.html").read_text(encoding="utf-8")
    assert "VOL-M" in (folder / "errors.csv").read_text(encoding="utf-8-sig")
    (outcome,) = [outcome for outcome in result.outcomes if outcome.rule.kind == "volume"]
    assert outcome.failed == 1


def rows(name: str) -> Iterator[dict[str, str]]:
    with (settings().seeds / name).open(newline="", encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def test_the_seeds_are_well_formed() -> None:
    known = {
        (dataset, table.name) for dataset in datasets.DATASETS for table in datasets.layout(dataset).tables
    }
    keys = []
    for row in rows("tolerances.csv"):
        keys.append((row["dataset"], row["table"]))
        assert keys[-1] in known | {("", "")} | {(dataset, "") for dataset, _ in known}
        assert row["volume_action"] in ("query", "reject")
        assert 0 < float(row["set_aside_share"]) < 1
        assert all(float(row[name] or 0) >= 0 for name in row if name.endswith("_share"))
    assert len(set(keys)) == len(keys)
    assert ("", "") in keys
    for row in rows("volume_baselines.csv"):
        assert (row["dataset"], row["table"]) in known
        assert int(row["fewest_rows"]) <= int(row["most_rows"])
        assert row["reviewed_on"]
