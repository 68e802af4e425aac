"""Feeds are declared in one file; whatever is wrong in it is told with its line."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from scrutiny import datasets
from scrutiny.declarations import Feed, FeedError, alert_connection, feeds
from scrutiny.feeds.fetching import KINDS
from scrutiny.periods import Month
from scrutiny.settings import PROJECT, settings

SEEDS = PROJECT / "seeds"
ONE = """feeds:
  - feed: adult_client_level
    authority_code: "999"
    dataset: cld
    location: 999/cld
    source: {kind: folder}
    source_system: adult_case_management
    frequency: monthly
    due_working_day: 8
    owner: Adults' data team
"""
ANOTHER = ONE.removeprefix("feeds:\n").replace("adult_client_level", "other").replace("999/cld", "999/other")

Declare = Callable[[str], None]


@pytest.fixture
def declare(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Replaces the file of feeds, in a copy of the seeds."""
    seeds = tmp_path / "seeds"
    shutil.copytree(SEEDS, seeds)
    monkeypatch.setenv("SCRUTINY_SEEDS", str(seeds))
    settings.cache_clear()
    return lambda text: (seeds / "feeds.yaml").write_text(text, encoding="utf-8") and None


def test_the_feeds_of_the_seed_are_right() -> None:
    assert {feed.dataset for feed in feeds()} == set(datasets.DATASETS)
    assert alert_connection() is None


def test_the_examples_of_the_guide_are_right(declare: Declare) -> None:
    guide = (PROJECT / "docs" / "operators_guide.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    declare(example)
    assert {feed.source["kind"] for feed in feeds()} == set(KINDS)
    (query,) = (feed for feed in feeds() if feed.source["kind"] == "sql")
    (text,) = query.source["queries"].values()
    selected = re.split(r"\sfrom\s", text)[0].removeprefix("select").split(",")
    names = [column.rpartition(" as ")[2].strip().strip('"').casefold() for column in selected]
    layout = datasets.layout(query.dataset).table("targets")
    assert names == [column.name.casefold() for column in layout.columns]


def test_every_kind_of_source_can_be_declared(declare: Declare) -> None:
    sources = [
        "{kind: folder, path: '/mnt/share/{yyyy}-{mm}/'}",
        "{kind: sftp, connection: case_sftp, path: 'outgoing/CLD_{yyyy}{mm}*.csv'}",
        "{kind: object_store, connection: store, url: 's3://extracts/{yyyy}/{mm}/cld/'}",
        "{kind: sql, connection: cases, queries: {events: 'select 1'}}",
    ]
    text, before = "alert_connection: council_mail\n" + ONE, "adult_client_level"
    for number, source in enumerate(sources, 1):
        entry = ANOTHER.replace("other", f"other_{number}").replace("{kind: folder}", source)
        text += entry + f"    replaces: {before}\n    counts_from: 2026-0{number}\n"
        text += "    owner_email: data@example.gov.uk\n"
        before = f"other_{number}"
    declare(text)
    assert [feed.source["kind"] for feed in feeds()] == ["folder", *KINDS]
    for feed in feeds():
        source = {name: value for name, value in feed.source.items() if name != "kind"}
        KINDS[feed.source["kind"]](**source)
    assert feeds()[1].owner_email == "data@example.gov.uk"
    assert alert_connection() == "council_mail"


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        (
            '"999"',
            "999",
            3,
            "authority_code is wrong. The authority's code in seeds/authorities.csv, in quot",
        ),
        ('"999"', '"123"', 3, "no such authority_code in seeds/authorities.csv: add it there"),
        ("dataset: cld", "dataset: cdl", 4, "no such dataset: it is one of"),
        ("location: 999/cld", "location: ../cld", 5, "location is wrong. A folder of the inbox"),
        ("{kind: folder}", "folder", 6, "source is wrong. How the extract arrives"),
        ("{kind: folder}", "{kind: ftp}", 6, "kind is wrong. One of folder, sftp, object_store or sql"),
        ("{kind: folder}", "{path: /x/}", 6, "kind is missing. How the extract arrives"),
        ("{kind: folder}", "{kind: folder, location: x}", 6, "location is not known here. A folder has a pa"),
        ("{kind: folder}", "{kind: folder, path: /x/}", 6, "path is wrong. Begins with / and holds {yyyy}"),
        ("{kind: folder}", "{kind: sftp, path: '/{yyyy}{mm}/'}", 6, "connection is missing. sftp needs"),
        (
            "{kind: folder}",
            "\n      kind: sftp\n      connection: a\n      path: /{yyyy}*/{mm}.csv",
            9,
            "path is wrong",
        ),
        (
            "{kind: folder}",
            "{kind: object_store, connection: a, url: 's3://{yyyy}{mm}/'}",
            6,
            "url is wrong. Like s3://bucket",
        ),
        (
            "{kind: folder}",
            "{kind: object_store, connection: a, url: 's3://key:secret@bucket/{yyyy}{mm}/'}",
            6,
            "url is wrong",
        ),
        (
            "{kind: folder}",
            "{kind: sql, connection: a, queries: {events: 'delete from person'}}",
            6,
            "events is wrong. Begins with select or with",
        ),
        (
            "{kind: folder}",
            "\n      kind: sql\n      connection: a\n      queries:\n        event: select 1",
            10,
            "cld has no table event",
        ),
        ("monthly", "weekly", 8, "frequency is wrong. How often"),
        ("monthly", "yearly", 2, "due_month is missing. A yearly feed needs due_month"),
        ("monthly", "monthly\n    due_month: 9", 9, "due_month is wrong. Only a yearly feed has one"),
        ("due_working_day: 8", "due_working_day: 31", 9, "due_working_day is wrong. The working day"),
        ("    owner:", "    onwer:", 10, "onwer is not known here. A feed has"),
        ("    owner:", "    owner: x\n    owner:", 11, "owner stands here twice. Take one out"),
        ("feeds:", "feeds: [", 2, "this is not YAML"),
        (ONE, "feeds: []", 1, "feeds is wrong. A list of feeds"),
        (ONE, "", 1, "this is wrong. The file holds feeds"),
        (ONE, ONE + "alerts: x\n", 11, "alerts is not known here"),
        (
            ONE,
            ONE + ANOTHER.replace("other\n    auth", "adult_client_level\n    auth"),
            11,
            "adult_client_level is declared twi",
        ),
        (ONE, ONE + ANOTHER.replace("999/other", "999/cld/more"), 14, "another feed has this folder"),
    ],
)
def test_a_wrong_feed_is_refused_with_its_line_and_what_to_do(
    declare: Declare, old: str, new: str, line: int, told: str
) -> None:
    assert old in ONE
    declare(ONE.replace(old, new, 1))
    with pytest.raises(FeedError) as caught:
        feeds()
    assert f"seeds/feeds.yaml, line {line}: {told}" in str(caught.value).replace(
        f"{settings().seeds}", "seeds"
    )


def test_everything_that_is_wrong_is_told_at_once(declare: Declare) -> None:
    declare(ONE.replace('"999"', "999").replace("monthly", "weekly"))
    with pytest.raises(FeedError) as caught:
        feeds()
    assert [line.split(": ")[0].split(", ")[-1] for line in str(caught.value).splitlines()] == [
        "line 3",
        "line 8",
    ]


def test_a_file_in_another_encoding_is_refused(declare: Declare) -> None:
    (settings().seeds / "feeds.yaml").write_bytes(ONE.replace("Adults", "Adült").encode("cp1252"))
    with pytest.raises(FeedError, match="UTF-8"):
        feeds()


def test_the_schema_and_the_code_speak_of_the_same() -> None:
    schema = json.loads((SEEDS / "feeds.schema.json").read_text(encoding="utf-8"))["$defs"]
    assert set(schema["feed"]["properties"]) == {
        field.name for field in dataclasses.fields(Feed) if field.name != "counts_before"
    }
    assert set(schema["source"]["properties"]["kind"]["enum"]) == set(KINDS)
    for kind, source in KINDS.items():
        fields = {field.name for field in dataclasses.fields(source)}  # type: ignore[arg-type]
        assert set(schema[kind]["properties"]) - {"kind"} == fields


def test_a_query_cannot_make_a_census(declare: Declare) -> None:
    query = "{kind: sql, connection: a, queries: {children: select 1}}"
    declare(ONE.replace("dataset: cld", "dataset: cin").replace("{kind: folder}", query))
    with pytest.raises(FeedError, match="line 6: cin is sent as XML, which no query makes"):
        feeds()


NEW = ANOTHER + "    replaces: adult_client_level\n    counts_from: 2025-09\n"
NEWER = NEW.replace("other", "third").replace("adult_client_level", "other").replace("2025-09", "2027-01")
MAP = (
    ANOTHER.replace("dataset: cld", "dataset: identifier_map") + "    identifiers_of: {person: new_system}\n"
)


def test_of_systems_that_replace_each_other_one_counts_in_every_month(declare: Declare) -> None:
    declare(ONE + NEW + NEWER)
    counting = {
        str(month): [feed.feed for feed in feeds() if feed.counts(month)]
        for month in (Month(2024, 1), Month(2025, 8), Month(2025, 9), Month(2026, 12), Month(2027, 1))
    }
    assert list(counting.values()) == [
        ["adult_client_level"], ["adult_client_level"], ["other"], ["other"], ["third"]
    ]  # fmt: skip
    old, new, _ = feeds()
    assert old.expects(Month(2025, 8))
    assert not old.expects(Month(2025, 9))
    assert not new.expects(Month(2025, 8)), "a system that does not count yet is not missed"
    assert new.is_overdue(Month(2025, 9), dt.date(2025, 11, 1))


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        (ONE + ANOTHER, 13, "adult_client_level brings this dataset of this authority too, and it would"),
        (ONE + NEW.replace("    counts_from: 2025-09\n", ""), 11, "counts_from is missing. A feed that"),
        (
            ONE + NEW.replace("    replaces: adult_client_level\n", ""),
            11,
            "replaces is missing. A feed that rep",
        ),
        (ONE + NEW.replace("2025-09", "2025-13"), 21, "counts_from is wrong. The load month from which"),
        (ONE + NEW.replace("2025-09", "2025-09-01"), 21, "counts_from is wrong. The load month from which"),
        (
            ONE + NEW.replace("s: adult_client_level", "s: nobody"),
            20,
            "adult_client_level brings this dataset",
        ),
        (
            ONE + NEW.replace("cld\n", "cin\n"),
            20,
            "no feed above of this authority and dataset has this name",
        ),
        (
            ONE + NEW + NEWER.replace("2027-01", "2025-09"),
            31,
            "other counts from 2025-09: this feed can only",
        ),
        (
            ONE + NEW + NEWER.replace("s: other", "s: adult_client_level"),
            31,
            "other brings this dataset of this",
        ),
        (ONE + MAP.replace("person", "persona"), 20, "no such kind of identifier: it is one of adopter, "),
        (ONE + MAP.replace("new_system", "New"), 20, "person is wrong."),
        (
            ONE + MAP.replace("    identifiers_of: {person: new_system}\n", ""),
            11,
            "identifiers_of is missing. A map",
        ),
    ],
)
def test_nothing_can_be_declared_to_count_twice(declare: Declare, text: str, line: int, told: str) -> None:
    declare(text)
    with pytest.raises(FeedError) as caught:
        feeds()
    assert f"feeds.yaml, line {line}: {told}" in str(caught.value)


def test_every_system_may_have_a_map_of_its_own(declare: Declare) -> None:
    declare(ONE + MAP + MAP.replace("other", "third").replace("person: new_system", "child: another_system"))
    assert [feed.counts(Month(2025, 9)) for feed in feeds()] == [True, True, True]


def test_every_identifier_that_is_a_systems_own_can_be_mapped() -> None:
    not_a_systems_own = {"nhs", "upn", "postcode", "organisation"}
    namespaces = {
        column.treatment.removeprefix("key:")
        for dataset in datasets.DATASETS
        for table in datasets.layout(dataset).tables
        for column in table.columns
        if column.treatment.startswith("key:")
    }
    kinds = set(datasets.code_set("identifier_map.Kind", Month(2025, 9).financial_year))
    assert kinds == namespaces - not_a_systems_own


def feed(frequency: str, due_month: int | None = None) -> Feed:
    return Feed("f", "999", "cld", "999/cld", "s", frequency, 5, "o", due_month)


def test_when_extracts_are_expected_and_due() -> None:
    months = [Month(2025, 7) + offset for offset in range(12)]
    assert all(map(feed("monthly").expects, months))
    assert [str(month) for month in filter(feed("quarterly").expects, months)] == [
        "2025-09",
        "2025-12",
        "2026-03",
        "2026-06",
    ]
    assert [str(month) for month in filter(feed("yearly", 3).expects, months)] == ["2026-03"]
    assert [str(month) for month in filter(feed("termly").expects, months)] == [
        "2025-07",
        "2025-12",
        "2026-03",
    ]
    assert feed("monthly").due_date(Month(2025, 7)) == dt.date(2025, 8, 7)
    assert feed("monthly").due_date(Month(2025, 12)) == dt.date(2026, 1, 8), (
        "New Year's Day is no working day"
    )
    assert feed("yearly", 3).due_date(Month(2025, 7)) is None


def test_an_extract_is_late_from_the_day_after_it_was_due() -> None:
    july, due = Month(2025, 7), dt.date(2025, 8, 7)
    assert not feed("monthly").is_overdue(july, due)
    assert feed("monthly").is_overdue(july, due + dt.timedelta(days=1))
    assert not feed("yearly", 3).is_overdue(july, dt.date(2030, 1, 1))
