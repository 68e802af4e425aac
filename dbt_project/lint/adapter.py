"""What SQLFluff puts in the place of macros that differ between engines, so that it need not run dbt."""

from __future__ import annotations

from collections.abc import Callable


def dispatch(macro: str, package: str) -> Callable[..., str]:
    """A stand-in for a macro of ``macros/engine``: SQL of the right kind, made of its first argument."""
    if macro == "day_series":
        return lambda first_day, last_day: "select current_date as date_day"
    if macro == "text_type":
        return lambda: "varchar"
    return lambda expression, *others: f"({expression})"
