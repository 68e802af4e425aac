"""What a delivery is held against besides itself: earlier ones, registered providers, postcodes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scrutiny import datasets, landing
from scrutiny.landing import Receipt
from scrutiny.load import load_feed
from scrutiny.periods import Month
from scrutiny.settings import settings
from scrutiny.staging import stage
from scrutiny.validation import OpenDelivery, validate, write_reports
from tests.unit.conftest import VALID
from tests.unit.landing.small_extracts import Inbox, columns_of, csv_text, feed_of

MOVED = {"SEX": "M"}


@pytest.fixture
def inbox(home: Path) -> Inbox:
    return Inbox(home)


def drop_return(inbox: Inbox, month: str, year: str, name: str = "", **header: str) -> None:
    """The header and one episode of child 1, begun in the year of the return."""
    child = {k: str(v) for k, v in VALID["ssda903"]["header"][0].items()} | header
    episode = {k: str(v) for k, v in VALID["ssda903"]["episodes"][0].items()}
    episode["DECOM"] = f"{episode['DECOM'][:6]}{year[:4]}"
    folder = f"ssda903/{month}/ssda903_{year}{name}"
    inbox.drop(f"{folder}/header.csv", csv_text(columns_of("ssda903", "header", year), [child]))
    inbox.drop(f"{folder}/episodes.csv", csv_text(columns_of("ssda903", "episodes", year), [episode]))


def drop_list(inbox: Inbox, dataset: str, month: str, *changes: Mapping[str, str]) -> None:
    rows = [{k: str(v) for k, v in row.items()} for row in VALID[dataset][dataset]]
    rows = [row | dict(change) for row, change in zip(rows, changes, strict=False)] + rows[len(changes) :]
    inbox.drop(f"{dataset}/{month}/{dataset}.csv", csv_text(columns_of(dataset, dataset), rows))


def drop_events(inbox: Inbox, month: str, period_end: dt.date, *changes: Mapping[str, str]) -> None:
    """A file of client level data for the twelve months to a day."""
    valid = {k: str(v) for k, v in VALID["cld"]["events"][0].items()} | {
        "Reporting Period Start Date": f"{(Month.of(period_end) - 11).start:%d/%m/%Y}",
        "Reporting Period End Date": f"{period_end:%d/%m/%Y}",
    }
    rows = [valid | dict(change) for change in changes]
    inbox.drop(f"cld/{month}/cld_{period_end}.csv", csv_text(columns_of("cld", "events"), rows))


def load(dataset: str, month: str) -> None:
    load_feed(feed_of(dataset), Month.parse(month))


def newest(collection_year: str) -> Receipt:
    of_year = [r for r in landing.receipts("999", "ssda903") if r.collection_year == collection_year]
    return of_year[-1]


def opened(receipt: Receipt) -> OpenDelivery:
    return OpenDelivery(receipt, datasets.read(receipt))


def failed(receipt: Receipt) -> dict[str, int | None]:
    history = pq.read_table(settings().staged / "validation" / f"{receipt.delivery_id}.parquet")
    return dict(zip(history["rule_code"].to_pylist(), history["failed"].to_pylist(), strict=True))


def test_rules_look_back_at_the_newest_whole_return_of_the_year_before(inbox: Inbox) -> None:
    """Both years arrive in one month; a correction of the earlier one is what counts from then on."""
    drop_return(inbox, "2025-07", "2025-26", SEX="F")
    drop_return(inbox, "2025-07", "2024-25", **MOVED)
    load("ssda903", "2025-07")
    assert failed(newest("2025-26"))["202"] == 1
    drop_return(inbox, "2025-08", "2024-25", "_corrected", SEX="F", UPN="A123456789099")
    load("ssda903", "2025-08")
    drop_return(inbox, "2025-09", "2025-26", SEX="F", ETHNIC="WIRI")
    load("ssda903", "2025-09")
    results = failed(newest("2025-26"))
    assert (results["202"], results["204"]) == (0, 1)


def test_a_return_is_checked_anew_once_the_one_it_is_held_against_arrives(inbox: Inbox) -> None:
    drop_return(inbox, "2025-08", "2025-26", SEX="F")
    load("ssda903", "2025-08")
    assert failed(newest("2025-26"))["202"] is None
    drop_return(inbox, "2025-07", "2024-25", **MOVED)
    drop_list(inbox, "providers", "2025-08")
    load("providers", "2025-08")
    load("ssda903", "2025-08")
    checked = newest("2025-26")
    assert failed(checked)["202"] == 1
    assert checked.held_against == {
        "last_year": newest("2024-25").delivery_id,
        "providers": landing.receipts("999", "providers")[0].delivery_id,
        "last_checked": newest("2024-25").delivery_id,
    }


@pytest.mark.parametrize(("month", "year"), [("2025-07", "2023-24"), ("2025-02", "2024-25")])
def test_another_year_or_a_return_of_part_of_the_year_is_not_looked_back_at(
    inbox: Inbox, month: str, year: str
) -> None:
    sex = {"SEX": "2" if year == "2023-24" else "F"}
    drop_return(inbox, month, year, **sex)
    load("ssda903", month)
    drop_return(inbox, "2025-08", "2025-26", SEX="M")
    load("ssda903", "2025-08")
    with opened(newest("2025-26")) as delivery:
        assert delivery.companions == set()
        assert delivery.connection.execute("select count(*) from last_year_header").fetchone() == (0,)


def test_a_return_with_another_systems_numbers_is_not_looked_back_at(inbox: Inbox) -> None:
    drop_return(inbox, "2025-07", "2024-25")
    load("ssda903", "2025-07")
    drop_return(inbox, "2025-08", "2025-26")
    load("ssda903", "2025-08")
    this_year = newest("2025-26")
    with opened(this_year) as delivery:
        assert delivery.companions == {"last_year"}
    with opened(this_year.model_copy(update={"identifiers_of": {"child": "new_system"}})) as delivery:
        assert delivery.companions == set()


OPEN = {
    "Event Type": "Service",
    "Service Type": "Long term support: Community",
    "Service Component": "Day support",
    "Event Start Date": "01/06/2022",
    "Event End Date": "",
}
OF_ANOTHER = {
    "LA Person Unique Identifier": "2",
    "Client Type": "Service User",
    "Event Start Date": "03/02/2025",
    "Event End Date": "03/02/2025",
    "Event Outcome": "No change in package",
    "Review Reason": "Planned",
}
"""A review in the words of Release 1."""


def test_client_level_data_looks_back_at_the_files_before(inbox: Inbox) -> None:
    """The file before is the last that overlaps, as last corrected, whatever was received first."""
    drop_events(inbox, "2025-08", dt.date(2025, 8, 31), OPEN)
    drop_events(inbox, "2025-08", dt.date(2025, 7, 31), OPEN | {"Event Start Date": "02/06/2022"}, OPEN)
    drop_events(inbox, "2025-08", dt.date(2025, 2, 28), OF_ANOTHER)
    load("cld", "2025-08")
    of = {receipt.period_end: receipt for receipt in landing.receipts("999", "cld")}
    august, february = of[dt.date(2025, 8, 31)], of[dt.date(2025, 2, 28)]
    with opened(august) as delivery:
        assert delivery.companions == {"previous_file", "half_year_before"}
        ends = [
            delivery.connection.execute(
                f'select distinct "Reporting Period End Date" from {name}_events'
            ).fetchall()
            for name in ("previous_file", "half_year_before")
        ]
    assert ends == [[(dt.date(2025, 7, 31),)], [(dt.date(2025, 2, 28),)]]
    results = failed(august)
    assert (results["CLD-X06"], results["CLD-F02"], results["CLD-X05"]) == (1, 1, 1)
    results = failed(february)
    assert results["CLD-X06"] is results["CLD-F02"] is results["CLD-X05"] is None
    drop_events(inbox, "2025-09", dt.date(2025, 7, 31), OPEN, OPEN)
    drop_events(inbox, "2025-09", dt.date(2025, 8, 31), OPEN, {})
    load("cld", "2025-09")
    results = failed(landing.receipts("999", "cld")[-1])
    assert (results["CLD-X06"], results["CLD-F02"]) == (0, 0)


def test_rules_without_what_they_need_are_not_run_and_the_page_says_so(inbox: Inbox) -> None:
    drop_return(inbox, "2025-07", "2025-26", SEX="M")
    load("ssda903", "2025-07")
    receipt = newest("2025-26")
    results = failed(receipt)
    assert results["202"] is results["1008"] is results["454"] is None
    assert results["INT32"] == 0
    page = (settings().quarantine / receipt.delivery_id / "report.html").read_text(encoding="utf-8")
    assert "Rules that were not run" in page
    assert "the list of registered providers: 1008" in page


def test_a_providers_list_is_asked_about_urns(inbox: Inbox) -> None:
    drop_list(inbox, "providers", "2025-07", {"urn": "7654321"})
    load("providers", "2025-07")
    drop_return(inbox, "2025-07", "2025-26")
    load("ssda903", "2025-07")
    assert failed(newest("2025-26"))["1008"] == 1


def test_postcodes_give_distance_place_and_wards_to_the_staged_episode(inbox: Inbox) -> None:
    """The two postcodes of the valid rows lie 3,218 m east and 4,291 m north of each other: 3.3 miles."""
    drop_list(inbox, "postcodes", "2025-07")
    load("postcodes", "2025-07")
    drop_return(inbox, "2025-07", "2025-26")
    load("ssda903", "2025-07")
    (episode,) = staged_episodes(newest("2025-26"))
    assert episode["placement_distance_miles"] == Decimal("3.3")
    assert episode["is_placed_in_authority"] is True
    assert (episode["placement_ward_code"], episode["home_ward_code"]) == ("E05000001", "E05000002")
    assert not {"HOME_POST", "PL_POST"} & set(episode)


@pytest.mark.parametrize(
    ("change", "distance", "is_in"),
    [
        ({"postcode": "ZZ8 8ZZ"}, None, None),
        ({"local_authority_code": "E06000001"}, Decimal("3.3"), False),
        ({"easting": "", "northing": ""}, None, True),
    ],
)
def test_what_the_postcode_table_does_not_tell_stays_unknown(
    inbox: Inbox, change: Mapping[str, str], distance: Decimal | None, is_in: bool | None
) -> None:
    drop_list(inbox, "postcodes", "2025-07", change)
    load("postcodes", "2025-07")
    drop_return(inbox, "2025-07", "2025-26")
    load("ssda903", "2025-07")
    (episode,) = staged_episodes(newest("2025-26"))
    assert episode["placement_distance_miles"] == distance
    assert episode["is_placed_in_authority"] == is_in
    assert failed(newest("2025-26"))["392a"] == (0 if distance else 1)


def test_without_a_postcode_table_place_and_distance_are_null(inbox: Inbox) -> None:
    drop_return(inbox, "2025-07", "2025-26")
    load("ssda903", "2025-07")
    (episode,) = staged_episodes(newest("2025-26"))
    names = ("placement_distance_miles", "is_placed_in_authority", "placement_ward_code", "home_ward_code")
    assert [episode[name] for name in names] == [None] * 4


def test_an_unaccompanied_child_has_no_distance(inbox: Inbox) -> None:
    drop_list(inbox, "postcodes", "2025-07")
    load("postcodes", "2025-07")
    drop_return(inbox, "2025-07", "2025-26")
    row = {"CHILD": "1", "SEX": "F", "DOB": "01/06/2012"}
    inbox.drop(
        "ssda903/2025-07/ssda903_2025-26/uasc.csv", csv_text(columns_of("ssda903", "uasc", "2025-26"), [row])
    )
    load("ssda903", "2025-07")
    (episode,) = staged_episodes(newest("2025-26"))
    assert (episode["placement_distance_miles"], episode["is_placed_in_authority"]) == (None, True)


def staged_episodes(receipt: Receipt) -> list[dict[str, object]]:
    path = settings().staged / "ssda903" / "episodes" / "authority=999" / f"{receipt.delivery_id}.parquet"
    table: pa.Table = pq.read_table(path, partitioning=None)
    return table.to_pylist()


def test_the_same_delivery_is_judged_the_same_twice(inbox: Inbox) -> None:
    """Reports and staging of a run taken up again must not depend on what the first one left."""
    drop_return(inbox, "2025-07", "2025-26")
    load("ssda903", "2025-07")
    receipt = newest("2025-26")
    first = failed(receipt)
    with opened(receipt) as delivery:
        result = validate(delivery)
        write_reports(delivery, result)
        stage(delivery, result)
    assert failed(receipt) == first
