"""What a build or a promotion that did not succeed raises."""

from __future__ import annotations


class WarehouseError(RuntimeError):
    """A build or a promotion that did not succeed: what failed, by name, and where to look. Never a value."""
