"""The golden cases once more, where tables did not come and where the register changed a definition."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from scrutiny import landing
from scrutiny.periods import Month
from scrutiny.settings import PROJECT, settings
from scrutiny.warehouse import build, building

pytestmark = pytest.mark.integration

Ask = Callable[..., list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def ask(golden_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Asks what comes of the cases if the September return has neither the health table nor care leavers, and
    FD07 is registered anew from April 2025, with other words and decimals.
    """
    folder = tmp_path_factory.mktemp("changed")
    shutil.copytree(golden_home, folder / "home", ignore=shutil.ignore_patterns("warehouse", "reporting"))
    shutil.copytree(PROJECT / "dbt_project", folder / "dbt_project")
    shutil.copytree(PROJECT / "seeds", folder / "seeds")
    _register_again(folder / "seeds" / "indicators.csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCRUTINY_HOME", str(folder / "home"))
        patch.setattr(building, "DBT_PROJECT", folder / "dbt_project")
        settings.cache_clear()
        (september,) = (r for r in landing.receipts() if r.delivery_id == "903-2025-26")
        came = {name: counts for name, counts in september.tables.items() if name not in ("oc2", "oc3")}
        landing.save(september.model_copy(update={"tables": came}))
        candidate = build(Month(2025, 9))
    settings.cache_clear()
    with duckdb.connect(str(candidate), read_only=True) as connection:
        connection.execute("use reporting")
        yield lambda sql, *values: connection.execute(sql, list(values)).fetchall()


def _register_again(register: Path) -> None:
    with register.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    (first,) = (row for row in rows if row["indicator_id"] == "FD07")
    second = {**first, "version": "2", "title": "Referred again", "decimals": "0", "valid_from": "2025-26"}
    first["valid_to"] = "2024-25"
    with register.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, list(first))
        writer.writeheader()
        writer.writerows([*rows, second])


MONTHLY = "select status, status_reason from fct_indicator_value where breakdown = 'all' and basis = 'month'"


@pytest.mark.parametrize("indicator", ["LV02", "LV05", "LV07", "CL21"])
def test_an_indicator_whose_table_did_not_come_is_unavailable(ask: Ask, indicator: str) -> None:
    table = "oc2" if indicator == "CL21" else "oc3"
    assert ask(
        f"{MONTHLY} and authority_code = '999' and indicator_id = ? and month = '2025-09'", indicator
    ) == [("unavailable", f"The extract for September 2025 came without its table {table}.")]
    assert not ask(
        "select * from fct_measure_month where indicator_id = ? and month = '2025-09'", indicator
    ), "missing is never zero"


def test_what_other_returns_and_tables_say_stays_available(ask: Ask) -> None:
    """The closed year has its care leavers, health as of August came in August, episodes came."""
    for indicator, month in (("LV02", "2025-03"), ("CL21", "2025-08"), ("CL01", "2025-09")):
        (row,) = ask(
            f"{MONTHLY} and authority_code = '999' and indicator_id = ? and month = ?", indicator, month
        )
        assert row[0] != "unavailable", (indicator, row)


def test_a_month_within_a_return_without_a_table_lacks_it_too(ask: Ask) -> None:
    """The September return replaces that of August, so nothing is left of the care leavers since April."""
    assert ask(f"{MONTHLY} and authority_code = '999' and indicator_id = 'LV02' and month = '2025-08'") == [
        ("unavailable", "The extract for August 2025 came without its table oc3.")
    ]


def test_a_month_counts_once_however_many_versions_are_registered(ask: Ask) -> None:
    with (PROJECT / "seeds" / "golden_expected.csv").open(newline="", encoding="utf-8") as lines:
        totals = [row for row in csv.DictReader(lines) if row["indicator_id"] == "FD07"]
    assert totals
    for total in totals:
        found = ask(
            "select numerator, denominator from fct_measure_month "
            "where indicator_id = 'FD07' and breakdown = 'all' and month = ?",
            total["month"],
        )
        expected = (
            [(Decimal(total["numerator"]), Decimal(total["denominator"]))] if total["numerator"] else []
        )
        assert found == expected


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("fct_measure_month", "authority_code, indicator_id, month, breakdown, breakdown_value"),
        ("fct_indicator_value", "authority_code, indicator_id, month, basis, breakdown, breakdown_value"),
        ("mart_scrutiny_quarter", "authority_code, indicator_id, financial_quarter"),
        ("mart_partnership_quarter", "partnership_code, indicator_id, financial_quarter"),
        ("dim_indicator", "indicator_id, version"),
        ("mart_spc_series", "authority_code, indicator_id"),
        ("mart_forecast", "authority_code, indicator_id"),
    ],
)
def test_no_row_is_there_twice(ask: Ask, table: str, key: str) -> None:
    assert ask(f"select count(*) from {table} where indicator_id = 'FD07'")[0][0]
    assert ask(f"select {key} from {table} group by all having count(*) > 1") == []


def test_a_figure_is_shown_by_the_version_of_its_own_month(ask: Ask) -> None:
    assert ask(
        "select distinct indicator_version, month >= '2025-04' from fct_indicator_value "
        "where indicator_id = 'FD07' order by 1"
    ) == [(1, False), (2, True)]
    assert ask(
        "select distinct title, decimals, financial_quarter >= '2025-26' from mart_scrutiny_quarter "
        "where indicator_id = 'FD07' order by 3"
    ) == [("Children referred again within 12 months", 1, False), ("Referred again", 0, True)]


def test_figures_are_compared_within_one_definition(ask: Ask) -> None:
    """Before and after April 2025 with the quarter before; in June with nothing, nor with a year ago."""
    compared = ask(
        "select financial_quarter, previous_value is not null, same_quarter_last_year_value is not null "
        "from mart_scrutiny_quarter where indicator_id = 'FD07' and authority_code = '999' "
        "and financial_quarter in ('2024-25-Q2', '2025-26-Q1', '2025-26-Q2') order by 1"
    )
    assert compared == [
        ("2024-25-Q2", True, False),
        ("2025-26-Q1", False, False),
        ("2025-26-Q2", True, False),
    ]


def test_a_new_definition_begins_a_new_series(ask: Ask) -> None:
    """Charts and forecasts look at no month before April 2025, though there are figures before it."""
    (months,) = ask(
        "select count(*) filter (month >= '2025-04') from fct_indicator_value "
        "where indicator_id = 'FD07' and basis = 'month' and breakdown = 'all' and value is not null"
    )[0]
    assert months
    assert ask("select months from mart_spc_series where indicator_id = 'FD07'") == [(months,)]
    ((history, rating, outlook),) = ask(
        "select months_of_history, forecast_rag, outlook from mart_forecast where indicator_id = 'FD07'"
    )
    assert history <= 6
    assert rating == "no forecast"
    assert "18 months without a gap are needed" in str(outlook)
