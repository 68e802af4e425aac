"""Scrutiny: a social care reporting warehouse for English councils."""
