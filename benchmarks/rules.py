"""Every rule of an extract over a county's file, typed and judged, with the rows that break them found."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.inputs import MONTH, county, feed_of, scratch
from benchmarks.measurement import Measurement, limit, seconds

if TYPE_CHECKING:
    from scrutiny.landing import Receipt

_LIMITS = {"cin": 8.0, "cld": 20.0, "ssda903": 10.0}
"""Seconds that the rules of a dataset may take."""
_REGION = 6_700_000
"""The population whose file of client level data has some 1,000,000 rows."""
_LARGE_COUNTY = 1_900_000
"""The population whose return of children looked after has some 25,000 rows."""


def run() -> Iterator[Measurement]:
    """The fastest of three: the first also imports Great Expectations."""
    for dataset, received in (("cin", _census), ("cld", _events), ("ssda903", _return_903)):
        os.environ |= {"SCRUTINY_HOME": str(scratch() / f"rules_{dataset}"), "SCRUTINY_DEMO": "true"}
        from scrutiny.settings import settings

        settings.cache_clear()
        settings().home.mkdir(parents=True)
        yield _judged(received(), _LIMITS[dataset])


def _judged(receipt: Receipt, at_most: float) -> Measurement:
    from scrutiny import datasets
    from scrutiny.validation import OpenDelivery, validate

    tables = datasets.read(receipt)
    run: list[int] = []

    def check() -> None:
        with OpenDelivery(receipt, tables) as delivery:
            run.append(sum(outcome.failed is not None for outcome in validate(delivery).outcomes))

    taken = seconds(check, repeats=3)
    rows = sum(table.num_rows for table in tables.values())
    return limit(f"all {run[-1]} rules of {receipt.dataset} over {rows:,} rows", taken, "s", at_most)


def _census() -> Receipt:
    """The county's census of children in need."""
    from scrutiny import landing
    from scrutiny.settings import settings

    settings().inbox.symlink_to(county()[0])
    [receipt] = landing.receive(feed_of("cin"), MONTH)
    return receipt


def _events() -> Receipt:
    """A file of a million events, with those of the month and of half a year before beside it."""
    from scrutiny import datasets, landing
    from scrutiny.settings import settings
    from scrutiny.synthetic import adults, cld, extracts
    from scrutiny.synthetic.scenario import scenario
    from scrutiny.synthetic.writers import write_csv

    _, working, older = (round(_REGION * share) for share in scenario()["population"].values())
    lives = adults.live(extracts.SEED, working, older)
    for months in (6, 1, 0):
        end = np.datetime64((MONTH - months).end)
        table = cld.file_of(lives, datasets.authority("999").cassr_code, end, end)
        write_csv(table, settings().inbox / f"999/cld/{MONTH}/cld_{end}.csv")
        [receipt] = landing.receive(feed_of("cld"), MONTH)
        if months:
            landing.save(receipt.model_copy(update={"outcome": "accepted"}))
    return receipt


def _return_903() -> Receipt:
    """A whole year's return of a large county, with last year's, providers and postcodes beside it."""
    from scrutiny import landing
    from scrutiny.load import load_feed
    from scrutiny.periods import FinancialYear
    from scrutiny.settings import settings
    from scrutiny.synthetic import children, extracts, reference, workforce
    from scrutiny.synthetic.scenario import scenario
    from scrutiny.synthetic.writers import write_csv

    young = round(_LARGE_COUNTY * scenario()["population"]["age_0_17"])
    lives, staff = children.live(extracts.SEED, young), workforce.live(extracts.SEED, young)
    inbox = settings().inbox / "999"
    write_csv(reference.providers_table(lives, "999"), inbox / f"providers/{MONTH}/providers.csv")
    write_csv(reference.postcodes_table(lives, "999"), inbox / f"postcodes/{MONTH}/postcodes.csv")

    def write(year: FinancialYear) -> None:
        end = np.datetime64(year.end)
        tables = extracts.ssda903.return_903(lives, staff, year, end, end + extracts.CLOSING_DAYS)
        for name, table in tables.items():
            write_csv(table, inbox / f"ssda903/{MONTH}/ssda903_{year}/{name}.csv")

    write(FinancialYear(2023))
    for dataset in ("providers", "postcodes", "ssda903"):
        load_feed(feed_of(dataset), MONTH)
    write(FinancialYear(2024))
    [receipt] = landing.receive(feed_of("ssda903"), MONTH)
    return receipt
