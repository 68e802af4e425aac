"""Two systems that send the same: which one counts, which identifiers are the same, where they differ.

Which feed replaces which, and from what month it counts, is in ``seeds/feeds.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from scrutiny.datasets import Column, Table, dataset, layout
from scrutiny.feeds import Feed, feeds
from scrutiny.landing import Receipt
from scrutiny.periods import Month
from scrutiny.settings import settings

# The old identifiers that share a new one stand for one person or record, and so do the new ones that share
# an old one. All of them are translated to the old identifier that sorts first.
_IDENTIFIERS = """
with pairs as (select distinct authority_code, old_key, new_key from mapped),
firsts as (select authority_code, new_key, min(old_key) as first_key from pairs group by all),
olds as (
    select pairs.authority_code, pairs.old_key, min(firsts.first_key) as canonical_key
    from pairs inner join firsts using (authority_code, new_key)
    group by all
)
select authority_code, old_key as key, canonical_key from olds where old_key != canonical_key
union all
select pairs.authority_code, pairs.new_key, min(olds.canonical_key)
from pairs inner join olds using (authority_code, old_key)
where pairs.new_key != olds.canonical_key
group by all
order by all
"""

IDENTIFIERS = pa.schema(
    [("authority_code", pa.string()), ("key", pa.string()), ("canonical_key", pa.string())]
)

_PAIR = [
    ("authority_code", pa.string()),
    ("dataset", pa.string()),
    ("load_month", pa.string()),
    ("period_start", pa.date32()),
    ("period_end", pa.date32()),
    ("old_system", pa.string()),
    ("new_system", pa.string()),
    ("table_name", pa.string()),
]
TABLES = pa.schema(
    [
        *_PAIR,
        ("rows_old", pa.int64()),
        ("rows_new", pa.int64()),
        ("matched", pa.int64()),
        ("only_old", pa.int64()),
        ("only_new", pa.int64()),
        ("repeated_old", pa.int64()),
        ("repeated_new", pa.int64()),
        ("conflicting", pa.int64()),
    ]
)
FIELDS = pa.schema(
    [
        *_PAIR,
        ("column_name", pa.string()),
        ("matched", pa.int64()),
        ("conflicting", pa.int64()),
        ("only_old_filled", pa.int64()),
        ("only_new_filled", pa.int64()),
    ]
)


@dataclass(frozen=True)
class Pair:
    """Deliveries of one period that two systems sent for one load month, and whether the new one counts."""

    old: Receipt
    new: Receipt
    is_new_counted: bool


def within(receipt: Receipt) -> str | None:
    """What a delivery in force stands for: its period, the quarter that ends in, or whose identifiers."""
    if receipt.period_end is None:
        return None
    match dataset(receipt.dataset).in_force:
        case "quarter":
            return str(Month.of(receipt.period_end).quarter)
        case "system":
            return str(sorted(receipt.identifiers_of.items()))
        case _:
            return f"{receipt.period_start} {receipt.period_end}"


def pairs(known: Sequence[Receipt]) -> list[Pair]:
    """What can be compared, of receipts in the order they were received: the last of each system counts."""
    declared = {feed.feed: feed for feed in feeds()}
    last: dict[tuple[str, str, str, str | None], dict[bool, Receipt]] = {}
    for receipt in known:
        if receipt.outcome == "accepted" and receipt.feed in declared:
            last.setdefault(_rivals(receipt), {})[_counts(receipt, declared)] = receipt
    found = []
    for systems in last.values():
        if len(systems) == 2:
            old, new = sorted(systems.values(), key=lambda receipt: declared[receipt.feed].counts_from or "")
            found.append(Pair(old, new, is_new_counted=systems[True] is new))
    return found


def counted(known: Sequence[Receipt], *, on_trial: bool = False) -> set[str]:
    """The deliveries of the systems that count, by their ids.

    ``on_trial`` supposes it were the other way round wherever two systems sent the same: what the figures
    would be then.
    """
    declared = {feed.feed: feed for feed in feeds()}
    compared = {_rivals(pair.old) for pair in pairs(known)} if on_trial else set()
    return {
        receipt.delivery_id
        for receipt in known
        if _counts(receipt, declared) != (_rivals(receipt) in compared)
    }


def datasets_beside(compared: set[str]) -> list[str]:
    """The datasets that the indicators counted from the ``compared`` ones alone are made of, in order.

    ``seeds/indicators.csv`` says which those indicators are, ``seeds/indicator_sources.csv`` what they need.
    """
    seeds = settings().seeds
    with duckdb.connect(config={"threads": 1}) as connection:
        found = connection.execute(
            """
            select distinct sources.dataset
            from read_csv(?, all_varchar = true) as sources
            inner join read_csv(?, all_varchar = true) as indicators using (indicator_id)
            where list_contains(?, indicators.source_datasets)
            order by all
            """,
            [str(seeds / "indicator_sources.csv"), str(seeds / "indicators.csv"), sorted(compared)],
        )
        return [name for (name,) in found.fetchall()]


def _counts(receipt: Receipt, declared: dict[str, Feed]) -> bool:
    """Whether a delivery is of the system that counts, as all are of a feed that is no longer declared."""
    return receipt.feed not in declared or declared[receipt.feed].counts(Month.parse(receipt.load_month))


def _rivals(receipt: Receipt) -> tuple[str, str, str, str | None]:
    return receipt.authority_code, receipt.dataset, receipt.load_month, within(receipt)


def identifiers(maps: Iterable[Receipt]) -> pa.Table:
    """The pseudonyms that stand for another one, by the maps in force, each with that to use instead."""
    paths = [str(_staged(receipt, "identifiers")) for receipt in maps]
    if not paths:
        return IDENTIFIERS.empty_table()
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(f"create view mapped as from read_parquet({paths}, hive_partitioning = false)")
        return connection.execute(_IDENTIFIERS).to_arrow_table().cast(IDENTIFIERS)


def reconcile(compared: Iterable[Pair], same: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Both deliveries of each pair side by side: counts by table, and by field.

    Rows are matched by the key columns of the layout, identifiers translated by ``same``, the table
    ``identifiers`` gives. Of rows that repeat a key the first is compared. What validation has set aside is
    in neither.
    """
    tables, fields = [], []
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.register("same", same)
        for pair in compared:
            for table in layout(pair.old.dataset).tables:
                found = _compare(connection, pair, table)
                described = _described(pair, table)
                tables.append(described | {name: found[name] for name in TABLES.names if name in found})
                fields += [
                    described
                    | {
                        "column_name": column.staged_as,
                        "matched": found["matched"],
                        "conflicting": found[f"conflicting {column.staged_as}"],
                        "only_old_filled": found[f"only_old_filled {column.staged_as}"],
                        "only_new_filled": found[f"only_new_filled {column.staged_as}"],
                    }
                    for column in _parts(table)[1]
                ]
    return pa.Table.from_pylist(tables, TABLES), pa.Table.from_pylist(fields, FIELDS)


def _compare(connection: duckdb.DuckDBPyConnection, pair: Pair, table: Table) -> dict[str, int]:
    keys, values = _parts(table)
    names = [column.staged_as for column in keys]
    differs = [f"old_{column.staged_as} is distinct from new_{column.staged_as}" for column in values]
    by_field = [
        f"""
        count(*) filter (is_matched and {differ}) as "conflicting {name}",
        count(*) filter (is_matched and new_{name} is null and {differ}) as "only_old_filled {name}",
        count(*) filter (is_matched and old_{name} is null and {differ}) as "only_new_filled {name}",
        """
        for name, differ in zip((column.staged_as for column in values), differs, strict=True)
    ]
    found = connection.execute(
        f"""
        with old as ({_side(pair.old, table, "old")}),
        new as ({_side(pair.new, table, "new")}),
        side_by_side as (
            select *, old_nth is not null and new_nth is not null as is_matched
            from (from old where old_nth = 1)
            full join (from new where new_nth = 1) using ({", ".join(names)})
        )
        select
            {"".join(by_field)}
            (select count(*) from old) as rows_old,
            (select count(*) from new) as rows_new,
            count(*) filter (is_matched) as matched,
            count(*) filter (new_nth is null) as only_old,
            count(*) filter (old_nth is null) as only_new,
            (select count(*) from old where old_nth > 1) as repeated_old,
            (select count(*) from new where new_nth > 1) as repeated_new,
            count(*) filter (is_matched and ({" or ".join(differs) or "false"})) as conflicting
        from side_by_side
        """
    )
    counts: list[dict[str, int]] = found.to_arrow_table().to_pylist()
    return counts[0]


def _side(receipt: Receipt, table: Table, side: str) -> str:
    """SQL for one system's rows: keys by their names, the other columns with the side before their names."""
    keys, values = _parts(table)
    joins, shown = [], []
    for column in (*keys, *values):
        name = column.staged_as
        value = f"sent.{name}"
        if column.is_identifier:
            joins.append(
                f"left join same as {name}_map "
                f"on sent.authority_code = {name}_map.authority_code and sent.{name} = {name}_map.key"
            )
            value = f"coalesce({name}_map.canonical_key, sent.{name})"
        shown.append(f"{value} as {name if column in keys else f'{side}_{name}'}")
    partition = ", ".join(column.staged_as for column in keys)
    return f"""
        select
            * exclude (row_number),
            row_number() over (partition by {partition} order by row_number) as {side}_nth
        from (
            select sent.row_number, {", ".join(shown)}
            from read_parquet('{_staged(receipt, table.name)}', hive_partitioning = false) as sent
            {" ".join(joins)}
        )
    """


def _parts(table: Table) -> tuple[list[Column], list[Column]]:
    """The staged columns that tell a row from others, and the rest; all tell, if none is a key."""
    kept = [column for column in table.columns if column.staged_as]
    keys = [column for column in kept if column.is_key] or kept
    return keys, [column for column in kept if column not in keys]


def _described(pair: Pair, table: Table) -> dict[str, object]:
    receipt = pair.new
    return receipt.model_dump(include={name for name, _ in _PAIR}) | {
        "old_system": pair.old.source_system,
        "new_system": pair.new.source_system,
        "table_name": table.name,
    }


def _staged(receipt: Receipt, table: str) -> Path:
    folder = settings().staged / receipt.dataset / table / f"authority={receipt.authority_code}"
    return folder / f"{receipt.delivery_id}.parquet"
