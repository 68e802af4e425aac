"""Every rule of an extract over a county's file, typed and judged, with the rows that break them found."""

from __future__ import annotations

import os
from collections.abc import Iterator

from benchmarks.inputs import MONTH, county, scratch
from benchmarks.measurement import Measurement, limit, seconds

_LIMITS = {"cin": 8.0}
"""Seconds that the rules of a dataset may take."""


def run() -> Iterator[Measurement]:
    """The fastest of three: the first also imports Great Expectations."""
    os.environ |= {"SCRUTINY_HOME": str(scratch() / "rules"), "SCRUTINY_DEMO": "true"}
    from scrutiny import datasets, landing
    from scrutiny.feeds import feeds
    from scrutiny.settings import settings
    from scrutiny.validation import OpenDelivery, validate

    settings.cache_clear()
    settings().home.mkdir(parents=True)
    settings().inbox.symlink_to(county()[0])
    for dataset, at_most in _LIMITS.items():
        [receipt] = landing.receive(next(feed for feed in feeds() if feed.dataset == dataset), MONTH)
        tables = datasets.read(receipt)
        counts: dict[str, int] = {}

        def check(receipt=receipt, tables=tables, counts=counts) -> None:
            with OpenDelivery(receipt, tables) as delivery:
                counts["rules"] = len(validate(delivery).outcomes)

        taken = seconds(check, repeats=3)
        rows = sum(table.num_rows for table in tables.values())
        yield limit(f"all {counts['rules']} rules of {dataset} over {rows:,} rows", taken, "s", at_most)
