"""Staged Parquet: the schema of the layout, typed, without personal data, the same bytes every time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from scrutiny import datasets
from scrutiny.settings import SettingsError, settings
from scrutiny.staging import pseudonym, schema, stage, write_empty_tables
from scrutiny.validation import OpenDelivery, ValidationResult, validate

NOTHING_SET_ASIDE = ValidationResult((), pa.table({}), {}, {}, {})


def staged(delivery: OpenDelivery, table: str) -> pa.Table:
    folder = settings().staged / delivery.receipt.dataset / table / "authority=999"
    return pq.read_table(folder / f"{delivery.receipt.delivery_id}.parquet", partitioning=None)


def test_rows_are_typed_and_keyed(open_delivery: Callable[..., OpenDelivery]) -> None:
    with open_delivery("ssda903", header=[{"MC_DOB": "01/02/2025", "MOTHER": "1"}]) as delivery:
        counts = stage(delivery, NOTHING_SET_ASIDE)
        (row,) = staged(delivery, "header").to_pylist()
    assert counts["header"] == 1
    assert row == {
        "authority_code": "999",
        "delivery_id": delivery.receipt.delivery_id,
        "row_number": 2,
        "child_key": pseudonym(settings().secret(), "999", "child", "1"),
        "sex_code": "F",
        "birth_month": dt.date(2012, 6, 1),
        "ethnicity_code": "WBRI",
        "upn_key": pseudonym(settings().secret(), "999", "upn", "A123456789012"),
        "is_mother": True,
    }


def test_words_and_yes_or_no_become_flags_and_costs_decimals(
    open_delivery: Callable[..., OpenDelivery],
) -> None:
    event = {"Event Description": "First CONVERSATION by telephone", "Unit Cost": "12.5"}
    with open_delivery("cld", events=[event, {"Event Start Date": "01/06/2025"}]) as delivery:
        stage(delivery, NOTHING_SET_ASIDE)
        first, second = staged(delivery, "events").to_pylist()
    assert (first["is_conversation"], second["is_conversation"]) == (True, False)
    assert (first["unit_cost"], second["unit_cost"]) == (Decimal("12.5"), None)
    with open_delivery("establishment", posts=[{"Agency": "Yes"}, {"Post ID": "P2"}]) as delivery:
        stage(delivery, NOTHING_SET_ASIDE)
        assert staged(delivery, "posts").column("is_agency").to_pylist() == [True, False]


FREE_TEXT_KEPT = {
    ("annex_a", "URN of Placement"),
    ("cld", "LA Code"),
    ("deprivation_of_liberty", "Provider CQC Location ID"),
    ("placement_costs", "Service"),
    ("placement_costs", "Provider ID"),
    ("placement_costs", "Cost Centre Code"),
    ("school_census", "NativeId"),
    ("ssda903", "PL_WARD"),  # derived from a postcode
    ("ssda903", "HOME_WARD"),
}
"""What tables of people keep as sent: places, bodies and money, never what is said of a person."""


def test_tables_of_people_keep_no_free_text() -> None:
    """Whatever may be written in a field may be a name."""
    kept = {
        (dataset, column.name)
        for dataset in datasets.DATASETS
        for table in datasets.layout(dataset).tables
        if any(column.treatment.startswith("key:") for column in table.columns)
        for column in table.columns
        if column.type == "text" and column.treatment == "keep"
    }
    assert kept == FREE_TEXT_KEPT


@pytest.mark.parametrize(
    ("dataset", "table", "column"),
    [
        ("establishment", "posts", "Team"),
        ("case_audits", "case_audits", "Team"),
        ("annex_a", "referrals", "Allocated Team"),
    ],
)
def test_a_team_that_is_not_listed_is_queried_and_goes_no_further(
    open_delivery: Callable[..., OpenDelivery], dataset: str, table: str, column: str
) -> None:
    rows = {table: [{column: "Leaving Care"}, {column: "Ms Quibblesworth's team"}]}
    with open_delivery(dataset, **rows) as delivery:
        result = validate(delivery)
        stage(delivery, NOTHING_SET_ASIDE)
        assert staged(delivery, table).column("team_code").to_pylist() == ["Leaving Care", None]
    (queried,) = (o for o in result.outcomes if o.rule.table == table and o.rule.code == f"F-{column}")
    assert (queried.rule.severity, queried.failed) == ("query", 1)


def test_rows_set_aside_are_absent_and_queried_rows_are_there(
    open_delivery: Callable[..., OpenDelivery],
) -> None:
    rows = [{"CHILD": "2", "DEC": "01/06/2025"}, {"CHILD": "1", "PLACE_PROVIDER": "PR0"}]
    with open_delivery("ssda903", episodes=rows) as delivery:
        result = validate(delivery)
        counts = stage(delivery, result)
        kept = staged(delivery, "episodes").column("row_number").to_pylist()
    assert kept == [3]
    assert (result.received["episodes"], counts["episodes"], result.set_aside["episodes"]) == (2, 1, 1)
    assert result.queried["episodes"] == 1


def test_rows_of_one_source_line_are_told_apart(
    open_delivery: Callable[..., OpenDelivery], make_tables: Callable[..., dict[str, pa.Table]]
) -> None:
    """An XML file may be one long line: setting one record aside must not take the others with it."""
    with open_delivery("cin", disabilities=[{}, {"Disability": "??"}, {"Disability": "VIS"}]) as made:
        tables = {
            name: table.set_column(
                table.schema.get_field_index("row_number"), "row_number", pa.array([1] * table.num_rows)
            )
            for name, table in made.sent.items()
        }
        receipt = made.receipt
    with OpenDelivery(receipt, tables) as delivery:
        stage(delivery, validate(delivery))
        assert staged(delivery, "disabilities").column("disability_code").to_pylist() == ["HEAR", "VIS"]


@pytest.mark.parametrize("dataset", datasets.DATASETS)
def test_every_table_has_the_schema_of_its_layout_with_and_without_rows(
    dataset: str, open_delivery: Callable[..., OpenDelivery]
) -> None:
    write_empty_tables(dataset)
    with open_delivery(dataset) as delivery:
        stage(delivery, NOTHING_SET_ASIDE)
        for table in delivery.layout.tables:
            assert staged(delivery, table.name).schema.remove_metadata() == schema(dataset, table.name)
            folder = settings().staged / dataset / table.name / "authority=none"
            empty = pq.read_table(folder / "empty.parquet", partitioning=None)
            assert (empty.num_rows, empty.schema.remove_metadata()) == (0, schema(dataset, table.name))


def test_the_same_delivery_gives_the_same_bytes(open_delivery: Callable[..., OpenDelivery]) -> None:
    written = []
    for _ in range(2):
        with open_delivery("cin") as delivery:
            stage(delivery, validate(delivery))
        written.append({p.name + str(p.parent): p.read_bytes() for p in settings().staged.rglob("*.parquet")})
    assert written[0] == written[1]
    assert list(settings().staged.rglob("*.tmp")) == []


def test_without_a_key_nothing_is_staged(
    open_delivery: Callable[..., OpenDelivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_delivery("ssda903") as delivery:
        monkeypatch.setenv("SCRUTINY_DEMO", "false")
        settings.cache_clear()
        with pytest.raises(SettingsError, match="SCRUTINY_PSEUDONYM_KEY"):
            stage(delivery, NOTHING_SET_ASIDE)


def personal(dataset: str, table: str) -> list[str]:
    """The columns whose values may go no further: dropped, keyed, or kept as a month only."""
    columns = datasets.layout(dataset).table(table).columns
    return [
        c.name for c in columns if c.treatment in ("drop", "birth_month") or c.treatment.startswith("key")
    ]


@pytest.mark.parametrize("dataset", datasets.DATASETS)
def test_no_personal_value_is_staged(dataset: str, open_delivery: Callable[..., OpenDelivery]) -> None:
    for table in datasets.layout(dataset).tables:
        planted: dict[str, Any] = {
            name: "CANARY7"
            for name in personal(dataset, table.name)
            if table.column(name).type in ("text", "code")
        }
        with open_delivery(dataset, **{table.name: [planted]}) as delivery:
            stage(delivery, NOTHING_SET_ASIDE)
            text = str(staged(delivery, table.name).to_pydict())
        assert "CANARY" not in text


@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
    .map(str.strip)
    .filter(bool)
)
def test_whatever_stands_in_a_column_staging_holds_its_type_or_nothing(
    text: str, open_delivery: Callable[..., OpenDelivery]
) -> None:
    """No text from outside can break a load or pass as a date, a number, a flag or a code it is not."""
    row = dict.fromkeys(("DOB", "SDQ_SCORE", "SDQ_REASON", "CONVICTED"), text)
    with open_delivery("ssda903", oc2=[row]) as delivery:
        stage(delivery, NOTHING_SET_ASIDE)
        rows = staged(delivery, "oc2").to_pylist()
    for staged_row in rows:
        score = staged_row["sdq_score"]
        assert score is None or int(text) == score
        assert staged_row["sdq_reason_code"] in (None, text)
        assert staged_row["is_convicted"] in (None, text.lower() in ("1", "true"))


def test_files_of_staging_are_readable_by_their_glob(
    home: Path, open_delivery: Callable[..., OpenDelivery]
) -> None:
    import duckdb

    write_empty_tables("ssda903")
    with open_delivery("ssda903") as delivery:
        stage(delivery, NOTHING_SET_ASIDE)
    files = settings().staged / "ssda903" / "episodes" / "*" / "*.parquet"
    assert duckdb.sql(f"select count(*), count(distinct child_key) from '{files}'").fetchone() == (5, 5)


def test_the_same_number_of_another_system_is_another_child(
    open_delivery: Callable[..., OpenDelivery],
) -> None:
    keys = {}
    for name, own in (("old", {}), ("new", {"identifiers_of": {"child": "new_system"}})):
        with open_delivery("ssda903", receipt=own) as delivery:
            stage(delivery, NOTHING_SET_ASIDE)
            row = staged(delivery, "social_worker_episodes").to_pylist()[0]
        keys[name] = row["child_key"], row["worker_key"]
    assert keys["old"][0] == pseudonym(settings().secret(), "999", "child", "1")
    assert keys["new"][0] == pseudonym(settings().secret(), "999", "new_system:child", "1")
    assert keys["new"][1] == keys["old"][1], "workers keep the numbers the authority has always used"


def test_a_map_becomes_pairs_of_the_pseudonyms_that_other_extracts_have(
    open_delivery: Callable[..., OpenDelivery],
) -> None:
    mapped = [{}, {"Kind": "worker", "Old ID": "W1", "New ID": "7"}]
    systems = {"child": "new_system", "worker": "other"}
    with open_delivery("identifier_map", receipt={"identifiers_of": systems}, identifiers=mapped) as delivery:
        stage(delivery, NOTHING_SET_ASIDE)
        found = [(row["old_key"], row["new_key"]) for row in staged(delivery, "identifiers").to_pylist()]
    secret = settings().secret()
    assert found == [
        (pseudonym(secret, "999", "child", "C1001"), pseudonym(secret, "999", "new_system:child", "70001")),
        (pseudonym(secret, "999", "worker", "W1"), pseudonym(secret, "999", "other:worker", "7")),
    ]
