"""The lists that placements are looked up in: registered providers, and where each postcode lies."""

from __future__ import annotations

import re
import zlib

import numpy as np

from scrutiny.datasets import authority
from scrutiny.periods import FinancialYear
from scrutiny.synthetic.children import Children
from scrutiny.synthetic.draws import Array, Table
from scrutiny.synthetic.people import CANARY, OWN_DISTRICTS
from scrutiny.synthetic.ssda903 import place_codes

_CENTRE = (440_000, 110_000)
_OUTWARD = re.compile(r"[A-Z]+([0-9]+) ([0-9])")


def providers_table(lives: Children, authority_code: str) -> Table:
    """The providers the placements name, each with the placement types and provider codes it is used for."""
    episodes = lives.care.episodes
    used = episodes["urn"] != None  # noqa: E711
    urns = episodes["urn"][used].astype(str)
    years = [FinancialYear(year) for year in (2023, 2024, 2025)]
    places = [place_codes(episodes["place"][used], year, episodes["child"][used]) for year in years]
    rows = []
    for urn in np.unique(urns).tolist():
        of_provider = urns == urn
        kinds = sorted({code for place in places for code in place[of_provider].tolist()})
        codes = sorted({code for code in episodes["provider"][used][of_provider].tolist() if code})
        is_home = urn.startswith("125")
        postcode = episodes["postcode"][used][of_provider][0] if is_home else None
        rows.append(
            (urn, authority_code if "PR1" in codes else "998", ",".join(kinds), ",".join(codes), postcode)
        )
    columns = [np.array(column, dtype=object) for column in zip(*rows, strict=True)]
    names = ("urn", "local_authority", "placement_code", "placement_provider_code", "postcode")
    found = dict(zip(names, columns, strict=True))
    registered = np.full(len(rows), np.datetime64("1995-04-01"))
    return {
        **{name: found[name] for name in names[:4]},
        "registration_date": registered,
        "deregistration_date": np.full(len(rows), np.datetime64("NaT", "D")),
        "postcode": found["postcode"],
    }


def postcodes_table(lives: Children, authority_code: str) -> Table:
    """Every postcode of the children in care, on a grid of no place: districts lie on a spiral."""
    episodes = lives.care.episodes
    sent = np.concatenate([episodes["home_postcode"], episodes["postcode"]])
    known = {code for code in sent.tolist() if code} | {CANARY["home_postcode"], CANARY["placement_postcode"]}
    codes = sorted(known)
    found = [_OUTWARD.match(code) for code in codes]
    district = np.array([int(match[1]) if match else 1 for match in found])
    sector = np.array([int(match[2]) if match else 0 for match in found])
    unit = np.array([zlib.crc32(code.encode()) % 1000 for code in codes])
    angle, radius = district * 2.4, 4_500 * np.sqrt(district)
    is_own = district <= OWN_DISTRICTS
    ons_code = authority(authority_code).ons_code
    return {
        "postcode": np.array(codes, dtype=object),
        "easting": (_CENTRE[0] + radius * np.cos(angle) + 200 * sector + unit)
        .astype(int)
        .astype("U7")
        .astype(object),
        "northing": (_CENTRE[1] + radius * np.sin(angle) + 200 * sector)
        .astype(int)
        .astype("U7")
        .astype(object),
        "local_authority_code": _text(np.where(is_own, ons_code, "E10000998")),
        "ward_code": _text(np.char.mod("E05%06d", 99_000 + district * 10 + sector)),
    }


def _text(values: Array) -> Array:
    return values.astype(object)
