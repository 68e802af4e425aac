"""What a delivery was held against, so that it is checked anew when that has changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scrutiny.validation import companions, problems, volumes

if TYPE_CHECKING:
    from scrutiny.landing import Receipt


def held_against(receipt: Receipt, known: Sequence[Receipt]) -> dict[str, str]:
    """What a check of a delivery looks at besides the delivery itself, given the receipts of its authority.

    The ids of its companions, of the deliveries its volumes are compared with and of the one its problems
    are, by what each is to it; and, as ``last_reason``, the rule that the feed's delivery before it was
    rejected for. A delivery that could not be recognised is held against that alone.
    """
    reason = problems.last_reason(receipt, known)
    found = {"last_reason": reason} if reason else {}
    if receipt.period_end is None:
        return found
    others = companions.find(receipt, known) | volumes.comparable(receipt, known)
    if last := problems.last_checked(receipt, known):
        others["last_checked"] = last
    return found | {name: other.delivery_id for name, other in others.items()}
