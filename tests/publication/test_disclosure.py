"""Disclosure control against the attacks it is made for, each with the published figures an attacker has."""

from __future__ import annotations

from pathlib import Path

import pytest
from histories import FIRST, Known, by_month, count, frozen, published, released, rules_with

from scrutiny.periods import Month, Quarter
from scrutiny.reports.figures import PublicationError
from scrutiny.settings import PROJECT
from scrutiny.snapshots.audit import Row, Target, audit
from scrutiny.snapshots.disclosure import Decision, decide, public_figures
from scrutiny.snapshots.ledger import Figure

SEEDS = PROJECT / "seeds"
Q1, Q2 = Quarter.parse("2025-26-Q1"), Quarter.parse("2025-26-Q2")
JUNE, SEPTEMBER = Q1.months[2], Q2.months[2]
ADDED_UP = """Everybody is one or the other,zero,ALL,numerator,0,1
Everybody is one or the other,zero,GIRLS,numerator,0,-1
Everybody is one or the other,zero,BOYS,numerator,0,-1
"""


def shown(decision: Decision, indicator_id: str, month: Month) -> bool:
    return any(key[0] == indicator_id and key[2] == str(month) for key in decision.shown)


def reason(decision: Decision, indicator_id: str, month: Month) -> str | None:
    return next(
        (why for key, why in decision.withheld.items() if key[0] == indicator_id and key[2] == str(month)),
        None,
    )


def varied(number: int, length: int = 18) -> list[float]:
    """Counts that are never small and never the same as those of another indicator."""
    return [float(20 + number * 7 + (index * (number + 3)) % 11) for index in range(length)]


def test_a_row_or_column_total(tmp_path: Path) -> None:
    """All 20 and girls 17 would give away the 3 boys."""
    rules = rules_with(tmp_path, disclosure_identities=ADDED_UP)
    boys, girls = varied(1), varied(2)
    boys[-1] = 3.0
    both = [one + other for one, other in zip(boys, girls, strict=True)]
    known = [
        count(name, by_month(numbers), "month", "stock")
        for name, numbers in (("ALL", both), ("BOYS", boys), ("GIRLS", girls))
    ]
    (decision,) = published([(Q2, known)], rules)[1]
    assert reason(decision, "BOYS", SEPTEMBER) == "primary"
    assert sorted(decision.withheld.values()) == ["primary", "secondary"]
    assert shown(decision, "ALL", SEPTEMBER) != shown(decision, "GIRLS", SEPTEMBER)


@pytest.mark.parametrize(
    ("unit", "statistic", "value", "denominator", "count_hidden"),
    [("percent", "share", 85.7, 7.0, 6.0), ("rate_per_10000", "rate", 0.8, 52_000.0, 4.0)],
)
def test_a_percentage_or_rate_of_a_known_number(
    tmp_path: Path, unit: str, statistic: str, value: float, denominator: float, count_hidden: float
) -> None:
    """Somebody prints 85.7% of 7, which is all but one; or 0.8 per 10,000 of 52,000, which is four."""
    rules = rules_with(
        tmp_path,
        published_elsewhere=f"999,X,position,{SEPTEMBER},,{denominator:.0f},{value},National table 4\n",
    )
    known = Known(
        "X",
        by_month([count_hidden], SEPTEMBER),
        by_month([denominator], SEPTEMBER),
        "stock",
        "quarter",
        statistic,
        unit,
    )
    with pytest.raises(PublicationError, match="National table 4") as stopped:
        decide(frozen(Q2, [known]), rules, [])
    assert "already gives a protected count away" in str(stopped.value)
    assert f"X at {SEPTEMBER}" in str(stopped.value)


def test_the_year_to_date_less_the_first_quarter(tmp_path: Path) -> None:
    """8 in the first quarter, 2 of them girls; then 7 and 9, and 13 and 11 in the year so far."""
    rules = rules_with(
        tmp_path,
        disclosure_identities="".join(
            f"{'Everybody is one or the other ' + basis},zero,{name}_{basis},numerator,0,{times}\n"
            for basis in ("Q", "Y")
            for name, times in (("ALL", 1), ("BOYS", -1), ("GIRLS", -1))
        ),
    )
    earlier = 12
    boys = [*varied(1, earlier), 2.0, 2.0, 2.0, 2.0, 2.0, 3.0]
    girls = [*varied(2, earlier), 0.0, 1.0, 1.0, 3.0, 3.0, 3.0]
    both = [one + other for one, other in zip(boys, girls, strict=True)]
    named = (("ALL", both), ("BOYS", boys), ("GIRLS", girls))

    def known(months: int) -> list[Known]:
        return [
            count(f"{name}_{letter}", by_month(numbers[:months]), basis)
            for name, numbers in named
            for letter, basis in (("Q", "quarter"), ("Y", "year_to_date"))
        ]

    first, second = published([(Q1, known(15)), (Q2, known(18))], rules)[1]
    assert reason(first, "GIRLS_Q", JUNE) == "primary"
    assert [reason(first, name, JUNE) for name in ("ALL_Q", "BOYS_Q")].count("secondary") == 1
    assert not (shown(second, "GIRLS_Q", SEPTEMBER) and shown(second, "GIRLS_Y", SEPTEMBER))


def test_twelve_months_less_the_twelve_months_before(tmp_path: Path) -> None:
    """Two rolling totals differ by the newest month less the one that dropped out, which is published."""
    numbers = varied(1)
    numbers[-1] = 4.0
    known = [
        count("MONTHLY", by_month(numbers), "month"),
        count("ROLLING", by_month(numbers), "rolling_12_months"),
    ]
    (decision,) = published([(Q2, known)])[1]
    assert reason(decision, "MONTHLY", SEPTEMBER) == "primary"
    assert not (
        shown(decision, "ROLLING", SEPTEMBER)
        and shown(decision, "ROLLING", SEPTEMBER - 1)
        and shown(decision, "MONTHLY", SEPTEMBER - 12)
    )
    assert list(decision.withheld.values()).count("secondary") <= 3


def test_those_there_before_and_those_who_came_less_those_who_left(tmp_path: Path) -> None:
    rules = rules_with(
        tmp_path,
        disclosure_identities="""Stock and flow,zero,OPEN,numerator,1,1
Stock and flow,zero,STARTED,numerator,0,1
Stock and flow,zero,ENDED,numerator,0,-1
Stock and flow,zero,OPEN,numerator,0,-1
""",
    )
    started, ended = varied(1), varied(2)
    ended[-1] = 2.0
    open_at_end = [300.0]
    for one, other in zip(started[1:], ended[1:], strict=True):
        open_at_end.append(open_at_end[-1] + one - other)
    known = [
        count("OPEN", by_month(open_at_end), "month", "stock"),
        count("STARTED", by_month(started), "month"),
        count("ENDED", by_month(ended), "month"),
    ]
    (decision,) = published([(Q2, known)], rules)[1]
    assert reason(decision, "ENDED", SEPTEMBER) == "primary"
    assert "secondary" in (
        reason(decision, "OPEN", SEPTEMBER),
        reason(decision, "OPEN", SEPTEMBER - 1),
        reason(decision, "STARTED", SEPTEMBER),
    )
    assert len(decision.withheld) <= 4


@pytest.mark.parametrize(
    ("late", "now"), [(0.0, 50.0), (1.0, 50.0), (5.0, 50.0), (6.0, 56.0), (-1.0, 50.0), (-6.0, 44.0)]
)
def test_a_revision_by_few_people_is_not_shown(late: float, now: float) -> None:
    """One more than was published is one person recorded late: the figure stays as published."""
    before = count("X", by_month([50.0] * 15), "month", "stock")
    after = count("X", by_month([*[50.0] * 14, 50.0 + late, 60.0, 60.0, 60.0]), "month", "stock")
    decision = published([(Q1, [before]), (Q2, [after])])[1][-1]
    key = ("X", "position", str(JUNE))
    assert decision.shown[key].numerator == now
    assert (key in decision.kept) == (0 < abs(late) <= 5)
    cleared = public_figures(frozen(Q2, [after]), decision, SEEDS)
    assert cleared.rows("mart_scrutiny_quarter")[0]["previous_value"] == now
    (point,) = [row for row in cleared.rows("fct_indicator_value") if row["month"] == str(JUNE)]
    assert (point["numerator"], point["value"]) == (now, now)


def test_a_comparison_with_a_figure_kept_as_published_is_made_with_that_figure() -> None:
    """From 50 as published to 51 is no change, though from 54 as it is now it is an improvement."""
    before = count("X", by_month([50.0] * 15), "month", "stock")
    after = count("X", by_month([*[50.0] * 14, 54.0, 51.0, 51.0, 51.0]), "month", "stock")
    figures = frozen(Q2, [after])
    decision = published([(Q1, [before]), (Q2, [after])])[1][-1]
    row = public_figures(figures, decision, SEEDS).rows("mart_scrutiny_quarter")[0]
    assert (row["previous_value"], row["direction_short"]) == (50.0, "no change")


def test_a_correction_by_few_people_withholds_the_headline() -> None:
    numbers = by_month([50.0] * 18)
    first = decide(frozen(Q2, [count("X", numbers, "month", "stock")]), SEEDS, [])
    second = decide(
        frozen(Q2, [count("X", numbers | {SEPTEMBER: 52.0}, "month", "stock")]), SEEDS, [released(Q2, first)]
    )
    assert reason(second, "X", SEPTEMBER) == "revision"


def test_a_revision_by_few_of_the_number_out_of_which_is_not_shown_either() -> None:
    """Re-referrals moved by ten, referrals by two: the two are people recorded late."""
    tens, hundreds = by_month([30.0] * 18), by_month([200.0] * 18)
    first = [Known("X", tens, hundreds, "stock")]
    second = [Known("X", tens | {JUNE: 40.0}, hundreds | {JUNE: 202.0}, "stock")]
    decision = published([(Q1, first), (Q2, second)])[1][-1]
    assert reason(decision, "X", JUNE) == "revision"


def test_a_partner_publishes_its_share_and_the_partnership_the_whole(tmp_path: Path) -> None:
    """The two islands have 63, the other one 60."""
    rules = rules_with(
        tmp_path,
        published_elsewhere=f"FM,X,position,{SEPTEMBER},63,,63,Partnership report\n"
        f"998,X,position,{SEPTEMBER},60,,60,Merrow Island report\n",
    )
    figures = frozen(Q2, [count("X", by_month([3.0], SEPTEMBER), "month", "stock")])
    with pytest.raises(PublicationError) as stopped:
        decide(figures, rules, [])
    assert "Partnership report" in str(stopped.value)
    assert "Merrow Island report" in str(stopped.value)


def test_the_government_publishes_what_the_council_withholds(tmp_path: Path) -> None:
    elsewhere = f"999,X,position,{SEPTEMBER},3,,3,National table 9\n"
    rules = rules_with(tmp_path, published_elsewhere=elsewhere)
    figures = frozen(Q2, [count("X", by_month([3.0], SEPTEMBER), "month", "stock")])
    with pytest.raises(PublicationError, match="National table 9"):
        decide(figures, rules, [])
    assert decide(figures, SEEDS, []).withheld


def test_two_indicators_that_count_the_same_are_seen_through() -> None:
    """One shows the month's count, the other the same events out of a larger number."""
    few, many = varied(1), [float(100 + 7 * index) for index in range(18)]
    few[-1] = 3.0
    known = [
        count("PLAIN", by_month(few), "month"),
        count("REST", by_month([whole - part for part, whole in zip(few, many, strict=True)]), "month"),
        count("WHOLE", by_month(many), "month"),
        Known("SHARE", by_month(few), by_month(many), basis="month"),
    ]
    (decision,) = published([(Q2, known)])[1]
    assert reason(decision, "PLAIN", SEPTEMBER) == "primary"
    assert reason(decision, "SHARE", SEPTEMBER) == "primary"
    assert not (shown(decision, "REST", SEPTEMBER) and shown(decision, "WHOLE", SEPTEMBER))


def test_what_is_published_cannot_be_taken_back_and_stops_what_would_follow() -> None:
    """A ledger that gives a count away by itself: the message names its figures and no number."""
    boys, girls = varied(1), varied(2)
    boys[-1] = 3.0
    many = [one + other for one, other in zip(boys, girls, strict=True)]
    known = [
        Known("SHARE", by_month(boys), by_month(many), "stock"),
        count("REST", by_month(girls), "month", "stock"),
        count("WHOLE", by_month(many), "month", "stock"),
    ]
    decision = decide(frozen(Q2, known), SEEDS, [])
    leaked = dict(decision.shown)
    for each in known[1:]:
        figure = Figure(each.indicator_id, "position", str(SEPTEMBER), *each.figure(SEPTEMBER))
        leaked[figure.key] = figure
    careless = released(Q2, Decision(decision.rule, leaked, {}, frozenset(), 0))
    with pytest.raises(PublicationError) as stopped:
        decide(frozen(Q2, known), SEEDS, [careless])
    said = str(stopped.value)
    assert f"REST at {SEPTEMBER}: {Q2} v1.0.0" in said
    assert f"WHOLE at {SEPTEMBER}: {Q2} v1.0.0" in said
    assert "REST numerator is the rest of SHARE" in said
    assert not {"3", "3.0", str(girls[-1]), str(many[-1])} & set(said.split())


def test_a_month_inside_a_quarter_is_protected_too() -> None:
    """Months of three and none behind quarters of six: any number up to six stays possible."""
    numbers = by_month([3.0, 3.0, 0.0] * 6)
    decision = decide(frozen(Q2, [count("X", numbers)]), SEEDS, [])
    assert not decision.withheld
    assert decision.protected >= 12


def test_the_chain_is_no_longer_than_it_must_be() -> None:
    hidden = Target(((("a",), 1.0),), "a", 3, 1, 5, is_marked=True)
    rows = [
        Row(((("a",), 1.0), (("b",), 1.0)), 20, 20, "a and b"),
        Row(((("b",), 1.0),), 17, 17, "b"),
        Row(((("b",), 1.0), (("c",), 1.0)), 30, 30, "b and c"),
        Row(((("d",), 1.0),), 3, 3, "something else"),
    ]
    (leak,) = audit(rows, [hidden])
    assert (leak.least, leak.most) == (3, 3)
    assert [row.said for row in leak.chain] == ["a and b", "b"]
    assert audit(rows[:1], [hidden]) == []


def test_a_range_that_is_narrower_than_the_rule_is_a_leak() -> None:
    """A visible mark says 1 to 5; anything published may not say more than that."""
    cell = ((("a",), 1.0),)
    at_least_two = [Row(cell, 2, 40, "at least two")]
    assert audit(at_least_two, [Target(cell, "a", 3, 1, 5, is_marked=True)])
    assert not audit(at_least_two, [Target(cell, "a", 3, 1, 5, is_marked=False)])
    at_most_five = [Row(cell, 2, 5, "two to five")]
    assert audit(at_most_five, [Target(cell, "a", 3, 1, 5, is_marked=False)])


def test_rounding_leaves_only_whole_numbers_of_people() -> None:
    """Between 85.65% and 85.75% of up to 14 there are only 6 of 7 and 12 of 14."""
    part, whole = ("a",), ("b",)
    rows = [
        Row(((whole, 1.0),), 6, 14, "up to 14"),
        Row(((part, 100.0), (whole, -85.65)), 0, float("inf"), "85.7%"),
        Row(((part, -100.0), (whole, 85.75)), 0, float("inf"), "85.7%"),
    ]
    rest = ((part, -1.0), (whole, 1.0))
    (leak,) = audit(rows, [Target(rest, "the rest", 2, 1, 5, is_marked=True)])
    assert (leak.least, leak.most) == (1, 2)


def test_figures_that_contradict_each_other_are_audited_by_the_newer_ones() -> None:
    cell, other = ((("a",), 1.0),), ((("b",), 1.0),)
    both = ((("a",), 1.0), (("b",), 1.0))
    rows = [Row(both, 40, 40, "older"), Row(other, 17, 17, "b"), Row(cell, 3, 3, "newer")]
    (leak,) = audit(rows, [Target(cell, "a", 3, 1, 5, is_marked=True)])
    assert [row.said for row in leak.chain] == ["newer"]


def test_little_is_withheld_from_a_council_of_usual_size() -> None:
    """Only what is small, and hardly anything beside it."""
    share = [Known(f"S{number}", by_month(varied(number)), by_month([200.0 + 3 * number] * 18), "stock")
             for number in range(6)]  # fmt: skip
    few = Known("FEW", by_month([3.0, 9.0] * 9), by_month([150.0] * 18), "stock")
    (decision,) = published([(Q2, [*share, few])])[1]
    assert set(decision.withheld.values()) == {"primary"}
    assert decision.share_withheld == 9 / (7 * 18)
    assert FIRST.months[0] == min(share[0].numerators)
