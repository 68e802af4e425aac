"""No text that Scrutiny writes into a CSV file is run by the spreadsheet that opens it."""

import pyarrow as pa
import pytest

from scrutiny.formulas import disarmed, disarmed_text

RUN = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "\uff0b1", "-3.2"]
LEFT = ["", "plain", "a=1", " =1", "2025-26-Q2", "'=1"]


@pytest.mark.parametrize("text", RUN)
def test_what_would_run_gets_an_apostrophe(text: str) -> None:
    assert disarmed_text(text) == f"'{text}"


@pytest.mark.parametrize("text", LEFT)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert disarmed_text(text) == text


def test_a_table_is_disarmed_as_its_texts_are() -> None:
    texts = [*RUN, *LEFT, None]
    numbers = [-3.2] * len(texts)
    found = disarmed(pa.table({"=text": pa.array(texts, pa.string()), "number": numbers}))
    assert found.column_names == ["'=text", "number"]
    assert found["'=text"].to_pylist() == [text and disarmed_text(text) for text in texts]
    assert found["number"].to_pylist() == numbers
