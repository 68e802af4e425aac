"""Random councils publish quarter after quarter, with revisions; no protected count is ever found."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from attacker import Public, given_away
from histories import Known, by_month, count, published, rules_with

from scrutiny.periods import Month, Quarter
from scrutiny.snapshots.ledger import Figure, Release

QUARTERS = [Quarter.parse(f"2025-26-Q{number}") for number in (1, 2, 3)]
START = Month(2024, 7)
HIDDEN = range(1, 6)
IDENTITIES = """Stock and flow,zero,OPEN,numerator,1,1
Stock and flow,zero,STARTED,numerator,0,1
Stock and flow,zero,ENDED,numerator,0,-1
Stock and flow,zero,OPEN,numerator,0,-1
Girls and boys,zero,ALL,numerator,0,1
Girls and boys,zero,GIRLS,numerator,0,-1
Girls and boys,zero,BOYS,numerator,0,-1
"""
PUBLIC = Public(
    numerators={
        "SHARE": "again",
        "SHARE_YEAR": "again",
        "REFERRALS": "referrals",
        "AGAIN": "again",
        "OPEN": "open",
        "STARTED": "started",
        "ENDED": "ended",
        "ALL": "all",
        "GIRLS": "girls",
        "BOYS": "boys",
    },
    denominators={"SHARE": "referrals", "SHARE_YEAR": "referrals"},
    zero=(
        (("open", 1, 1.0), ("started", 0, 1.0), ("ended", 0, -1.0), ("open", 0, -1.0)),
        (("all", 0, 1.0), ("girls", 0, -1.0), ("boys", 0, -1.0)),
    ),
)
FAMILIES = (
    ("SHARE", "SHARE_YEAR", "REFERRALS", "AGAIN"),
    ("OPEN", "STARTED", "ENDED"),
    ("ALL", "GIRLS", "BOYS"),
)


class Council:
    """A council with few of everything, whose records are corrected late."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - histories for a test, not a secret
        months = 18
        low = self.chance.choice((1, 4, 10))
        self.counts = {
            name: [float(self.chance.randint(0, 2 * low)) for _ in range(months)]
            for name in ("again", "others", "started", "ended", "girls", "boys")
        }
        self.family = self.chance.choice(FAMILIES)
        self.bases = {
            "SHARE": self.chance.choice(("month", "quarter")),
            "SHARE_YEAR": self.chance.choice(("rolling_12_months", "year_to_date")),
            "REFERRALS": self.chance.choice(("month", "quarter", "year_to_date", "rolling_12_months")),
            "AGAIN": self.chance.choice(("quarter", "year_to_date", "rolling_12_months")),
            "ALL": self.chance.choice(("month", "quarter")),
            "GIRLS": self.chance.choice(("month", "quarter", "year_to_date")),
            "BOYS": self.chance.choice(("quarter", "year_to_date")),
        }

    def revise(self) -> None:
        for _ in range(self.chance.choice((0, 0, 1, 3))):
            numbers = self.counts[self.chance.choice(sorted(self.counts))]
            place = self.chance.randrange(15)
            numbers[place] = max(0.0, numbers[place] + self.chance.choice((-7, -2, -1, 1, 2, 4, 7, 12)))

    def known(self, until: Month) -> list[Known]:
        """The indicators of its family, with the counts to the end of a month as recorded now."""
        length = 12 * (until.year - START.year) + until.number - START.number + 1
        c = {name: numbers[:length] for name, numbers in self.counts.items()}
        pairs = {"referrals": ("again", "others"), "all": ("girls", "boys")}
        c |= {
            name: [one + other for one, other in zip(c[first], c[second], strict=True)]
            for name, (first, second) in pairs.items()
        }
        c["open"] = [100.0]
        for one, other in zip(c["started"][1:], c["ended"][1:], strict=True):
            c["open"].append(c["open"][-1] + one - other)
        numbers = {name: by_month(found, START) for name, found in c.items()}
        basis = self.bases
        known = [
            Known("SHARE", numbers["again"], numbers["referrals"], basis=basis["SHARE"]),
            Known("SHARE_YEAR", numbers["again"], numbers["referrals"], basis=basis["SHARE_YEAR"]),
            count("REFERRALS", numbers["referrals"], basis["REFERRALS"]),
            count("AGAIN", numbers["again"], basis["AGAIN"]),
            count("OPEN", numbers["open"], "month", "stock"),
            count("STARTED", numbers["started"], "month"),
            count("ENDED", numbers["ended"], "month"),
            *(count(name, numbers[name.lower()], basis[name]) for name in ("ALL", "GIRLS", "BOYS")),
        ]
        return [each for each in known if each.indicator_id in self.family]


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rules_with(tmp_path_factory.mktemp("rules"), disclosure_identities=IDENTITIES)


@pytest.mark.parametrize("tens", range(20))
def test_no_protected_count_is_found_in_ten_random_histories(tens: int, rules: Path) -> None:
    published_figures = 0
    for seed in range(10 * tens, 10 * tens + 10):
        council = Council(seed)
        history = []
        for quarter in QUARTERS:
            history.append((quarter, council.known(quarter.months[2])))
            council.revise()
        releases, decisions = published(history, rules)
        found = given_away(releases, PUBLIC, [known for _, known in history], HIDDEN)
        assert found == [], f"council {seed}"
        published_figures += sum(len(decision.shown) for decision in decisions)
    assert published_figures > 300


def test_the_attacker_finds_what_is_not_protected(rules: Path) -> None:
    """If all figures but the small ones were published, most histories would give one away."""
    caught = 0
    for seed in range(30):
        council = Council(seed)
        known = council.known(QUARTERS[-1].months[2])
        figures = []
        for each in known:
            for month in each.numerators:
                numerator, denominator, value = each.figure(month)
                rest = None if None in (numerator, denominator) else denominator - numerator
                if numerator is not None and numerator not in HIDDEN and rest not in HIDDEN:
                    figures.append(
                        Figure(each.indicator_id, each.window, str(month), numerator, denominator, value)
                    )
        careless = Release("2025-26-Q4", "1.0.0", "", "", tuple(figures))
        caught += bool(given_away([careless], PUBLIC, [known], HIDDEN))
    assert caught >= 15
