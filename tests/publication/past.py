"""A made-up past: a quarter published, the next one with revisions of it, and a correction of that."""

from __future__ import annotations

import copy
import datetime as dt
from pathlib import Path

from reporting_copy import APPROVALS, FROZEN, QUARTER, RECEIPT, Tables, reporting_rows, write_reporting_copy

from scrutiny import landing, snapshots
from scrutiny.periods import Quarter

BEFORE = Quarter.parse("2025-26-Q1")
JULY = dt.datetime(2025, 7, 14, 9, 30, tzinfo=dt.UTC)
REVISED, REVISED_BY_FEW, REDEFINED = "LV02", "AD27", "FD07"
CONTENT = b"what the case system sent"
REASON = "The target was that of last year."


def signed(frozen_at: dt.datetime) -> list[snapshots.Approval]:
    """The two approvals, a day and two after a moment."""
    return [
        snapshots.Approval(each.approver, each.role, frozen_at + dt.timedelta(days=day))
        for day, each in enumerate(APPROVALS, 1)
    ]


def two_quarters(tables: Tables) -> Tables:
    """The rows with headlines of the quarter before too, as marts have them."""
    tables = copy.deepcopy(tables)
    end = str(BEFORE.months[2])
    points = {
        (row["indicator_id"], row["basis"]): row
        for row in tables["fct_indicator_value"]
        if row["month"] == end
    }
    for row in list(tables["mart_scrutiny_quarter"]):
        point = points.get((row["indicator_id"], row["basis"])) or points[row["indicator_id"], "month"]
        numbers = {name: point[name] for name in ("numerator", "denominator", "value")}
        earlier = {"previous_value": None, "same_quarter_last_year_value": None}
        without = dict.fromkeys(("direction_short", "direction_long", "commentary", "cause", "action"))
        headline = row | numbers | earlier | without | {"financial_quarter": str(BEFORE)}
        tables["mart_scrutiny_quarter"].append(headline)
    return tables


def change_june(tables: Tables, indicator_id: str, more: float) -> None:
    """Raise what was counted at the end of the quarter before, and what is made from it."""
    end = str(BEFORE.months[2])
    for name in ("fct_indicator_value", "fct_measure_month"):
        for row in tables[name]:
            if row["indicator_id"] == indicator_id and row["month"] == end:
                row["numerator"] += more
                if name == "fct_indicator_value":
                    row["value"] = round(100 * row["numerator"] / row["denominator"], 1)
                    value = row["value"]
    for row in tables["mart_scrutiny_quarter"]:
        if row["indicator_id"] == indicator_id:
            row["previous_value"] = value


def received(month: str, name: str = "eeeeeeeeee") -> dict[str, object]:
    """An extract of a month in the landing store, as the marts list it."""
    identity = {"delivery_id": f"999-cin-{month}-{name}", "load_month": month}
    receipt = RECEIPT.model_copy(update=identity)
    landing.save(receipt)
    (stored,) = receipt.files
    stored.path.parent.mkdir(parents=True, exist_ok=True)
    stored.path.write_bytes(CONTENT)
    return reporting_rows()["mart_delivery"][0] | identity


def tables_of_the_quarter_before() -> Tables:
    tables = two_quarters(reporting_rows())
    tables["mart_delivery"] = [received("2025-06")]
    return tables


def tables_of_the_quarter() -> Tables:
    """Three figures of the quarter before are other ones: by 20 people, by 3, and by another definition."""
    tables = two_quarters(reporting_rows())
    tables["mart_delivery"] = [received("2025-06"), received("2025-09")]
    change_june(tables, REVISED, 20)
    change_june(tables, REVISED_BY_FEW, 3)
    change_june(tables, REDEFINED, 30)
    for row in tables["dim_indicator"]:
        if row["indicator_id"] == REDEFINED:
            row |= {"version": "2", "numerator_definition": "Referrals within 12 months of another"}
    for row in tables["fct_indicator_value"]:
        if row["indicator_id"] == REDEFINED:
            row["indicator_version"] = "2"
    return tables


def tables_of_the_correction() -> Tables:
    """The same figures with another target and other words."""
    tables = tables_of_the_quarter()
    for row in tables["mart_scrutiny_quarter"]:
        if row["indicator_id"] == REVISED and row["financial_quarter"] == str(QUARTER):
            row |= {"commentary": "Fewer than a year ago.", "target": row["target"] + 1}
    return tables


def publish_past(home: Path) -> None:
    """Publish the quarter before, the quarter with revisions of it, and a correction of the quarter."""
    received("2025-05", "uncounted0")  # of a system that did not count yet
    steps = (
        (BEFORE, JULY, tables_of_the_quarter_before, None),
        (QUARTER, FROZEN, tables_of_the_quarter, None),
        (QUARTER, FROZEN + dt.timedelta(days=14), tables_of_the_correction, REASON),
    )
    for quarter, frozen_at, tables, reason in steps:
        write_reporting_copy(home / "reporting", tables())
        draft = snapshots.freeze(quarter, f"run of {frozen_at:%B %d}", frozen_at)
        snapshots.publish(draft, signed(frozen_at), reason)
