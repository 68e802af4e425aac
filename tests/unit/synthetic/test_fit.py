"""The synthetic authority at demo size comes out near the published rates and tells the story."""

from __future__ import annotations

import pytest

from scrutiny.synthetic import simulate
from scrutiny.synthetic.fit import measure

DEMO = 260_000


@pytest.fixture(scope="module")
def figures() -> dict[tuple[str, str], float]:
    return {(fit.indicator, fit.period): fit.simulated for fit in measure(simulate(population=DEMO), DEMO)}


@pytest.mark.parametrize(
    ("indicator", "low", "high"),
    [
        ("FD06", 505, 570),
        ("FD07", 27, 31),
        ("FD08", 5.5, 8.5),
        ("FD11", 84, 89),
        ("CP01", 170, 210),
        ("CP04", 78, 85),
        ("CP06", 36, 46),
        ("CP08", 20, 28),
        ("CP10", 1, 5),
        ("CL01", 60, 74),
        ("CL03", 21, 30),
        ("CL06", 7, 13),
        ("CL07", 60, 76),
        ("CL11", 62, 73),
        ("CL21", 86, 94),
        ("LV02", 31, 45),
        ("LV07", 8, 17),
        ("LV05", 83, 93),
    ],
)
def test_children_rates_are_near_the_published(
    figures: dict[tuple[str, str], float], indicator: str, low: float, high: float
) -> None:
    assert low <= figures[indicator, "2024-25"] <= high


def test_the_workforce_stands_below_england(figures: dict[tuple[str, str], float]) -> None:
    period = "30 September 2025"
    assert 11 <= figures["WF01", period] < 14.2
    assert 5.5 <= figures["WF02", period] < 9
    assert 10.5 <= figures["WF03", period] < 13


def test_reviews_dip_after_the_redeployment_and_recover(figures: dict[tuple[str, str], float]) -> None:
    before, dip, after = (
        figures["AD27", f"12 months to {month}"] for month in ("2024-12", "2025-06", "2025-09")
    )
    assert 70 <= before <= 74
    assert 63 <= dip <= 66.5
    assert 67 <= after <= 70
    before, dip, after = (
        figures["AD29", f"12 months to {month}"] for month in ("2024-12", "2025-06", "2025-09")
    )
    assert 59 <= before <= 62
    assert 53 <= dip <= 56
    assert dip + 1 < after < 60


def test_adult_rates_are_near_the_published(figures: dict[tuple[str, str], float]) -> None:
    assert 520 <= figures["AD08", "12 months to 2025-09"] <= 660
    assert 22 <= figures["AD20", "12 months to 2025-09"] <= 27
