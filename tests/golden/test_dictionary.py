"""The data dictionary tells of every table and indicator as they are built, and needs nothing else."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from scrutiny.reports.dictionary import indicators, tables, write
from scrutiny.settings import settings

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def manifest(golden_candidate: Path) -> dict[str, Any]:
    """dbt's manifest of the build of the golden cases."""
    built: dict[str, Any] = json.loads((settings().warehouse / "dbt" / "manifest.json").read_bytes())
    return built


def test_tables_and_columns_are_those_that_are_built(
    manifest: dict[str, Any], golden_candidate: Path
) -> None:
    with duckdb.connect(str(golden_candidate), read_only=True) as connection:
        built = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() "
            "where schema_name in ('reporting', 'officer')"
        ).fetchall()
    described = [
        (table.schema, table.name, column["name"]) for table in tables(manifest) for column in table.columns
    ]
    assert sorted(described) == sorted(built)
    assert all(column["description"] for table in tables(manifest) for column in table.columns)


def test_every_indicator_has_its_sql_and_the_columns_it_comes_from(manifest: dict[str, Any]) -> None:
    found = {indicator.id: indicator for indicator in indicators(manifest)}
    with (settings().seeds / "indicators.csv").open(newline="", encoding="utf-8") as lines:
        assert found.keys() == {row["indicator_id"] for row in csv.DictReader(lines)}
    for indicator in found.values():
        to_be_had = not indicator.now["unavailable_reason"]
        parts = (indicator.sql, indicator.made_from, indicator.extracts, indicator.source_columns)
        assert [bool(part) for part in parts] == [to_be_had] * len(parts), indicator.id
        assert indicator.changes, f"{indicator.id}: the changelog says nothing of its definition"
    leavers = found["LV02"]
    assert leavers.made_from == ("int_ssda903__care_leavers",)
    assert "age between" in leavers.sql, "the relation it names is shown with it"
    assert "'LV03'" not in leavers.sql
    assert "ssda903, oc3" in leavers.extracts
    assert leavers.source_columns["ssda903, oc3"][-1] == "ACTIV"


def test_the_pages_need_nothing_else_and_their_links_lead_somewhere(
    manifest: dict[str, Any], tmp_path: Path
) -> None:
    pages = {path.name: path.read_text(encoding="utf-8") for path in write(manifest, tmp_path)}
    assert set(pages) == {"index.html", "indicators.html", "rules.html"}
    for name, text in pages.items():
        assert not re.findall(r"(?:src|href)=\"(?:https?:)?//|<script|@import|url\(", text), name
        ids = re.findall(r' id="([^"]+)"', text)
        assert len(ids) == len(set(ids)), name
        for link in re.findall(r'href="([^"]+)"', text):
            page, _, anchor = link.partition("#")
            if link == "data:,":
                continue
            assert (page or name) in pages, link
            assert not anchor or f' id="{anchor}"' in pages[page or name], link
