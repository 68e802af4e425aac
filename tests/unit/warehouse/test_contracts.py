"""What report writers may rely on is kept, or kept for two quarters more under its old version."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
import yaml

from scrutiny.periods import Quarter
from scrutiny.settings import settings
from scrutiny.warehouse import contracts
from scrutiny.warehouse.contracts import Contract, breaches, declared, record, recorded

TODAY = dt.date(2025, 10, 15)
Q1, Q2, Q3, Q4 = (Quarter.parse(f"2025-26-Q{number}") for number in (1, 2, 3, 4))
COLUMNS = {"month": "varchar", "value": "decimal(18, 4)"}
OLD = Contract("mart", 1, COLUMNS, Q1)


def test_the_models_keep_what_was_promised(home: Path) -> None:
    promised = recorded(settings().seeds / "reporting_contracts.csv")
    assert breaches(declared(), promised, dt.date.today()) == []


def test_every_promised_column_is_described() -> None:
    """Without words nobody knows what was promised."""
    for path in sorted(contracts.MODELS.rglob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            assert model["description"].strip(), model["name"]
            assert all(column["description"].strip() for column in model["columns"]), model["name"]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (COLUMNS, None),
        ({"month": "varchar"}, r"value \(decimal\(18, 4\)\) is gone"),
        ({**COLUMNS, "value": "double"}, "value .* has another type"),
        ({"month": "varchar", "figure": "decimal(18, 4)"}, "value .* is gone"),
        ({**COLUMNS, "note": "varchar"}, "note .* is new and not recorded"),
    ],
)
def test_a_table_in_force(columns: dict[str, str], said: str | None) -> None:
    found = breaches({"mart": Contract("mart", 1, columns)}, [OLD], TODAY)
    assert len(found) == (said is not None)
    assert said is None or re.search(said, found[0])


@pytest.mark.parametrize(
    ("now", "promised", "said"),
    [
        ({}, [OLD], "the table is gone"),
        ({"mart": Contract("mart", 2, {})}, [OLD], "of version 2. Run make contracts"),
        ({"mart": OLD, "other": Contract("other", 1, COLUMNS)}, [OLD], "other: a new table"),
    ],
)
def test_a_table_that_came_or_went(now: dict[str, Contract], promised: list[Contract], said: str) -> None:
    (message,) = breaches(now, promised, TODAY)
    assert said in message


NEW = Contract("mart", 2, {"month": "varchar"}, Q2)


@pytest.mark.parametrize(
    ("kept_until", "kept", "said"),
    [
        (Q4, {"mart_v1": Contract("mart_v1", 1, COLUMNS)}, None),
        (Q4, {}, "mart_v1 must have month"),
        (Q4, {"mart_v1": Contract("mart_v1", 1, {"month": "varchar"})}, "mart_v1 must have value"),
        (Q3, {"mart_v1": Contract("mart_v1", 1, COLUMNS)}, "keep it until 2025-26-Q4, two quarters"),
    ],
)
def test_the_version_before_is_kept_for_two_quarters(
    kept_until: Quarter, kept: dict[str, Contract], said: str | None
) -> None:
    before = Contract("mart", 1, COLUMNS, Q1, kept_until)
    found = breaches({"mart": Contract("mart", 2, NEW.columns)} | kept, [before, NEW], TODAY)
    assert (found == []) if said is None else (said in found[0])


def test_after_two_quarters_it_may_go() -> None:
    before = Contract("mart", 1, COLUMNS, Q1, Q4)
    later = dt.date(2026, 4, 1)
    assert breaches({"mart": Contract("mart", 2, NEW.columns)}, [before, NEW], later) == []


def test_make_contracts_records_additions_and_keeps_what_a_new_version_replaces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "reporting_contracts.csv"

    def models(*versions: Contract) -> None:
        monkeypatch.setattr(contracts, "declared", lambda: {version.table: version for version in versions})
        record(path, TODAY)

    models(Contract("mart", 1, {"month": "varchar"}))
    models(Contract("mart", 1, COLUMNS))
    assert recorded(path) == [Contract("mart", 1, COLUMNS, Q3)]
    models(Contract("mart", 1, {"month": "varchar"}))
    assert recorded(path) == [Contract("mart", 1, COLUMNS, Q3)], "nothing is taken away"
    models(Contract("mart_v1", 1, COLUMNS), Contract("mart", 2, {"month": "varchar"}))
    assert recorded(path) == [
        Contract("mart", 1, COLUMNS, Q3, Quarter.parse("2026-27-Q1")),
        Contract("mart", 2, {"month": "varchar"}, Q3),
    ]
    now = {
        "mart": Contract("mart", 2, {"month": "varchar"}),
        "mart_v1": Contract("mart_v1", 1, COLUMNS),
    }
    assert breaches(now, recorded(path), TODAY) == []
