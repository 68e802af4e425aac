"""The county that benchmarks work on: about 1.4 million people, simulated and written once a run."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import time
from functools import cache
from pathlib import Path

from scrutiny.feeds import Feed, feeds
from scrutiny.periods import Month
from scrutiny.synthetic import simulate, write_month

POPULATION = 1_400_000
MONTH = Month.parse("2025-09")


@cache
def scratch() -> Path:
    """A folder for this run, removed at its end."""
    folder = Path(tempfile.mkdtemp(prefix="scrutiny-benchmark-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def county() -> tuple[Path, float]:
    """An inbox with the county's extracts of one month, and the seconds that simulating and writing took."""
    inbox = scratch() / "inbox"
    begun = time.perf_counter()
    write_month(inbox, simulate(population=POPULATION), MONTH)
    return inbox, time.perf_counter() - begun


def feed_of(dataset: str) -> Feed:
    """The feed of the county's extracts of a dataset: that of the system which counts in the month."""
    return next(
        feed
        for feed in feeds()
        if (feed.authority_code, feed.dataset) == ("999", dataset) and feed.counts(MONTH)
    )


def extract(dataset: str, pattern: str) -> Path:
    """The county's extract of a dataset whose path in the feed's folder matches, like ``*/cld_*.csv``."""
    return next(iter(sorted((county()[0] / feed_of(dataset).location).glob(pattern))))
