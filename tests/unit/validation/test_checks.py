"""What becomes of a delivery as a whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scrutiny.validation import OpenDelivery, validate


def test_a_delivery_without_a_usable_row_is_rejected(open_delivery: Callable[..., OpenDelivery]) -> None:
    with open_delivery("cld", events=[{"Client Type": "Nobody"}, {"Client Type": "Nobody"}]) as delivery:
        rejection = validate(delivery).rejection
    assert rejection is not None
    assert rejection.rule == "nothing_usable"


def test_one_usable_row_keeps_the_delivery(open_delivery: Callable[..., OpenDelivery]) -> None:
    with open_delivery("cld", events=[{"Client Type": "Nobody"}, {}]) as delivery:
        result = validate(delivery)
    assert result.rejection is None
    assert (result.received, result.set_aside) == ({"events": 2}, {"events": 1})


def test_a_month_without_a_usable_row_rejects_the_delivery(
    open_delivery: Callable[..., OpenDelivery],
) -> None:
    """The month would count as one in which nobody was in post."""
    lost = [{"Month": "2025-06", "Post FTE": "2"}, {}, {"Post ID": "P2"}]
    with open_delivery("establishment", posts=lost) as delivery:
        rejection = validate(delivery).rejection
    assert rejection is not None
    assert (rejection.rule, rejection.what) == (
        "nothing_usable",
        "Every row of 2025-06 breaks an error rule",
    )
    with open_delivery("establishment", posts=[*lost, {"Month": "2025-06", "Post ID": "P3"}]) as delivery:
        assert validate(delivery).rejection is None


@pytest.mark.parametrize("number", ["943 476 5919", "UNKNOWN", "12345", "943476591A", "94347659191"])
def test_an_nhs_number_of_any_form_is_queried(
    number: str, open_delivery: Callable[..., OpenDelivery]
) -> None:
    with open_delivery("cld", events=[{"NHS Number": number}]) as delivery:
        result = validate(delivery)
    assert [o.rule.severity for o in result.outcomes if o.failed and o.rule.code == "CLD-K01"] == ["query"]
    assert result.rejection is None


@pytest.mark.parametrize("word", ["infinity", "-infinity", "epoch", "today"])
def test_a_word_is_no_date(word: str, open_delivery: Callable[..., OpenDelivery]) -> None:
    with open_delivery("cld", events=[{"Event Start Date": word}]) as delivery:
        read = delivery.connection.execute('select "Event Start Date" from events').fetchone()
    assert read == (None,)
