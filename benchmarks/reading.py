"""Reading: the census against a bare walk of its elements, client level data against DuckDB's own reader."""

from __future__ import annotations

import os
from collections.abc import Iterator

import duckdb
from lxml import etree

from benchmarks.inputs import MONTH, county, extract, feed_of, scratch
from benchmarks.measurement import Measurement, seconds, speed_ratio


def run() -> Iterator[Measurement]:
    """On a county's files, each side timed as the fastest of three."""
    os.environ |= {"SCRUTINY_HOME": str(scratch() / "reading"), "SCRUTINY_DEMO": "true"}
    from scrutiny import datasets, landing
    from scrutiny.settings import settings
    from scrutiny.staging import stage
    from scrutiny.validation import OpenDelivery, validate

    settings.cache_clear()
    settings().home.mkdir(parents=True)
    settings().inbox.symlink_to(county()[0])

    census = extract("cin", "*/*.xml")
    [receipt] = landing.receive(feed_of("cin"), MONTH)
    yield speed_ratio(
        f"read the children in need census ({census.stat().st_size / 1e6:.0f} MB of XML) into tables",
        seconds(lambda: datasets.read(receipt), repeats=3),
        "bare lxml.iterparse walk",
        seconds(lambda: _walk(str(census)), repeats=3),
        0.6,
    )

    events = extract("cld", "*/*.csv")
    [client_level] = landing.receive(feed_of("cld"), MONTH)
    with OpenDelivery(client_level, datasets.read(client_level)) as delivery:
        checked = validate(delivery)

    def read_and_type() -> None:
        with OpenDelivery(client_level, datasets.read(client_level)) as delivery:
            stage(delivery, checked)

    def duckdb_alone() -> None:
        target = scratch() / "alone.parquet"
        duckdb.sql(f"copy (from read_csv('{events}')) to '{target}' (format parquet, compression zstd)")

    yield speed_ratio(
        f"read, type and stage client level data ({events.stat().st_size / 1e6:.0f} MB of CSV)",
        seconds(read_and_type, repeats=3),
        "DuckDB read_csv to Parquet",
        seconds(duckdb_alone, repeats=3),
        0.3,
    )


def _walk(path: str) -> None:
    for _, element in etree.iterparse(path, resolve_entities=False, no_network=True):
        element.clear()
