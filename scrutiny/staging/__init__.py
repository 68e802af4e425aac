"""Turns a validated delivery into typed, pseudonymous Parquet. Personal data ends here."""

from __future__ import annotations

from scrutiny.staging.parquet import is_staged, schema, stage, withdraw, write_empty_tables
from scrutiny.staging.pseudonyms import pseudonym, pseudonyms, require_same_key

__all__ = [
    "is_staged",
    "pseudonym",
    "pseudonyms",
    "require_same_key",
    "schema",
    "stage",
    "withdraw",
    "write_empty_tables",
]
