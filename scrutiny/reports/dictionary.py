"""The data dictionary: every table and column report writers see, and what every indicator is made of.

It is made from dbt's manifest, the register and the rules in ``seeds/``, so it cannot differ from what is
built.
``make docs`` writes it to ``docs/data_dictionary/``: three pages that need nothing else to be read.
"""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from scrutiny.settings import PROJECT, settings
from scrutiny.warehouse.promotion import MARTS, OFFICER

FOLDER = PROJECT / "docs" / "data_dictionary"
DBT_PROJECT = PROJECT / "dbt_project"
RULES = {
    "rag_rules": "How figures are rated",
    "direction_rules": "What counts as no change",
    "spc_rulesets": "Control charts",
    "forecast_rules": "Forecasts",
    "early_warning_rules": "Early warnings, the most pressing first",
    "disclosure_rules": "What the public edition does not show",
    "journey_stages": "Stages of children's journeys",
    "journey_steps": "From one stage to a next",
    "scorecards": "Which family is on which scorecard",
    "reporting_rules": "Small teams and drill-through",
}
"""The seeds that judge figures, and what they are about."""

_OWN = "load, "
"""How the names of what Scrutiny itself knows of its loads begin, which is no extract."""


@dataclass(frozen=True)
class Table:
    """A table of the reporting schemas: its columns, what it is made from, and the extracts behind that."""

    name: str
    schema: str
    description: str
    grain: str
    version: int
    columns: tuple[Mapping[str, str], ...]
    made_from: tuple[str, ...]
    extracts: tuple[str, ...]
    sql: str


@dataclass(frozen=True)
class Indicator:
    """An indicator: its definitions, the newest first, and all that makes, judges and explains its figure."""

    id: str
    versions: tuple[Mapping[str, str], ...]
    sql: str
    made_from: tuple[str, ...]
    extracts: tuple[str, ...]
    source_columns: Mapping[str, tuple[str, ...]]
    targets: tuple[Mapping[str, str], ...]
    companions: tuple[Mapping[str, str], ...]
    open_questions: tuple[tuple[str, str], ...]
    changes: tuple[str, ...]

    @property
    def now(self) -> Mapping[str, str]:
        return self.versions[0]


def tables(manifest: Mapping[str, Any]) -> list[Table]:
    """The tables of the reporting schemas, by schema and name."""
    nodes = manifest["nodes"]
    found = [
        Table(
            node["name"],
            node["schema"],
            node["description"].strip(),
            node["config"]["meta"]["grain"],
            node["config"]["meta"].get("version", 1),
            tuple(
                {"name": c["name"], "type": c["data_type"], "description": c["description"].strip()}
                for c in node["columns"].values()
            ),
            tuple(sorted(_name(parent) for parent in manifest["parent_map"][key])),
            _extracts(manifest, [key]),
            node["raw_code"].strip(),
        )
        for key, node in nodes.items()
        if node["resource_type"] == "model" and node["schema"] in (MARTS, OFFICER)
    ]
    return sorted(found, key=lambda table: (table.schema != MARTS, table.name))


def indicators(manifest: Mapping[str, Any]) -> list[Indicator]:
    """Every registered indicator, in the order of the register."""
    register = _rows("indicators")
    sources, targets, together = _rows("indicator_sources"), _rows("targets"), _rows("read_together")
    changelog, assumptions = _changes(), _assumptions()
    written = _written(manifest)
    keys = {_name(key): key for key in manifest["nodes"] if key.startswith("model.")}
    found = []
    for indicator_id in dict.fromkeys(row["indicator_id"] for row in register):
        versions = [row for row in register if row["indicator_id"] == indicator_id]
        sql, reads = written.get(indicator_id, ("", ()))
        columns: dict[str, tuple[str, ...]] = {}
        for row in sources:
            if row["indicator_id"] == indicator_id:
                table = f"{row['dataset']}, {row['table_name']}"
                columns[table] = (*columns.get(table, ()), row["column_name"])
        groups = {row["reading_group"] for row in together if row["indicator_id"] == indicator_id}
        found.append(
            Indicator(
                indicator_id,
                tuple(sorted(versions, key=lambda row: -int(row["version"]))),
                sql,
                reads,
                _extracts(manifest, [keys[name] for name in reads]),
                columns,
                tuple(row for row in targets if row["indicator_id"] == indicator_id),
                tuple(
                    row
                    for row in together
                    if row["reading_group"] in groups and row["indicator_id"] != indicator_id
                ),
                tuple(
                    (question, choice) for ids, question, choice in assumptions if _names(ids, indicator_id)
                ),
                tuple(change for change in changelog if _names(change, indicator_id)),
            )
        )
    return found


def write(manifest: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write the pages of the dictionary; gives their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    templates = Environment(
        loader=PackageLoader("scrutiny.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found = indicators(manifest)
    pages: dict[str, dict[str, Any]] = {
        "index": {"tables": tables(manifest)},
        "indicators": {
            "families": {
                family: [each for each in found if each.now["family"] == family]
                for family in dict.fromkeys(each.now["family"] for each in found)
            },
            "modes": {row["mode"]: row for row in _rows("rag_rules")},
        },
        "rules": {"rules": {name: (title, _rows(name)) for name, title in RULES.items()}},
    }
    paths = []
    for page, content in pages.items():
        path = folder / f"{page}.html"
        text = templates.get_template(f"dictionary_{page}.html.jinja").render(page=page, **content)
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def parsed_manifest() -> dict[str, Any]:
    """dbt's manifest of the project as it stands. It reads files only: no database is opened."""
    with tempfile.TemporaryDirectory() as target:
        subprocess.run(
            [
                Path(sys.executable).with_name("dbt"), "--quiet", "parse",
                "--project-dir", DBT_PROJECT, "--target-path", target, "--log-path", target,
            ],
            env=os.environ | {"DBT_PROFILES_DIR": str(DBT_PROJECT), "DO_NOT_TRACK": "1"},
            check=True,
        )  # fmt: skip
        manifest: dict[str, Any] = json.loads((Path(target) / "manifest.json").read_bytes())
    return manifest


def _rows(seed: str) -> list[dict[str, str]]:
    with (settings().seeds / f"{seed}.csv").open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def _name(key: str) -> str:
    return key.rsplit(".", 1)[1]


def _extracts(manifest: Mapping[str, Any], keys: Iterable[str]) -> tuple[str, ...]:
    """The extract tables that models are made from in the end, as ``dataset, table``."""
    found, open_keys, seen = set(), list(keys), set()
    while open_keys:
        key = open_keys.pop()
        if key in seen:
            continue
        seen.add(key)
        if key.startswith("source."):
            source = manifest["sources"][key]
            found.add(f"{source['source_name']}, {source['name']}")
        open_keys += manifest["parent_map"].get(key, [])
    return tuple(sorted(name for name in found if not name.startswith(_OWN)))


def _written(manifest: Mapping[str, Any]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Of each indicator its call in the measure model, with what it names there, and the models it reads."""
    found = {}
    for node in manifest["nodes"].values():
        if node["resource_type"] != "model" or not node["name"].startswith("int_measure__"):
            continue
        code = node["raw_code"]
        named = dict(re.findall(r"{% set (\w+) = (.*?)\s*%}", code, re.DOTALL))
        calls = re.sub(r"{% set .*?%}", "", code, flags=re.DOTALL)
        for call in calls.split("union all"):
            indicator_id = re.search(r"_evidence\(\s*'(\w+)'", call)
            if not indicator_id:
                continue
            used: dict[str, str] = {}
            _resolve(call, named, used)
            reads = set(re.findall(r"ref\('(\w+)'\)", " ".join([call, *used.values()])))
            if "results_of_survey(" in call:
                reads.add("int_surveys__results")
            sql = "\n".join(f"{{% set {name} = {value} %}}" for name, value in used.items())
            found[indicator_id[1]] = (f"{sql}\n{call.strip()}".strip(), tuple(sorted(reads)))
    return found


def _resolve(text: str, named: Mapping[str, str], used: dict[str, str]) -> None:
    for name in named:
        if name not in used and re.search(rf"\b{name}\b", text):
            _resolve(named[name], named, used)
            used[name] = named[name]


def _names(text: str, indicator_id: str) -> bool:
    """True if a text names an indicator, by itself or in a range such as FD12 to FD18.

    What is said of an indicator is said of its further measures too, which have a letter after its number.
    """
    family, number = indicator_id[:2], int(indicator_id[2:4])
    ranges = re.findall(rf"\b{family}(\d\d)[A-Z]? to {family}(\d\d)", text)
    return bool(re.search(rf"\b{indicator_id}\b|\b{indicator_id[:4]}\b", text)) or any(
        int(first) <= number <= int(last) for first, last in ranges
    )


def _changes() -> list[str]:
    """What the changelog says of definitions, one entry each."""
    text = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    parts = re.findall(r"^### Indicator definitions\n(.*?)(?=^##|\Z)", text, re.DOTALL | re.MULTILINE)
    return [
        " ".join(entry.split()) for part in parts for entry in re.split(r"^- ", part, flags=re.MULTILINE)[1:]
    ]


def _assumptions() -> list[tuple[str, str, str]]:
    """Where a definition left something open: the indicators, the question and what was chosen."""
    text = (PROJECT / "docs" / "assumptions.md").read_text(encoding="utf-8")
    section = text.split("## Indicators", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    return [(cells[0], cells[1], cells[2]) for cells in rows[1:] if len(cells) > 2 and "---" not in cells[0]]


if __name__ == "__main__":
    for written in write(parsed_manifest(), FOLDER):
        print(written)
