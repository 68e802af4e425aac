"""Quarterly snapshots: frozen figures, two editions, provenance and a manifest, published once and kept."""

from scrutiny.reports.figures import PublicationError
from scrutiny.snapshots.manifest import seal, verify
from scrutiny.snapshots.versions import (
    Approval,
    Snapshot,
    freeze,
    list_snapshots,
    publish,
    rejection_of,
    require_reason,
)

__all__ = [
    "Approval",
    "PublicationError",
    "Snapshot",
    "freeze",
    "list_snapshots",
    "publish",
    "rejection_of",
    "require_reason",
    "seal",
    "verify",
]
