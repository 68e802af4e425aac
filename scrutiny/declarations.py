"""What feeds there are: ``seeds/feeds.yaml``, checked against ``seeds/feeds.schema.json``.

Airflow reads it whenever it parses the DAGs, so nothing heavy is imported here; ``scrutiny.feeds`` does the
fetching.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from scrutiny.periods import TERM_EXTRACT_MONTHS, Month, working_day
from scrutiny.settings import PROJECT, settings

IDENTIFIER_MAP = "identifier_map"
"""The dataset that says which identifiers of two systems are the same."""

Position = tuple[str | int, ...]
"""Where a value stands in the file: the keys and list numbers that lead to it."""


class FeedError(Exception):
    """A feed that is declared wrongly, cannot be fetched or is late, said to whoever has to see to it.

    Holds names, places and kinds of faults, never a value out of an extract nor a secret of a connection.
    """


@dataclass(frozen=True)
class Feed:
    """One source of one dataset of one authority; the fields are those of ``seeds/feeds.yaml``.

    ``location`` is the folder of the feed, relative to the inbox: what its ``source`` holds is copied there.
    ``due_working_day`` is the working day of the following month by which the extract is due.

    A feed of a new system ``replaces`` another and ``counts_from`` a load month; ``counts_before`` is the
    month from which the one that replaces this feed counts. ``identifiers_of`` names the system whose numbers
    the extract holds, by kind of identifier, where they are not those the authority has always used.
    """

    feed: str
    authority_code: str
    dataset: str
    location: str
    source_system: str
    frequency: str
    due_working_day: int
    owner: str
    due_month: int | None = None
    owner_email: str | None = None
    replaces: str | None = None
    counts_from: str | None = None
    counts_before: str | None = None
    identifiers_of: Mapping[str, str] = field(default_factory=dict, hash=False)
    source: Mapping[str, Any] = field(default_factory=lambda: {"kind": "folder"}, hash=False)

    def counts(self, month: Month) -> bool:
        """Whether figures are made from what the feed brings for a load month, not from another system's."""
        return (self.counts_from or "") <= str(month) < (self.counts_before or "9999-12")

    def expects(self, month: Month) -> bool:
        """Whether an extract is expected for a load month: none is of a system that does not count in it."""
        if not self.counts(month):
            return False
        if self.frequency == "yearly":
            return month.number == self.due_month
        if self.frequency == "termly":
            return month.number in TERM_EXTRACT_MONTHS
        return self.frequency == "monthly" or month == month.quarter.months[2]

    def due_date(self, month: Month) -> dt.date | None:
        """The last day on which the extract of a load month is in time; None if none is expected."""
        return working_day(month + 1, self.due_working_day) if self.expects(month) else None

    def is_overdue(self, month: Month, on: dt.date) -> bool:
        """Whether the extract of a load month should have arrived before a day."""
        due = self.due_date(month)
        return due is not None and on > due


def feeds() -> list[Feed]:
    """Every feed of ``seeds/feeds.yaml``, in its order. Raises FeedError naming every line that is wrong."""
    entries = _declarations()["feeds"]
    ends = {entry["replaces"]: entry["counts_from"] for entry in entries if "replaces" in entry}
    return [Feed(**entry, counts_before=ends.get(entry["feed"])) for entry in entries]


def alert_connection() -> str | None:
    """The Airflow connection through which owners are written to, if one is declared."""
    return _declarations().get("alert_connection")


def _declarations() -> dict[str, Any]:
    path = settings().seeds / "feeds.yaml"
    try:
        loader = yaml.SafeLoader(path.read_text(encoding="utf-8"))
        root = loader.get_single_node()
        content: Any = loader.construct_document(root) if root else None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise FeedError(f"{path}, line {line}: this is not YAML: {error.problem}.") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise FeedError(f"{path} is not text in UTF-8: save it as such.") from None
    faults = [*(_twice(root) if root else ()), *_against_schema(content)]
    faults = faults or list(_against_the_rest(content["feeds"]))
    if faults:
        lines = {(): 1, **dict(_lines(root) if root else ())}
        found = sorted({(_line(lines, position), what) for position, what in faults})
        raise FeedError("\n".join(f"{path}, line {line}: {what}" for line, what in found))
    return dict(content)


def _line(lines: Mapping[Position, int], position: Position) -> int:
    """The line of a position, or of what it stands in: a merged or number-like key has none of its own."""
    while position not in lines:
        position = position[:-1]
    return lines[position]


def _lines(node: yaml.Node, position: Position = ()) -> Iterator[tuple[Position, int]]:
    """The line of every key and list item below a node."""
    yield position, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _lines(value, (*position, key.value))
            yield (*position, key.value), key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _lines(value, (*position, index))


def _twice(node: yaml.Node, position: Position = ()) -> Iterator[tuple[Position, str]]:
    """Keys that stand twice in one mapping: YAML would take the last and say nothing."""
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in node.value]
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            yield (*position, key), f"{key} stands here twice. Take one out."
        for key, value in node.value:
            yield from _twice(value, (*position, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _twice(value, (*position, index))


def _against_schema(content: object) -> Iterator[tuple[Position, str]]:
    from jsonschema import Draft202012Validator

    schema = json.loads((settings().seeds / "feeds.schema.json").read_text(encoding="utf-8"))
    for error in Draft202012Validator(schema).iter_errors(content):
        position, advice = tuple(error.absolute_path), error.schema.get("description", "")
        if error.validator == "required":
            missing = next(name for name in error.validator_value if name not in error.instance)
            yield position, f"{missing} is missing. {advice}"
        elif error.validator == "dependentRequired":
            (missing,) = {"replaces", "counts_from"} - set(error.instance)
            yield (
                position,
                f"{missing} is missing. A feed that replaces another says from which month it counts.",
            )
        elif error.validator == "additionalProperties":
            for name in sorted(set(error.instance) - set(error.schema["properties"]), key=str):
                yield (*position, name), f"{name} is not known here. {advice}"
        else:
            wrong = position[-1] if position and isinstance(position[-1], str) else "this"
            yield position, f"{wrong} is wrong. {advice}"


def _against_the_rest(entries: list[dict[str, Any]]) -> Iterator[tuple[Position, str]]:
    """What the schema cannot say: names that must exist elsewhere, and places that must not be shared."""
    authorities = {row["authority_code"] for row in _rows(settings().seeds / "authorities.csv")}
    # Read as text: the package of the datasets imports DuckDB and Arrow.
    layouts = PROJECT / "scrutiny" / "datasets" / "layouts"
    datasets = {row["dataset"]: row["form"] for row in _rows(layouts / "datasets.csv")}
    kinds = {
        row["code"]
        for row in _rows(settings().seeds / "code_sets.csv")
        if row["code_set"] == "identifier_map.Kind"
    }
    for index, entry in enumerate(entries):
        here: Position = ("feeds", index)
        if entry["authority_code"] not in authorities:
            yield (*here, "authority_code"), "no such authority_code in seeds/authorities.csv: add it there."
        if entry["dataset"] not in datasets:
            known = ", ".join(sorted(datasets))
            yield (*here, "dataset"), f"no such dataset: it is one of {known}."
        elif entry["source"]["kind"] == "sql" and datasets[entry["dataset"]] == "census":
            advice = "is sent as XML, which no query makes: choose another kind of source."
            yield (*here, "source"), f"{entry['dataset']} {advice}"
        elif entry["source"]["kind"] == "sql":
            tables = {row["table"] for row in _rows(layouts / f"{entry['dataset']}.csv")}
            for table in set(entry["source"]["queries"]) - tables:
                yield (
                    (*here, "source", "queries", table),
                    f"{entry['dataset']} has no table {table}: its tables are those of its layout.",
                )
        for kind in set(entry.get("identifiers_of", ())) - kinds:
            known = ", ".join(sorted(kinds))
            yield (*here, "identifiers_of", kind), f"no such kind of identifier: it is one of {known}."
        if entry["dataset"] == IDENTIFIER_MAP and "identifiers_of" not in entry:
            yield here, "identifiers_of is missing. A map of identifiers says whose the new ones are."
        before = entries[:index]
        if entry["feed"] in {other["feed"] for other in before}:
            yield (*here, "feed"), f"{entry['feed']} is declared twice: give each feed a name of its own."
        if any(_overlap(entry["location"], other["location"]) for other in before):
            yield (*here, "location"), "another feed has this folder or one in it: give each a folder alone."
        if fault := _counted_twice(entry, before):
            yield (*here, "replaces" if "replaces" in entry else "dataset"), fault


def _counted_twice(entry: dict[str, Any], before: list[dict[str, Any]]) -> str | None:
    """What is wrong with a feed whose authority and dataset have others: in any month exactly one may count.

    Each replaces the one declared before it. Maps of identifiers add up, one a system.
    """
    same = [other for other in before if _counted_as(other) == _counted_as(entry)]
    if not same:
        return "no feed above of this authority and dataset has this name." if "replaces" in entry else None
    last = same[-1]["feed"]
    if entry.get("replaces") != last:
        return (
            f"{last} brings this dataset of this authority too, and it would be counted twice: say here that "
            f"this feed replaces {last}, and which month it counts_from."
        )
    if entry["counts_from"] <= same[-1].get("counts_from", ""):
        return f"{last} counts from {same[-1]['counts_from']}: this feed can only count from a later month."
    return None


def _counted_as(entry: dict[str, Any]) -> tuple[object, ...]:
    of_system = entry.get("identifiers_of") if entry["dataset"] == IDENTIFIER_MAP else None
    return entry["authority_code"], entry["dataset"], of_system


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as rows:
        return list(csv.DictReader(rows))


def _overlap(one: str, other: str) -> bool:
    """Whether two folders are the same or one lies in the other."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")
