"""Landing: what feeds drop is kept as received, with a receipt for every delivery."""

from scrutiny.landing.archives import Limits, unpack
from scrutiny.landing.lateness import describe_late, late_feeds
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
from scrutiny.landing.receiving import receive, settle_duplicates

__all__ = [
    "Limits",
    "Outcome",
    "Reason",
    "Receipt",
    "StoredFile",
    "TableCounts",
    "describe_late",
    "late_feeds",
    "reason_of",
    "receipts",
    "receive",
    "save",
    "settle_duplicates",
    "unpack",
]
