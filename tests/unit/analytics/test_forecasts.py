"""Forecasts: what they rest on, what they say of a target, and how often they hold what comes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from scrutiny.analytics import forecasts
from scrutiny.analytics.forecasts import Numbers, Series, simulate

SEPTEMBER = 2025 * 12 + 9
MARCH = 2026 * 12 + 3


def _table(
    numerator: Numbers | None = None,
    denominator: Numbers | None = None,
    value: Numbers | None = None,
    target: float | None = None,
    last: int = SEPTEMBER,
    **changes: Any,
) -> pa.Table:
    """A series as ``int_forecast__months`` gives it, followed by 24 months with the target."""
    given = next(numbers for numbers in (numerator, value) if numbers is not None)
    months, ahead = len(given), 24
    kind = {
        "authority_code": "999",
        "indicator_id": "FD07",
        "method": "binomial_bootstrap",
        "better_sign": 1,
        "scale": 100.0,
        "decimals": 1,
        "is_rate": False,
        "is_count": False,
        "lowest": 0.0,
        "highest": 100.0,
        "window_months": 3,
        "outturn_months": 12,
        "history_months": 24,
        "minimum_months": 18,
        "draws": 1000,
        "interval_percent": 80,
    }
    rows = [
        {
            **kind,
            "month_index": last - months + 1 + row,
            "is_history": row < months,
            "numerator": float(numerator[row]) if numerator is not None and row < months else None,
            "denominator": float(denominator[row]) if denominator is not None and row < months else 0.0,
            "value": float(value[row]) if value is not None and row < months else None,
            "target": target if row >= months - 1 else None,
            **changes,
        }
        for row in range(months + ahead)
    ]
    types = {name: pa.float64() for name in ("numerator", "denominator", "value", "target", "scale")}
    names = [
        "authority_code",
        "indicator_id",
        *(name for name in rows[0] if not name.endswith(("_code", "_id"))),
    ]
    return pa.table({n: pa.array([row[n] for row in rows], types.get(n)) for n in names})


def _outturn(table: pa.Table) -> dict[str, Any]:
    (row,) = forecasts.outturns(table).to_pylist()
    return dict(row)


def _series(table: pa.Table) -> Series:
    (series,) = forecasts.series_of(table)
    return series


def _position(values: Any, **changes: Any) -> pa.Table:
    return _table(
        value=np.asarray(values, float), **{"method": "damped_trend", "history_months": 36, **changes}
    )


def test_a_forecast_is_the_same_again_and_does_not_depend_on_the_others() -> None:
    steady = _table(np.full(24, 30), np.full(24, 100))
    other = _table(np.full(20, 5), np.full(20, 50), indicator_id="CP08")
    alone = forecasts.outturns(steady).to_pylist()
    together = forecasts.outturns(pa.concat_tables([other, steady])).to_pylist()
    assert alone[0] in together
    assert len(together) == 2
    again = forecasts.outturns(_table(np.full(24, 30), np.full(24, 100), indicator_id="FD08")).to_pylist()[0]
    assert again["lower"] != alone[0]["lower"], "each series has draws of its own"


def test_what_has_happened_is_certain_and_only_the_rest_is_drawn() -> None:
    numerator, denominator = np.full(24, 30.0), np.full(24, 100.0)
    half = _outturn(_table(numerator, denominator))
    assert half["year_end_month_index"] == MARCH
    assert half["lower"] < 30 < half["upper"]
    late = _outturn(_table(numerator, denominator, last=MARCH - 1))
    assert late["upper"] - late["lower"] < half["upper"] - half["lower"]
    done = _outturn(_table(numerator, denominator, last=MARCH, target=30.0))
    assert done["lower"] == done["outturn"] == done["upper"] == done["figure_to_date"] == 30
    assert done["probability_of_meeting"] == 1


def test_the_figure_to_date_is_of_the_financial_year() -> None:
    numerator = np.array([90.0] * 12 + [10.0] * 6)
    row = _outturn(_table(numerator, np.full(18, 100.0)))
    assert row["figure_to_date"] == 10
    assert row["straight_line"] == pytest.approx((6 * 10 + 6 * 50) / 12)


def test_a_target_is_met_by_the_figure_as_shown() -> None:
    finished = {"last": MARCH, "target": 90.0}
    just = _outturn(_table(np.full(24, 8995.0), np.full(24, 10000.0), **finished))
    short = _outturn(_table(np.full(24, 8994.0), np.full(24, 10000.0), **finished))
    assert (just["probability_of_meeting"], just["is_met_now"]) == (1, True)
    assert (short["probability_of_meeting"], short["is_met_now"]) == (0, False)
    low = _outturn(_table(np.full(24, 8994.0), np.full(24, 10000.0), better_sign=-1, **finished))
    assert low["probability_of_meeting"] == 1


def test_without_a_target_there_is_nothing_to_meet() -> None:
    row = _outturn(_table(np.full(24, 30), np.full(24, 100)))
    assert (row["probability_of_meeting"], row["is_met_now"], row["expected_month_index"]) == (None,) * 3


def test_the_month_of_meeting_is_the_first_in_which_half_of_the_draws_meet_it() -> None:
    rising = _outturn(_position([*[60.0] * 12, *np.arange(60, 70, 1.0)], target=75.0))
    assert rising["is_met_now"] is False
    assert SEPTEMBER < rising["expected_month_index"] <= SEPTEMBER + 24
    never = _outturn(_position([60.0, 60.2] * 12, target=75.0))
    assert never["expected_month_index"] is None
    assert never["probability_of_meeting"] == 0


def test_a_trend_goes_on_from_where_it_is_less_each_month() -> None:
    drawn = simulate(_series(_position([*[50.0] * 8, *np.arange(50, 62, 1.0)])), 24).headline
    middle = np.median(drawn, axis=0)[19:]
    steps = np.diff(middle)
    assert middle[0] == 61
    assert steps[0] > steps[6] > steps[-1]
    assert middle[-1] > 62
    still = simulate(_series(_position([51.0] * 20)), 24).headline
    assert set(still.ravel()) == {51.0}


def test_a_share_stays_between_nought_and_a_hundred() -> None:
    drawn = simulate(_series(_position(np.linspace(60, 99, 24))), 24).headline
    assert drawn.max() == 100
    rates = simulate(_series(_position(np.linspace(60, 99, 24), highest=np.inf)), 24).headline
    assert rates.max() > 100


def test_events_come_from_the_same_or_a_neighbouring_calendar_month() -> None:
    """Of two years only the Decembers have events."""
    months = np.arange(SEPTEMBER - 23, SEPTEMBER + 1)
    numerator = np.where(months % 12 == 0, 1000.0, 0.0)
    kind = {
        "method": "seasonal_bootstrap",
        "is_rate": True,
        "scale": 10000.0,
        "highest": np.inf,
        "window_months": 12,
    }
    series = _series(_table(numerator, np.full(24, 50000.0), **kind))
    drawn, population = forecasts._events(series, 6, np.random.default_rng(1))
    assert set(population.ravel()) == {50000.0}
    october_to_march = drawn.max(axis=0)
    assert [bool(most > 0) for most in october_to_march] == [False, True, True, True, False, False]
    assert np.isin(0, drawn[:, 2]), "November and January had none"


def test_a_rate_is_brought_to_a_year_and_a_count_is_not() -> None:
    kind = {"method": "seasonal_bootstrap", "last": MARCH, "highest": np.inf}
    rate = _outturn(_table(np.full(24, 50.0), np.full(24, 50000.0), is_rate=True, scale=10000.0, **kind))
    assert rate["outturn"] == 120
    count = _outturn(_table(np.full(24, 50.0), is_count=True, scale=1.0, outturn_months=3, **kind))
    assert count["outturn"] == 150
    assert count["figure_to_date"] == 600


def test_amounts_and_means_are_drawn_as_they_were() -> None:
    numerator, denominator = np.arange(24.0) + 0.5, np.arange(24.0) + 1
    series = _series(_table(numerator, denominator, method="month_bootstrap"))
    drawn, people = forecasts._events(series, 3, np.random.default_rng(1))
    assert set(drawn.ravel()) <= set(numerator)
    assert np.array_equal(drawn + 0.5, people), "numerator and denominator of one month stay together"


def test_rates_keep_only_what_chance_does_not_explain_of_their_scatter() -> None:
    random = np.random.default_rng(1)
    people = np.full(24, 100.0)
    by_chance = random.binomial(100, 0.3, 24).astype(float)
    drawn_in = forecasts._rates(by_chance, people)
    assert drawn_in.std() < 0.5 * (by_chance / people).std()
    real = np.array([10.0, 90.0] * 12)
    assert forecasts._rates(real, people).std() > 0.9 * (real / people).std()
    assert list(forecasts._rates(np.zeros(3), np.zeros(3))) == [0], "nobody to count in all of the history"


def test_intervals_hold_what_comes_as_often_as_they_say() -> None:
    """100 processes at rest, forecast half a year ahead."""
    random = np.random.default_rng(2025)
    people = random.integers(60, 140, (100, 30)).astype(float)
    yes = random.binomial(people.astype(int), 0.3).astype(float)
    inside = 0
    for row in range(100):
        table = _table(yes[row, :24], people[row, :24], indicator_id=f"S{row}", draws=300)
        said = _outturn(table)
        actual = 100 * yes[row, 18:].sum() / people[row, 18:].sum()
        inside += said["lower"] <= actual <= said["upper"]
    assert 0.75 <= inside / 100 <= 0.9


def test_positions_hold_what_comes_as_often_as_they_say() -> None:
    """100 positions that wander, forecast half a year ahead."""
    wander = 50 + np.random.default_rng(2025).normal(0, 1, (100, 30)).cumsum(axis=1)
    inside = 0
    for row, values in enumerate(wander):
        said = _outturn(_position(values[:24], indicator_id=f"S{row}", draws=300))
        inside += said["lower"] <= values[29] <= said["upper"]
    assert 0.75 <= inside / 100 <= 0.9


def test_earlier_forecasts_know_only_what_was_known_then() -> None:
    numerator, denominator = np.full(24, 30.0), np.full(24, 100.0)
    rows = forecasts.backtests(_table(numerator, denominator)).to_pylist()
    assert [(row["from_month_index"], row["months_ahead"]) for row in rows] == [
        *((SEPTEMBER - 6, ahead) for ahead in range(1, 7)),
        *((SEPTEMBER - 3, ahead) for ahead in range(1, 4)),
    ]
    numerator[18:] = 90
    changed = forecasts.backtests(_table(numerator, denominator)).to_pylist()
    said = ("lower", "median", "upper", "straight_line")
    assert [[row[name] for name in said] for row in changed[:6]] == [
        [row[name] for name in said] for row in rows[:6]
    ]
    assert rows[5]["actual"] == 30
    assert changed[5]["actual"] == 60, "half of the twelve months"


def test_no_series_no_forecast() -> None:
    empty = _table(np.full(24, 30), np.full(24, 100)).slice(0, 0)
    assert forecasts.outturns(empty).num_rows == 0
    assert forecasts.backtests(empty).num_rows == 0
