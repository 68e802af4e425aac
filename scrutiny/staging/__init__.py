"""Turns a validated delivery into typed, pseudonymous Parquet. Personal data ends here."""

from __future__ import annotations

from scrutiny.staging.parquet import schema, stage, write_empty_tables
from scrutiny.staging.pseudonyms import pseudonym, pseudonyms

__all__ = ["pseudonym", "pseudonyms", "schema", "stage", "write_empty_tables"]
