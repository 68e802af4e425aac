"""Invented identities: names nobody bears, numbers from test ranges, postcodes of no place."""

from __future__ import annotations

from typing import Any

import numpy as np

from scrutiny.synthetic.draws import Array, Rng
from scrutiny.synthetic.scenario import scenario

FIRST_NAMES = np.array(
    [
        "Amberfaux",
        "Bristolet",
        "Cobaltine",
        "Dovelike",
        "Emberino",
        "Fernaline",
        "Gorsette",
        "Hazelmock",
        "Indigona",
        "Junipero",
        "Kestrelle",
        "Lapwinga",
        "Mallowine",
        "Nettlina",
        "Ochrelle",
        "Pebblet",
        "Quillona",
        "Russetine",
        "Sorrelto",
        "Teasella",
        "Umberine",
        "Vetchling",
        "Willowine",
        "Yarrowe",
    ],
    dtype=object,
)
LAST_NAMES = np.array(
    [
        "Ashmockery",
        "Bramblesham",
        "Cloverfield-Test",
        "Dummyworth",
        "Examplethwaite",
        "Fictionby",
        "Gorseplace",
        "Hedgemade",
        "Inventham",
        "Jestersley",
        "Kindlemock",
        "Larkfield-Sample",
        "Madeupton",
        "Nowhereby",
        "Oakpretend",
        "Placeholderby",
        "Quasiton",
        "Readymade",
        "Samplewick",
        "Testerby",
        "Unrealham",
        "Voidley",
        "Wouldbury",
        "Yonderfake",
    ],
    dtype=object,
)
UPN_LETTERS = np.array(list("ABCDEFGHJKLMNPQRTUVWXYZ"))
INWARD_LETTERS = np.array(list("ABDEFGHJLNPQRSTUWXYZ"))

# One record of each kind carries these, fixed, so that any copy of personal data can be found by searching.
CANARY: dict[str, str] = {
    "child_id": "CANARYID0001",
    "new_child_id": "CANARYID0007",
    "mother_id": "CANARYID0002",
    "unborn_id": "CANARYID0003",
    "deceased_id": "CANARYID0006",
    "upn": "C999000000001",
    "former_upn": "Z999000000002",
    "child_birth": "2012-02-29",
    "mother_birth": "2008-02-29",
    "mothers_child_birth": "2024-12-25",
    "expected_birth": "2025-12-26",
    "death": "2025-06-08",
    "home_postcode": "ZZ9 9ZZ",
    "placement_postcode": "ZZ9 9ZY",
    "adult_id": "CANARYID0004",
    "carer_id": "CANARYID0005",
    "nhs_number": "9999999468",
    "first_name": "Canaryfirst",
    "last_name": "Canarylast",
    "practice_name": "Canarypractice Surgery",
    "practice_code": "Z99999",
    "adult_birth": "1944-02-29",
    "adult_postcode": "ZZ9 9ZX",
    "event_reference": "CANARYREF0001",
    "event_description": "Canarytext in the free text",
    "location_name": "Canarylocation House",
    "worker_id": "SW9999999999",
    "worker_name": "Canaryholder Canaryname",
    "worker_birth": "1976-02-29",
    "qualified_at": "Canary University",
    "post_id": "CANARYPOST0001",
    "adopter_id": "CANARYADOPTER1",
    "family_id": "CANARYFAMILY01",
    "pupil_record": "CANARYPUPIL01",
    "placement_reference": "CANARYPLC0001",
    "contact_reference": "CANARYCON0001",
    "early_help_reference": "CANARYEHE0001",
    "enquiry_reference": "CANARYFEN0001",
    "household_reference": "CANARYFHH0001",
    "advocacy_reference": "CANARYADV0001",
    "concern_reference": "CANARYSGC0001",
    "safeguarding_enquiry_reference": "CANARYSGE0001",
    "liberty_reference": "CANARYDOL0001",
    "waiting_reference": "CANARYWLE0001",
    "audit_reference": "CANARYAUD0001",
}


def canaries() -> list[str]:
    """Every planted personal value, as it may be spelled: search any artefact for these, none may be there.

    Dates appear twice, as ``2012-02-29`` and as ``29/02/2012``. Two are left out, a death and the birth of a
    looked-after mother's child: services start on those days too, so finding one would say nothing.
    """
    found = []
    for name, value in CANARY.items():
        if name in ("death", "mothers_child_birth"):
            continue
        found.append(value)
        if name.endswith("birth"):
            year, month, day = value.split("-")
            found.append(f"{day}/{month}/{year}")
    return found


def names(rng: Rng, words: Array, n: int) -> Array:
    """``n`` names drawn from one of the word lists."""
    return words[rng.integers(0, len(words), n)]


def numbered(prefix: str, numbers: Array, width: int) -> Array:
    """Identifiers like ``FC0000123`` (object array of str)."""
    if not len(numbers):
        return np.zeros(0, dtype=object)
    return np.char.add(prefix, np.char.zfill(numbers.astype(f"U{width}"), width)).astype(object)


def references(prefix: str, count: int, width: int, canary: Array, planted: str) -> Array:
    """Identifiers numbered from one; the first of the rows marked as the canary's carries the planted one."""
    result = numbered(prefix, np.arange(1, count + 1), width)
    result[np.flatnonzero(canary)[:1]] = CANARY[planted]
    return result


def nhs_numbers(persons: int) -> Array:
    """Numbers for so many persons from the test range 999 000 000x, with valid modulus-11 check digits.

    None for persons beyond the range (not traced).
    """
    # the step is coprime to a million, so no number comes twice and neighbours are not alike
    candidates = np.arange(min(persons * 6 // 5 + 100, 1_000_000), dtype=np.int64) * 524_287 % 1_000_000
    body = 999_000_000 + candidates
    digits = body[:, None] // 10 ** np.arange(8, -1, -1) % 10
    check = (11 - digits @ np.arange(10, 1, -1) % 11) % 11
    numbers = (body * 10 + check)[check < 10]
    numbers = numbers[numbers != int(CANARY["nhs_number"])][:persons]
    result = np.full(persons, None, dtype=object)
    result[: len(numbers)] = numbers.astype("U10").astype(object)
    return result


def upns(persons: Array) -> Array:
    """A unique pupil number for each person number: check letter, authority 999, nine digits."""
    digits = np.char.zfill(persons.astype("U9"), 9)
    full = np.char.add("999", digits)
    value = (
        np.array([full]).view("U1").reshape(len(persons), 12).astype(int)
        if len(persons)
        else np.zeros((0, 12))
    )
    letters = UPN_LETTERS[(value @ np.arange(2, 14) % 23).astype(int)]
    return np.char.add(letters, full).astype(object)


OWN_DISTRICTS = 18
"""The postcode districts from 1 that lie in the authority; the others lie outside it."""


def postcodes(rng: Rng, n: int) -> Array:
    """``n`` well-formed postcodes of an area that does not exist."""
    area = scenario()["authority"]["postcode_area"]
    outward = np.char.add(area, rng.integers(1, 30, n).astype("U2"))
    letters = INWARD_LETTERS[rng.integers(0, len(INWARD_LETTERS), (2, n))]
    inward = np.char.add(np.char.add(rng.integers(0, 10, n).astype("U1"), letters[0]), letters[1])
    return np.char.add(np.char.add(outward, " "), inward).astype(object)


def own_district(postcode: str, number: int) -> str:
    """The postcode moved into one of the authority's own districts."""
    area = scenario()["authority"]["postcode_area"]
    return f"{area}{1 + number % OWN_DISTRICTS} {postcode.split()[1]}"


def ethnicity_weights() -> dict[str, Any]:
    """Ethnic groups of children in need, roughly as published for England."""
    return {
        "WBRI": 66,
        "WIRI": 0.4,
        "WOTH": 5.5,
        "WIRT": 0.3,
        "WROM": 0.7,
        "MWBC": 3.2,
        "MWBA": 1.4,
        "MWAS": 1.8,
        "MOTH": 3.2,
        "AIND": 1.3,
        "APKN": 2.6,
        "ABAN": 1.3,
        "AOTH": 2,
        "BCRB": 1.6,
        "BAFR": 4.2,
        "BOTH": 1.3,
        "CHNE": 0.2,
        "OOTH": 2.2,
        "REFU": 0.2,
        "NOBT": 0.9,
    }
