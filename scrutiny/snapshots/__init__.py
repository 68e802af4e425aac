"""Quarterly snapshots: frozen figures, two editions, provenance and a manifest, published once and kept."""

from scrutiny.reports.figures import PublicationError
from scrutiny.snapshots.manifest import seal, verify
from scrutiny.snapshots.numbering import require_reason
from scrutiny.snapshots.states import (
    UNPUBLISHED,
    Approval,
    Snapshot,
    find_snapshot,
    list_snapshots,
    record_sign_offs,
    rejection_of,
    signed_drafts,
)
from scrutiny.snapshots.versions import freeze, publish, publish_signed_off, withdraw

__all__ = [
    "UNPUBLISHED",
    "Approval",
    "PublicationError",
    "Snapshot",
    "find_snapshot",
    "freeze",
    "list_snapshots",
    "publish",
    "publish_signed_off",
    "record_sign_offs",
    "rejection_of",
    "require_reason",
    "seal",
    "signed_drafts",
    "verify",
    "withdraw",
]
