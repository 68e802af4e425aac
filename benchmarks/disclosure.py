"""Deciding what the public edition shows: 120 indicators with 3,000 protected counts after 11 quarters."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np

from benchmarks.measurement import Measurement, limit, seconds
from scrutiny.settings import PROJECT

INDICATORS, MONTHS, QUARTERS = 120, 46, 12
PROTECTED = 3_000
MOST_SECONDS = 60.0


def run() -> Iterator[Measurement]:
    """The twelfth quarter, with the eleven before it in the ledger."""
    sys.path.insert(0, str(PROJECT / "tests" / "publication"))
    from histories import Known, frozen, released

    from scrutiny.periods import Month, Quarter
    from scrutiny.snapshots.disclosure import Decision, decide, disclosure_rule

    chance = np.random.default_rng(1)
    start = Month(2023, 4)
    known = []
    for number in range(INDICATORS):
        usual = chance.choice([1.2, 6.0, 40.0])
        part = chance.poisson(usual, MONTHS).astype(float)
        whole = part + chance.poisson(3 * usual + 20, MONTHS)
        months = [start + index for index in range(MONTHS)]
        known.append(
            Known(
                f"X{number:03}",
                dict(zip(months, part, strict=True)),
                dict(zip(months, whole, strict=True)),
                "flow" if number % 3 else "stock",
                ("quarter", "rolling_12_months")[number % 2],
            )
        )
    last = Quarter.parse("2026-27-Q3")
    quarters = sorted({(last.months[2] - 3 * back).quarter for back in range(QUARTERS)})
    rule = disclosure_rule(PROJECT / "seeds", last)
    releases, history = [], {}
    for quarter in quarters[:-1]:
        figures = frozen(quarter, known)
        hidden = decide(figures, PROJECT / "seeds", releases, history)
        releases.append(released(quarter, hidden))
        history[releases[-1].name] = figures
    figures = frozen(last, known)
    decision: list[Decision] = []
    taken = seconds(lambda: decision.append(decide(figures, PROJECT / "seeds", releases, history)))
    (made,) = decision
    what = f"disclosure: {made.protected:,} protected counts, {len(quarters)} quarters, rule {rule.version}"
    if made.protected < PROTECTED:
        raise AssertionError(f"Only {made.protected} protected counts: the benchmark is too easy.")
    yield limit(f"{what}, {made.share_withheld:.1%} withheld", taken, "s", MOST_SECONDS)
