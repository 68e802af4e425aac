"""Turns a validated delivery into typed, pseudonymous Parquet. Personal data ends here."""

from __future__ import annotations

from scrutiny.staging.parquet import is_staged, schema, stage, write_empty_tables
from scrutiny.staging.pseudonyms import pseudonym, pseudonyms

__all__ = ["is_staged", "pseudonym", "pseudonyms", "schema", "stage", "write_empty_tables"]
