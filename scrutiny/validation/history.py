"""What is kept of every check: counts, never a value."""

from __future__ import annotations

import pyarrow as pa

HISTORY = pa.schema(
    [
        ("delivery_id", pa.string()),
        ("authority_code", pa.string()),
        ("dataset", pa.string()),
        ("table_name", pa.string()),
        ("rule_code", pa.string()),
        ("severity", pa.string()),
        ("message", pa.string()),
        ("columns", pa.string()),
        ("kind", pa.string()),
        ("checked", pa.int64()),
        ("failed", pa.int64()),
    ]
)
"""One row a delivery, table and rule: rows checked, and rows that broke the rule (null: it was not run).

``kind`` is that of the rule; a delivery that could not be read has one row, of kind ``format``.
"""
