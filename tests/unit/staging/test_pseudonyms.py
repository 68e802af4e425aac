"""Pseudonyms: stable, keyed, apart by namespace and authority, and nothing of the identifier in them."""

from __future__ import annotations

import hashlib
import hmac

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from scrutiny.staging import pseudonym, pseudonyms

SECRET = b"a secret long enough to be one"
words = st.text(min_size=1, max_size=30)


def test_a_pseudonym_is_the_start_of_an_hmac_over_authority_namespace_and_value() -> None:
    expected = hmac.new(SECRET, b"999|child|C1", hashlib.sha256).hexdigest()[:32]
    assert pseudonym(SECRET, "999", "child", "C1") == expected


@given(words, words)
def test_two_identifiers_meet_only_if_they_are_equal(one: str, other: str) -> None:
    same = pseudonym(SECRET, "999", "child", one) == pseudonym(SECRET, "999", "child", other)
    assert same == (one == other)


@given(words)
def test_key_authority_and_namespace_all_matter(value: str) -> None:
    made = {
        pseudonym(SECRET, "999", "child", value),
        pseudonym(SECRET + b"!", "999", "child", value),
        pseudonym(SECRET, "998", "child", value),
        pseudonym(SECRET, "999", "worker", value),
    }
    assert len(made) == 4
    assert all(len(key) == 32 and set(key) <= set("0123456789abcdef") for key in made)


@given(st.lists(st.none() | words, max_size=40), st.integers(0, 40))
def test_a_column_is_keyed_value_by_value_and_blanks_stay_blank(values: list[str | None], cut: int) -> None:
    sent = [None if value is None else f"child|{value}" for value in values]
    column = pa.chunked_array([pa.array(sent[:cut], pa.string()), pa.array(sent[cut:], pa.string())])
    assert pseudonyms(SECRET, "999", column).to_pylist() == [
        None if value is None else pseudonym(SECRET, "999", "child", value) for value in values
    ]
