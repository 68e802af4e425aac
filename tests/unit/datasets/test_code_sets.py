"""The words that codes are shown in are those that reading takes for the same code."""

from __future__ import annotations

import csv
from collections import defaultdict

import pytest

from scrutiny.datasets import code_set, layout, worded
from scrutiny.settings import settings

CODE_SETS = sorted(
    {
        column.code_set
        for table in layout("annex_a").tables
        for column in table.columns
        if column.type == "label"
    }
)


@pytest.mark.parametrize("name", CODE_SETS)
def test_a_codes_words_stand_for_it_and_for_no_other(name: str) -> None:
    stands_for = defaultdict(set)
    with (settings().seeds / "labels.csv").open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["code_set"] == name:
                stands_for[row["label"]].add(row["code"])
    for code, words in worded(name).items():
        assert (stands_for[words] or {words}) == {code}
    assert set(worded(name)) == set(code_set(name))
