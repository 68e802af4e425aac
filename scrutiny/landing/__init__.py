"""Landing: what feeds drop is kept as received, with a receipt for every delivery."""

from scrutiny.landing.archives import Limits, unpack
from scrutiny.landing.lateness import late_feeds, lateness
from scrutiny.landing.receipts import (
    Outcome,
    Reason,
    Receipt,
    StoredFile,
    TableCounts,
    reason_of,
    receipts,
    save,
)
from scrutiny.landing.receiving import receive

__all__ = [
    "Limits",
    "Outcome",
    "Reason",
    "Receipt",
    "StoredFile",
    "TableCounts",
    "late_feeds",
    "lateness",
    "reason_of",
    "receipts",
    "receive",
    "save",
    "unpack",
]
