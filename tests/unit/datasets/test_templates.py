"""The workbooks officers fill in: what is offered, and that a filled-in one loads as it stands."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from scrutiny.datasets import DATASETS, code_set, dataset, layout, workbooks, write_template
from scrutiny.periods import FinancialYear

YEAR = FinancialYear(2025)
TABLES = [name for name in DATASETS if dataset(name).form == "tables"]


class Sent:
    def __init__(self, path: Path) -> None:
        self.name, self.path = path.name, path


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_template_has_the_tables_of_its_dataset(name: str, tmp_path: Path) -> None:
    path = write_template(name, tmp_path / f"{name}.xlsx", YEAR)
    sheets = workbooks.recognise(Sent(path), layout(name).tables, YEAR, dataset(name).dates)
    assert [sheet.table.name for sheet in sheets] == [table.name for table in layout(name).tables_in(YEAR)]
    assert all(not sheet.cells for sheet in sheets)


def test_cells_offer_the_codes_and_indicators_there_are(tmp_path: Path) -> None:
    workbook = openpyxl.load_workbook(write_template("actions", tmp_path / "actions.xlsx", YEAR))
    offered = {
        str(rule.sqref).split("2", 1)[0]: str(rule.formula1)
        for rule in workbook["Actions"].data_validations.dataValidation
        if rule.type == "list"
    }
    headers = {cell.value: cell.column_letter for cell in workbook["Actions"][1]}
    lists = {
        column[0].value: [cell.value for cell in column[1:] if cell.value]
        for column in workbook["Lists"].iter_cols()
    }
    assert set(offered) == {headers[name] for name in ("Kind", "Indicator", "Status")}
    assert lists["Status"] == list(code_set("actions.Status", YEAR))
    assert "AD27" in lists["Indicator"]
    columns = list(lists)
    for name, values in lists.items():
        letter = "ABC"[columns.index(name)]
        assert offered[headers[name]] == f"Lists!${letter}$2:${letter}${len(values) + 1}"
    dates = [
        str(rule.sqref)
        for rule in workbook["Actions"].data_validations.dataValidation
        if rule.type == "custom"
    ]
    named = ("Raised Date", "Due Date", "Closed Date")
    assert dates == [f"{headers[name]}2:{headers[name]}2001" for name in named]


def test_a_filled_in_template_is_read_and_its_texts_run_no_formula(tmp_path: Path) -> None:
    row = ["LV02", "2025-26-Q2", "=1+1", None, None, None, None, "Service manager"]
    path = write_template("commentary", tmp_path / "c.xlsx", YEAR, {"commentary": [row]})
    assert openpyxl.load_workbook(path)["Commentary"]["C2"].data_type == "s"
    (sheet,) = workbooks.recognise(Sent(path), layout("commentary").tables, None, "day_first")
    assert workbooks.read(sheet)["Commentary"].to_pylist() == ["=1+1"]
