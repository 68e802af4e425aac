"""The marts in a real PostgreSQL: swapped in whole, and each role sees what it may."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import duckdb
import psycopg
import pytest
from feed_servers import Postgres

from scrutiny.warehouse import WarehouseError
from scrutiny.warehouse.postgres import publish_to_postgres

pytestmark = pytest.mark.integration


def release(folder: Path, number: int) -> Path:
    path = folder / f"2025-09_r{number}.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema reporting")
        connection.execute(
            "create table reporting.dim_authority as select unnest(['998', '999']) as authority_code"
        )
        connection.execute(
            "create table reporting.fct_indicator_value as select unnest(['998', '999']) as authority_code, "
            f"'FD07' as indicator_id, {number}.25::decimal(18, 4) as value, date '2025-09-30' as day, "
            "true as is_final, 7::bigint as counted, null::varchar as note"
        )
        connection.execute("create table reporting.dim_indicator as select 'FD07' as indicator_id")
        connection.execute("create table reporting.mart_partnership_quarter as select 5 as numerator")
    for code in ("998", "999"):
        (folder / "officers" / code).mkdir(parents=True, exist_ok=True)
        with duckdb.connect(str(folder / "officers" / code / path.name)) as connection:
            connection.execute("create schema officer")
            connection.execute(
                f"create table officer.mart_case as select '{code}' as authority_code, "
                f"'pseudonym {number}' as case_key"
            )
    return path


def uri(server: Postgres) -> str:
    return f"postgresql://{server.user}:{server.password}@127.0.0.1:{server.port}/{server.database}"


def ask(server: Postgres, role: str, sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(uri(server)) as connection:
        connection.execute(f"set role {role}")
        return connection.execute(sql).fetchall()


def test_a_role_sees_its_own_authority_and_the_partnership_sees_all(
    postgres: Postgres, tmp_path: Path
) -> None:
    publish_to_postgres(release(tmp_path, 1), uri(postgres))
    values = "select authority_code, value, day, is_final, counted, note from reporting.fct_indicator_value"
    whole = [(code, Decimal("1.2500"), dt.date(2025, 9, 30), True, 7, None) for code in ("998", "999")]
    assert ask(postgres, "scrutiny_reader", f"{values} order by 1") == whole
    assert ask(postgres, "scrutiny_reader_998", values) == whole[:1]
    assert ask(postgres, "scrutiny_reader_998", "select * from reporting.dim_authority") == [("998",)]
    assert ask(postgres, "scrutiny_reader_998", "select * from reporting.dim_indicator") == [("FD07",)]
    assert ask(postgres, "scrutiny_reader", "select * from reporting.mart_partnership_quarter") == [(5,)]
    for role, sql in (
        ("scrutiny_reader_998", "select * from reporting.mart_partnership_quarter"),
        ("scrutiny_reader", "delete from reporting.fct_indicator_value"),
        ("scrutiny_reader", "create table reporting.mine (a integer)"),
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(postgres, role, sql)


def test_cases_are_for_the_officers_of_their_authority(postgres: Postgres, tmp_path: Path) -> None:
    for number in (5, 6):
        publish_to_postgres(release(tmp_path, number), uri(postgres))
    cases = "select * from officer.mart_case"
    assert ask(postgres, "scrutiny_officer_998", cases) == [("998", "pseudonym 6")]
    assert ask(postgres, "scrutiny_officer_999", cases) == [("999", "pseudonym 6")]
    for role, sql in (
        ("scrutiny_reader", cases),
        ("scrutiny_reader_998", cases),
        ("scrutiny_officer_998", "delete from officer.mart_case"),
        ("scrutiny_officer_998", "select * from reporting.mart_partnership_quarter"),
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(postgres, role, sql)
    schemas = "select count(*) from information_schema.schemata where schema_name like 'officer%'"
    assert ask(postgres, postgres.user, schemas) == [(1,)], "no cases of an earlier release are kept"


def test_the_next_release_takes_the_place_of_the_one_before(postgres: Postgres, tmp_path: Path) -> None:
    for number in (2, 3):
        publish_to_postgres(release(tmp_path, number), uri(postgres))
    value = "select distinct value from {}.fct_indicator_value"
    assert ask(postgres, "scrutiny_reader", value.format("reporting")) == [(Decimal("3.2500"),)]
    assert ask(postgres, postgres.user, value.format("reporting_previous")) == [(Decimal("2.2500"),)]


def test_a_database_that_is_away_is_told_without_its_password(postgres: Postgres, tmp_path: Path) -> None:
    away = uri(postgres).replace(postgres.password, "SENTINEL-wrong")
    with pytest.raises(WarehouseError, match="SCRUTINY_REPORTING_POSTGRES") as raised:
        publish_to_postgres(release(tmp_path, 4), away)
    assert "SENTINEL" not in str(raised.value)
    assert raised.value.__cause__ is None
