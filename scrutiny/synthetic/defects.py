"""Plants the dirty rows of the scenario file into an extract's table."""

from __future__ import annotations

import numpy as np

from scrutiny.synthetic.cld import RELEASE_2_FROM, other_release
from scrutiny.synthetic.draws import Array, Rng, Table, choose, either, stack
from scrutiny.synthetic.people import CANARY
from scrutiny.synthetic.scenario import Defect, defects

EMPTY_BEFORE_PLANTING = 30  # tables smaller than this stay clean: one bad row in ten is not realistic


def as_text(values: Array) -> Array:
    """Dates as ``dd/mm/yyyy`` text, None for none; other columns unchanged."""
    if values.dtype.kind != "M":
        return values
    text = np.datetime_as_string(values)
    parts = np.array([f"{t[8:]}/{t[5:7]}/{t[:4]}" for t in text.tolist()], dtype=object)
    result: Array = either(np.isnat(values), None, parts)
    return result


def _filled(values: Array) -> Array:
    if values.dtype.kind == "M":
        return ~np.isnat(values)
    result: Array = values != None  # noqa: E711
    return result


def _is_canary(table: Table) -> Array:
    """Rows of the canaries stay clean, so that they reach every stage."""
    n = len(next(iter(table.values())))
    result = np.zeros(n, dtype=bool)
    for name in (
        "CHILD",
        "LAchildID",
        "Old ID",
        "LA Person Unique Identifier",
        "Holder ID",
        "SWENo",
        "Post ID",
        "Child ID",
        "Adult ID",
        "Worker ID",
        "Household ID",
        "Enquiry ID",
        "Concern ID",
        "Child Unique ID",
        "Individual adopter identifier",
        "pupilonrolltableid",
    ):
        if name in table:
            result |= np.isin(table[name].astype(str), list(CANARY.values()))
    return result


def _rows(rng: Rng, table: Table, defect: Defect, n: int) -> Array:
    """The rows to spoil: a share of all rows, at least one, where the columns concerned are filled."""
    able = ~_is_canary(table)
    for column in (defect.column, defect.than):
        if column is not None:
            able &= _filled(table[column])
    if defect.kind == "no_continuation":
        child = table["CHILD"].astype(str)
        able &= np.append(child[1:] != child[:-1], True) & (table["REC"] != "X1")
    candidates = np.flatnonzero(able)
    count = min(max(1, round(defect.share * n)), len(candidates))
    return np.sort(rng.permutation(candidates)[:count])


def plant(rng: Rng, dataset: str, name: str, table: Table, cutoff: np.datetime64) -> Table:
    """The table with the defects of that dataset and table planted; ``cutoff`` is the day it runs to."""
    n = len(next(iter(table.values()))) if table else 0
    if n < EMPTY_BEFORE_PLANTING:
        return table
    table = dict(table)
    for defect in (d for d in defects(dataset) if d.table == name):
        rows = _rows(rng, table, defect, n)
        if defect.kind == "duplicate_row":
            table = stack([table, choose(table, rows)])
            continue
        assert defect.column is not None
        column = table[defect.column].copy()
        match defect.kind:
            case "bad_code":
                column = column.astype(object)
                column[rows] = defect.value
            case "blank":
                column[rows] = None
            case "no_continuation":
                column[rows] = "X1"
            case "before":
                assert defect.than is not None
                column[rows] = table[defect.than][rows] - rng.integers(5, 60, len(rows))
            case "future":
                column[rows] = cutoff + rng.integers(400, 800, len(rows))
            case "not_a_date":
                column = as_text(column)
                column[rows] = defect.value
            case "swap_release":
                column[rows] = other_release(
                    column[rows], defect.column, is_release_2=bool(cutoff >= RELEASE_2_FROM)
                )
            case "bad_nhs_number":
                column[rows] = [
                    value[:-1] + str((int(value[-1]) + 1) % 10) for value in column[rows].tolist()
                ]
            case kind:
                raise ValueError(f"scenario.toml asks for the unknown defect '{kind}' in {dataset}.{name}")
        table[defect.column] = column
    return table
