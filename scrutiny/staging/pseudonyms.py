"""Keyed pseudonyms of the people and posts in a delivery.

The same person gets the same one in every delivery of an authority; without the key nobody can tell whose.
"""

from __future__ import annotations

import hmac

import pyarrow as pa

from scrutiny.files import written_whole
from scrutiny.settings import SettingsError, settings

_HEX_DIGITS = 32


def require_same_key(secret: bytes) -> None:
    """Make sure that what is staged was staged with this key; the first load leaves the key's mark.

    Raises SettingsError if it was another: the same person would be two, and figures wrong without a sign.
    """
    mark = settings().staged / "key.sha256"
    fingerprint = hmac.digest(secret, b"the key of the pseudonyms", "sha256").hex()
    if not mark.exists():
        with written_whole(mark) as path:
            path.write_text(fingerprint + "\n", encoding="utf-8")
    elif mark.read_text(encoding="utf-8").strip() != fingerprint:
        raise SettingsError(
            f"The pseudonyms in {settings().staged} were made with another key. Set SCRUTINY_PSEUDONYM_KEY "
            "to that key again (a home of the demo has none: set SCRUTINY_DEMO=true instead). If the key is "
            "lost, remove the folder: everything is staged again from the landing store."
        )


def pseudonym(secret: bytes, authority_code: str, namespace: str, value: str) -> str:
    """The pseudonym of one identifier: 32 hex digits of HMAC-SHA256 over ``authority|namespace|value``.

    The authority and the namespace are part of the message, so equal numbers of two councils, or of a child
    and a worker, do not meet.
    """
    return _keyed(secret, authority_code, f"{namespace}|{value}")


def pseudonyms(secret: bytes, authority_code: str, values: pa.ChunkedArray) -> pa.Array:
    """The pseudonyms of a column of ``namespace|value``, null where it is null. Each is hashed once."""
    encoded = values.combine_chunks().dictionary_encode()
    hashed = [_keyed(secret, authority_code, value) for value in encoded.dictionary.to_pylist()]
    return pa.DictionaryArray.from_arrays(encoded.indices, pa.array(hashed, pa.string())).cast(pa.string())


def _keyed(secret: bytes, authority_code: str, value: str) -> str:
    return hmac.digest(secret, f"{authority_code}|{value}".encode(), "sha256")[: _HEX_DIGITS // 2].hex()
