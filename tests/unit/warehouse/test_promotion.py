"""Publishing a candidate: marts only, read-only, in one step, under the eyes of readers."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from scrutiny.periods import Month
from scrutiny.warehouse import WarehouseError, current, promote, query

JULY, AUGUST = Month(2025, 7), Month(2025, 8)


def _candidate(home: Path, month: Month, figure: int) -> None:
    folder = home / "warehouse" / "candidates" / str(month)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "candidate.duckdb").unlink(missing_ok=True)
    (folder / "passed").touch()
    with duckdb.connect(str(folder / "candidate.duckdb")) as connection:
        connection.execute("create schema reporting")
        connection.execute(f"create table reporting.mart_figures as select {figure} as figure")
        connection.execute("create table main.fct_measure_evidence as select 'somebody' as subject_key")
        connection.execute("create view reporting.peek as select * from main.fct_measure_evidence")


def test_only_the_marts_are_published_and_nobody_can_write_them(home: Path) -> None:
    _candidate(home, JULY, 1)
    released = promote(JULY)
    assert released == home / "reporting" / "2025-07_r1.duckdb"
    assert released.stat().st_mode & 0o777 == 0o444
    with duckdb.connect(str(released), read_only=True) as connection:
        tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        assert tables == [("reporting", "mart_figures")]
        assert connection.execute("select count(*) from duckdb_views() where not internal").fetchone() == (0,)
    assert [file.name for file in (home / "reporting" / "2025-07_r1").iterdir()] == ["mart_figures.parquet"]
    with pytest.raises(WarehouseError, match="Only questions"):
        query("create table mine as select 1")


def test_a_release_name_is_never_used_again(home: Path) -> None:
    _candidate(home, JULY, 1)
    first = promote(JULY)
    before = first.read_bytes()
    _candidate(home, JULY, 2)
    second = promote(JULY)
    assert second.name == "2025-07_r2.duckdb"
    assert first.read_bytes() == before
    assert current() == second


def test_a_reader_keeps_what_it_opened_and_the_next_sees_the_new(home: Path) -> None:
    _candidate(home, JULY, 1)
    promote(JULY)
    with duckdb.connect(str(current()), read_only=True) as reader:
        _candidate(home, AUGUST, 2)
        promote(AUGUST)
        assert reader.execute("select figure from reporting.mart_figures").fetchone() == (1,)
    assert query("select figure from mart_figures").to_pylist() == [{"figure": 2}]


def test_an_earlier_month_loaded_again_does_not_hide_a_later_one(home: Path) -> None:
    _candidate(home, JULY, 1)
    promote(JULY)
    _candidate(home, AUGUST, 2)
    later = promote(AUGUST)
    again = promote(JULY)
    assert again.name == "2025-07_r2.duckdb"
    assert current() == later


def test_what_a_killed_promotion_left_is_written_over(home: Path) -> None:
    _candidate(home, JULY, 1)
    reporting = home / "reporting"
    (reporting / ".2025-07_r1").mkdir(parents=True)
    (reporting / ".2025-07_r1.duckdb").write_bytes(b"half a database")
    (reporting / ".current.duckdb").symlink_to("nowhere")
    assert promote(JULY) == current()
    assert not list(reporting.glob(".*"))


def test_a_candidate_without_marts_changes_nothing(home: Path) -> None:
    _candidate(home, JULY, 1)
    released = promote(JULY)
    empty = home / "warehouse" / "candidates" / "2025-08"
    empty.mkdir(parents=True)
    duckdb.connect(str(empty / "candidate.duckdb")).close()
    (empty / "passed").touch()
    with pytest.raises(WarehouseError, match="has no marts"):
        promote(AUGUST)
    assert current() == released


def test_without_a_candidate_it_says_what_to_run(home: Path) -> None:
    with pytest.raises(WarehouseError, match="no candidate for 2025-07: run the build"):
        promote(JULY)
    with pytest.raises(WarehouseError, match="Nothing has been published yet"):
        current()


def test_a_query_reads_the_marts_and_no_other_file(home: Path, tmp_path: Path) -> None:
    _candidate(home, JULY, 1)
    promote(JULY)
    other = tmp_path / "other.csv"
    other.write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(duckdb.Error):
        query(f"select * from read_csv('{other}')")
    with pytest.raises(WarehouseError, match="Only questions"):
        query(f"copy mart_figures to '{tmp_path / 'copy.csv'}'")


@pytest.mark.parametrize(
    "sql",
    [
        "copy (select 1) to '{release}.wal'",
        "copy (select 1 as figure) to '{release}.tmp/a' (format csv)",
        "create table mine as select 1",
        "call enable_logging()",
        "select 1; drop table mart_figures",
    ],
)
def test_a_query_can_only_ask(home: Path, sql: str) -> None:
    """DuckDB never shuts out the files of the database it has open: one beside it would change figures."""
    _candidate(home, JULY, 1)
    release = promote(JULY)
    before = sorted(path.name for path in home.rglob("*"))
    with pytest.raises((WarehouseError, duckdb.Error)):
        query(sql.format(release=release.resolve()))
    assert sorted(path.name for path in home.rglob("*")) == before
    for asked in (
        "show all tables",
        "from mart_figures",
        "describe mart_figures",
        "summarize mart_figures",
        "explain from mart_figures",
        "with a as (select 1 as b) select b from a",
    ):
        assert query(asked).num_rows


def test_an_empty_query_says_what_to_write(home: Path) -> None:
    _candidate(home, JULY, 1)
    promote(JULY)
    with pytest.raises(WarehouseError, match="write a query"):
        query(" ; ")


def _shared_candidate(home: Path) -> None:
    _candidate(home, JULY, 1)
    with duckdb.connect(
        str(home / "warehouse" / "candidates" / "2025-07" / "candidate.duckdb")
    ) as connection:
        connection.execute(
            "create table reporting.dim_authority as select unnest(['998', '999']) as authority_code"
        )
        connection.execute(
            "create table reporting.mart_delivery as "
            "select unnest(['998', '999']) as authority_code, unnest([5, 7]) as rows_staged"
        )
        connection.execute("create table reporting.mart_partnership_quarter as select 12 as numerator")


def test_an_authority_has_a_copy_with_its_own_rows_only(home: Path) -> None:
    _shared_candidate(home)
    promote(JULY)
    copy = current("998")
    assert copy == home / "reporting" / "authorities" / "998" / "2025-07_r1.duckdb"
    assert copy.stat().st_mode & 0o777 == 0o444
    assert query("from mart_delivery", "998").to_pylist() == [{"authority_code": "998", "rows_staged": 5}]
    assert query("from dim_authority", "998").to_pylist() == [{"authority_code": "998"}]
    assert query("from mart_figures", "998").to_pylist() == [{"figure": 1}]
    with pytest.raises(duckdb.Error):
        query("from mart_partnership_quarter", "998")
    assert query("from mart_partnership_quarter").to_pylist() == [{"numerator": 12}]
    with pytest.raises(WarehouseError, match="no copy for the authority 997; there are copies for 998, 999"):
        current("997")


def test_the_copies_of_authorities_follow_the_whole(home: Path) -> None:
    _shared_candidate(home)
    promote(JULY)
    promote(JULY)
    assert [current(code).name for code in (None, "998", "999")] == ["2025-07_r2.duckdb"] * 3
    assert not list((home / "reporting").rglob(".*"))


def _candidate_with_cases(home: Path, month: Month) -> None:
    _candidate(home, month, 1)
    database = home / "warehouse" / "candidates" / str(month) / "candidate.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "create table reporting.dim_authority as select unnest(['998', '999']) as authority_code"
        )
        connection.execute("create schema officer")
        connection.execute(
            "create table officer.mart_case as "
            "select unnest(['998', '999']) as authority_code, unnest(['one', 'another']) as case_key"
        )


def test_cases_are_in_officers_copies_alone(home: Path) -> None:
    """One for each authority, closed to others, and none in any copy or file that report writers read."""
    _candidate_with_cases(home, JULY)
    promote(JULY)
    reporting, officers = home / "reporting", home / "reporting" / "officers"
    for closed in (officers, officers / "998", officers / "999"):
        assert closed.stat().st_mode & 0o777 == 0o750
    assert current("999", officer=True).stat().st_mode & 0o777 == 0o440
    assert query("from officer.mart_case", "999", officer=True).to_pylist() == [
        {"authority_code": "999", "case_key": "another"}
    ]
    assert query("select count(*) as n from mart_case, mart_figures", "998", officer=True).to_pylist() == [
        {"n": 1}
    ]
    for authority in (None, "999"):
        with pytest.raises(duckdb.Error, match="does not exist"):
            query("from officer.mart_case", authority)
    with pytest.raises(WarehouseError, match="Only questions"):
        query(f"attach '{current('999', officer=True)}' as cases; from cases.officer.mart_case", "999")
    for copy in [*reporting.glob("*.duckdb"), *reporting.glob("authorities/*/*.duckdb")]:
        with duckdb.connect(str(copy), read_only=True) as connection:
            schemas = connection.execute("select distinct schema_name from duckdb_tables()").fetchall()
        assert schemas == [("reporting",)]
    assert not list(reporting.rglob("*case*.parquet"))
    with pytest.raises(WarehouseError, match="say whose"):
        query("from officer.mart_case", officer=True)


def test_who_may_not_open_the_cases_is_told_whom_to_ask(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _candidate_with_cases(home, JULY)
    promote(JULY)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(WarehouseError, match="for officers"):
        query("from officer.mart_case", "999", officer=True)


def test_cases_are_kept_of_the_release_that_is_shown_only(home: Path) -> None:
    _candidate_with_cases(home, JULY)
    promote(JULY)
    _candidate_with_cases(home, AUGUST)
    promote(AUGUST)
    promote(JULY)
    kept = sorted(path.name for path in (home / "reporting" / "officers").rglob("*.duckdb"))
    assert kept == ["2025-08_r1.duckdb"] * 2 + ["current.duckdb"] * 2
    assert current("999", officer=True).name == "2025-08_r1.duckdb"
    assert not list((home / "reporting").rglob(".*"))
