"""Extracts that queries make, from a real PostgreSQL."""

from __future__ import annotations

import csv
import hashlib
import traceback
import tracemalloc
from pathlib import Path

import pytest
from feed_servers import Connect, Postgres, feed_of, free_port

from scrutiny.datasets import layout
from scrutiny.declarations import Feed, FeedError
from scrutiny.feeds.fetching import fetch
from scrutiny.landing import receive
from scrutiny.load import load_feed
from scrutiny.periods import Month

JULY = Month(2025, 7)
POSTS = """
select month, id as "POST ID", $$Team 'A'$$ as team, 'Social worker' as "Job Title", '3' as role,
    fte as "Post FTE", status, holder as "Holder ID", name as "Holder Name", fte as "Holder FTE",
    'No' as agency, started as "Start Date", null as "Leave Date", null as "Leaving Reason",
    cases as "Cases Held"
from post
where month <= '{month_end}' and started < timestamp '{month_start}' + interval '1 month' and status like '%'
order by id;
"""


@pytest.fixture(autouse=True)
def database(postgres: Postgres, connect: Connect) -> Postgres:
    connect(
        "cases",
        "postgres",
        host="127.0.0.1",
        port=postgres.port,
        login=postgres.user,
        password=postgres.password,
        schema=postgres.database,
    )
    postgres.run("""
        drop table if exists post;
        create table post (
            month date, id integer, fte numeric(6, 2), holder uuid, name text, started timestamptz,
            cases double precision, status text default 'Filled'
        );
        insert into post values
            ('2025-07-01', 2, 0.50, null, null, '2020-06-30 23:30Z', null),
            (
                '2025-07-01', 1, 1, '00000000-0000-0000-0000-000000000001', E'O''Hara, "Jo"\nAnn',
                '1999-12-31', 17
            ),
            ('2025-08-01', 3, 1, null, 'later', '2025-08-02', 1e15);
    """)
    return postgres


def establishment(query: str = POSTS) -> Feed:
    return feed_of("establishment", kind="sql", connection="cases", queries={"posts": query})


def file(home: Path, month: str = "2025-07") -> Path:
    return home / "inbox/999/establishment" / month / "establishment_2025-26/posts.csv"


def test_the_query_makes_the_extract_the_layout_describes(home: Path) -> None:
    fetch(establishment(), JULY)
    with file(home).open(newline="", encoding="utf-8") as lines:
        header, first, second = csv.reader(lines)
    assert header == [column.name for column in layout("establishment").table("posts").columns]
    assert dict(zip(header, first, strict=True)) == {
        "Month": "2025-07",
        "Post ID": "1",
        "Team": "Team 'A'",
        "Job Title": "Social worker",
        "Role": "3",
        "Post FTE": "1.00",
        "Status": "Filled",
        "Holder ID": "00000000-0000-0000-0000-000000000001",
        "Holder Name": 'O\'Hara, "Jo"\nAnn',
        "Holder FTE": "1.00",
        "Agency": "No",
        "Start Date": "31/12/1999",
        "Leave Date": "",
        "Leaving Reason": "",
        "Cases Held": "17",
    }
    half = dict(zip(header, second, strict=True))
    assert half["Start Date"] == "01/07/2020", "half past midnight in London, summer time"
    assert (half["Holder Name"], half["Cases Held"], half["Post FTE"]) == ("", "", "0.50")


def test_a_month_is_asked_for_once_unless_the_query_changes(home: Path, database: Postgres) -> None:
    fetch(establishment(), JULY)
    before = file(home).read_text()
    database.run("update post set cases = 99")
    fetch(establishment(), JULY)
    assert file(home).read_text() == before
    fetch(establishment(POSTS.replace("order by id", "order by id desc")), JULY)
    assert "99" in file(home).read_text()
    file(home).unlink()
    fetch(establishment(POSTS.replace("order by id", "order by id desc")), JULY)
    assert file(home).exists()


def test_the_next_month_is_an_extract_of_its_own(home: Path) -> None:
    fetch(establishment(), JULY)
    fetch(establishment(), JULY + 1)
    assert "later" not in file(home).read_text()
    assert "1000000000000000" in file(home, "2025-08").read_text()


def test_the_receipt_holds_the_hash_of_the_query(home: Path) -> None:
    fetch(establishment(), JULY)
    (receipt,) = receive(establishment(), JULY)
    text = (
        POSTS.strip().rstrip(";").replace("{month_start}", "2025-07-01").replace("{month_end}", "2025-07-31")
    )
    (origin,) = receipt.origins.values()
    assert (origin.kind, origin.connection, origin.place) == ("sql", "cases", "posts")
    assert origin.version == f"query sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    assert receipt.name_as_sent == "posts.csv"


def test_several_tables_make_one_delivery(home: Path) -> None:
    def nobody(table: str) -> str:
        columns = layout("ssda903").table(table).columns_in(JULY.financial_year)
        return "select " + ", ".join(f'null::text as "{column.name}"' for column in columns) + " where false"

    queries = {name: nobody(name) for name in ("header", "episodes")}
    feed = feed_of("ssda903", kind="sql", connection="cases", queries=queries)
    done = load_feed(feed, JULY)
    assert (done.accepted, done.rejected) == (0, 1), "an authority has children in care"
    (receipt,) = receive(feed, JULY) or [*_receipts()]
    assert receipt.reason is not None
    assert receipt.reason.rule == "no_rows"
    assert sorted(stored.name for stored in receipt.files) == ["episodes.csv", "header.csv"]


def _receipts() -> list[object]:
    from scrutiny.landing import receipts

    return list(receipts("999", "ssda903"))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("team,", "squad,", r"it lacks: Team; it has no place for: column 3"),
        ("status,", "status, 1 as role,", r"it has twice: Role"),
        ("'No'", "array[1]", r"column Agency is no text, number or date"),
        ("'No'", "interval '1 day'", r"column Agency is no text, number or date"),
        ("from post", "from no_such_table", r"UndefinedTable.*Check the Airflow connection cases"),
        ("fte as \"Post FTE\"", "name::int as \"Post FTE\"", r"InvalidTextRepresentation"),
    ],
)  # fmt: skip
def test_a_query_that_does_not_fit_says_where_and_never_a_value(
    home: Path, old: str, new: str, told: str
) -> None:
    with pytest.raises(FeedError, match=told) as caught:
        fetch(establishment(POSTS.replace(old, new)), JULY)
    assert "Hara" not in "".join(traceback.format_exception(caught.value))
    assert not file(home).exists()


def test_a_database_that_lets_nobody_in_says_what_to_check_and_no_secret(
    home: Path, connect: Connect, database: Postgres
) -> None:
    for port, password in ((free_port(), database.password), (database.port, "SENTINEL-wrong")):
        connect("cases", "postgres", host="127.0.0.1", port=port, login="reader", password=password)
        with pytest.raises(FeedError, match=r"OperationalError.*the Airflow connection cases") as caught:
            fetch(establishment(), JULY)
        assert "SENTINEL" not in "".join(traceback.format_exception(caught.value))


def test_a_large_answer_takes_little_memory(home: Path) -> None:
    many = POSTS.replace("$$Team 'A'$$", "repeat('x', 4000)").replace("from post", "from many_posts")
    many = f"with many_posts as (select post.* from post, generate_series(1, 10000) where id = 1) {many}"
    fetch(establishment(), JULY)  # imports what is needed, outside of the measurement
    tracemalloc.start()
    fetch(establishment(many), JULY)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert file(home).stat().st_size > 40_000_000
    assert peak < 20_000_000
