"""Rule sets as they stood when a quarter was frozen."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

from scrutiny.periods import Quarter
from scrutiny.reports.figures import PublicationError

RULE_SETS = (
    "benchmarks",
    "direction_rules",
    "disclosure_identities",
    "disclosure_rules",
    "events",
    "indicators",
    "partnerships",
    "published_elsewhere",
    "rag_rules",
    "revision_classes",
    "revision_reasons",
    "targets",
)


def copy_rules(seeds: Path, folder: Path) -> None:
    """Copy the rule sets into a new folder. Raises PublicationError if one is missing."""
    folder.mkdir()
    for name in RULE_SETS:
        source = seeds / f"{name}.csv"
        if not source.is_file():
            raise PublicationError(
                f"{source} is missing: a snapshot keeps the rules its figures are judged by."
            )
        shutil.copyfile(source, folder / source.name)


def rules_in_force(folder: Path, name: str, quarter: Quarter) -> list[dict[str, str]]:
    """The rows of a rule set that apply to the quarter's financial year."""
    year = str(quarter.financial_year)
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return [
            row
            for row in csv.DictReader(lines)
            if row["valid_from"] <= year and (not row["valid_to"] or year <= row["valid_to"])
        ]
