"""A small reporting copy with the marts' columns and made-up figures, for the tests of publication."""

from __future__ import annotations

import csv
import datetime as dt
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from scrutiny import landing, snapshots
from scrutiny.periods import Month, Quarter
from scrutiny.reports.figures import Figures, columns_of

QUARTER = Quarter.parse("2025-26-Q2")
MONTHS = [Month(2023, 4) + offset for offset in range(30)]
SCALE = {"percent": 100, "rate_per_10000": 10_000, "rate_per_100000": 100_000, "count": 1}
FROZEN = dt.datetime(2025, 10, 14, 9, 30, 0, 250_000, tzinfo=dt.UTC)
APPROVALS = [
    snapshots.Approval("a.data", "Data owner", dt.datetime(2025, 10, 15, 8, 0, tzinfo=dt.UTC)),
    snapshots.Approval(
        "d.director",
        "Director of Children's Services",
        dt.datetime(2025, 10, 16, 0, 0, 0, 250_000, tzinfo=dt.UTC),
    ),
]
RECEIPT = landing.Receipt(
    delivery_id="999-cin-2025-09-aaaaaaaaaa",
    feed="children_in_need",
    authority_code="999",
    dataset="cin",
    source_system="case_management",
    period_end=dt.date(2026, 3, 31),
    load_month="2025-09",
    sequence=3,
    name_as_sent="cin_census_2025-26.xml",
    location="999/cin/2025-09/cin_census_2025-26.xml",
    files=(landing.StoredFile(name="cin_census_2025-26.xml", sha256="a" * 64, size_bytes=10),),
    received_at=dt.datetime(2025, 10, 1, tzinfo=dt.UTC),
    outcome="accepted",
)
Tables = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Made:
    """One made-up indicator: its usual numerator and denominator, and the numerators its series ends with."""

    indicator_id: str
    title: str
    family: str
    service: str
    polarity: str
    unit: str
    decimals: int
    measure_kind: str
    basis: str
    numerator: float
    denominator: float | None
    target: float | None
    rag: str
    benchmark: float | None
    ends: tuple[float, ...]

    def value(self, numerator: float) -> float:
        """The figure as shown, from its parts."""
        return round(SCALE[self.unit] * numerator / (self.denominator or 1), self.decimals)

    def windows(self, month: Month) -> list[str]:
        """The windows that end with a month; a position has one for the month and one for its quarter."""
        ends_quarter = month.number % 3 == 0
        if self.measure_kind == "flow":
            return [self.basis] if self.basis != "quarter" or ends_quarter else []
        return ["month", "quarter"] if ends_quarter else ["month"]

    def direction(self, now: float, then: float) -> str | None:
        if self.polarity == "context":
            return None
        if now == then:
            return "no change"
        return "better" if (now > then) == (self.polarity == "high") else "worse"

    def numerators(self) -> dict[Month, float]:
        """By month: steady but for a little noise, and the end the story gives."""
        noise = random.Random(self.indicator_id)  # noqa: S311 - figures for a test, not a secret
        step = 0.1 if self.service == "Workforce" else 1
        months = [
            month
            for month in MONTHS
            if self.basis != "quarter" or self.measure_kind != "flow" or month.number % 3 == 0
        ]
        series = [
            round(self.numerator + step * round(noise.uniform(-0.03, 0.03) * self.numerator / step), 1)
            for _ in months
        ]
        if self.ends:
            series[-len(self.ends) :] = self.ends
        return dict(zip(months, series, strict=True))


def made_up() -> list[Made]:
    """The indicators of ``made_up_indicators.csv``."""
    with Path(__file__).with_name("made_up_indicators.csv").open(encoding="utf-8", newline="") as lines:
        return [
            Made(
                **{
                    name: row[name]
                    for name in (
                        "indicator_id",
                        "title",
                        "family",
                        "service",
                        "polarity",
                        "unit",
                        "measure_kind",
                        "basis",
                        "rag",
                    )
                },
                decimals=int(row["decimals"]),
                numerator=float(row["numerator"]),
                denominator=float(row["denominator"]) if row["denominator"] else None,
                target=float(row["target"]) if row["target"] else None,
                benchmark=float(row["benchmark"]) if row["benchmark"] else None,
                ends=tuple(float(end) for end in row["ends"].split()),
            )
            for row in csv.DictReader(lines)
        ]


WORDS = {
    "FD07": {
        "commentary": "A quarter of referrals now come from families we had closed within the year.",
        "cause": "Cases were closed to early help before the family plan was in place.",
        "action": "A manager checks every closure within three months of a first referral.",
        "action_owner": "Head of assessment",
        "action_due_date": dt.date(2025, 12, 31),
    },
    "LV02": {
        "commentary": "Two fifths of those not working are parents or unwell; the rest cannot find work.",
        "cause": "The apprenticeship scheme closed in March and has not been replaced.",
        "action": "Ring-fence ten council apprenticeships for care leavers.",
        "action_owner": "Head of care leaving",
        "action_due_date": dt.date(2026, 3, 31),
    },
    "AD27": {
        "commentary": "Reviews fell after staff were redeployed and have risen every month since July.",
        "cause": "Review officers were moved to hospital discharge from January to March 2025.",
        "action": "All review posts are back; two temporary officers until December.",
        "action_owner": "Head of adult reviews",
        "action_due_date": dt.date(2025, 12, 31),
    },
    "AD29": {"commentary": "Recovering with the reviews."},
    "CP10": {
        "commentary": "SENTINEL commentary",
        "cause": "SENTINEL cause",
        "action": "SENTINEL action",
        "action_owner": "SENTINEL owner",
        "action_due_date": dt.date(2031, 2, 3),
        "commentary_author": "SENTINEL author",
    },
}


def rows_of(made: Made) -> Tables:
    """The rows of every mart that belong to one indicator."""
    numerators = made.numerators()
    counts, figures = [], []
    for month, numerator in numerators.items():
        shared = {
            "authority_code": "999",
            "indicator_id": made.indicator_id,
            "month": str(month),
            "breakdown": "all",
            "breakdown_value": "all",
            "numerator": numerator,
            "denominator": made.denominator,
            "not_known": 0,
        }
        counts.append(shared | {"excluded": 0})
        for basis in made.windows(month):
            figures.append(
                shared
                | {
                    "indicator_version": "1",
                    "basis": basis,
                    "period_label": f"to {month}",
                    "financial_year": str(month.financial_year),
                    "financial_quarter": str(month.quarter),
                    "value": made.value(numerator),
                    "status": "available",
                }
            )
    end = QUARTER.months[2]
    now, before, year_before = (made.value(numerators[end - back]) for back in (0, 3, 12))
    shared = {
        name: getattr(made, name)
        for name in ("indicator_id", "title", "family", "service", "polarity", "unit", "decimals")
    }
    headline = shared | {
        "authority_code": "999",
        "financial_quarter": str(QUARTER),
        "basis": made.basis,
        "basis_label": "July to September 2025" if made.measure_kind == "flow" else "End of September 2025",
        "numerator": numerators[end],
        "denominator": made.denominator,
        "not_known": 0,
        "value": now,
        "status": "available",
        "previous_value": before,
        "same_quarter_last_year_value": year_before,
        "target": made.target,
        "amber_tolerance": 2.0,
        "rag": made.rag,
        "rag_rule": f"Amber within 2 points of {made.target}" if made.target else None,
        "direction_short": made.direction(now, before),
        "direction_long": made.direction(now, year_before),
        "benchmark_area": "England" if made.benchmark else None,
        "benchmark_period": "2024-25" if made.benchmark else None,
        "benchmark_value": made.benchmark,
        **WORDS.get(made.indicator_id, {}),
    }
    register = shared | {
        "version": "1",
        "description": f"{made.title}, as the national statistics count it.",
        "owner": f"Head of {made.family.lower()}",
        "measure_kind": made.measure_kind,
        "statistic": "rate" if made.unit.startswith("rate") else "share",
        "headline_basis": made.basis,
        "numerator_definition": "People or events that meet the condition",
        "denominator_definition": "All people or events that could",
        "exclusions": "None",
        "source_datasets": "cin",
        "national_reference": "Characteristics of children in need",
        "valid_from": "2023-24",
        "is_in_scrutiny_pack": True,
    }
    return {
        "dim_indicator": [register],
        "fct_indicator_value": figures,
        "fct_measure_month": counts,
        "mart_scrutiny_quarter": [headline],
        **charted(made, numerators),
        "mart_forecast": [forecast(made, now)],
    }


def charted(made: Made, numerators: dict[Month, float]) -> Tables:
    """A control chart where there are enough months; the made-up limits are a tenth from the mean."""
    place = {"authority_code": "999", "indicator_id": made.indicator_id}
    if made.measure_kind != "flow" or len(numerators) < 13:
        reason = f"Not charted: {made.indicator_id} has too few months of its own."
        return {"mart_spc_series": [place | {"month": str(MONTHS[-1]), "variation_reason": reason}]}
    values = {month: made.value(numerator) for month, numerator in numerators.items()}
    mean = sum(values.values()) / len(values)
    points = [
        place
        | {
            "month": str(month),
            "ruleset_id": "xmr-share",
            "ruleset_version": 1,
            "chart": "xmr",
            "phase_start_month": str(MONTHS[0]),
            "is_left_out": False,
            "value": value,
            "mean": mean,
            "shown_upper_limit": 1.1 * mean,
            "shown_lower_limit": 0.9 * mean,
            "variation": "common cause" if abs(value - mean) <= 0.1 * mean else "concerning",
            "variation_reason": "Within what chance explains"
            if abs(value - mean) <= 0.1 * mean
            else "Above what chance explains",
        }
        for month, value in values.items()
    ]
    series = {name: points[-1][name] for name in ("month", "ruleset_id", "variation", "variation_reason")}
    assured = "met or missed by chance" if made.target else None
    return {
        "mart_spc_point": points,
        "mart_spc_series": [place | series | {"months": len(points), "assurance": assured}],
    }


def forecast(made: Made, now: float) -> dict[str, Any]:
    """A forecast that the figure stays as it is, whose words name the figure."""
    return {
        "authority_code": "999",
        "indicator_id": made.indicator_id,
        "month": str(MONTHS[-1]),
        "financial_year": "2025-26",
        "year_end_month": "2026-03",
        "method": "damped_trend",
        "rule_version": 1,
        "figure_to_date": now,
        "straight_line": now,
        "outturn": now,
        "lower_outturn": round(0.9 * now, made.decimals),
        "upper_outturn": round(1.1 * now, made.decimals),
        "interval_percent": 80,
        "target": made.target,
        "probability_of_meeting": {"red": 0.1, "amber": 0.5, "green": 0.9}.get(made.rag),
        "forecast_rag": made.rag if made.rag in ("red", "amber", "green") else "no target",
        "is_met_now": made.rag == "green",
        "outlook": f"{made.indicator_id} is expected to stay where it is.",
        "method_in_words": "The figure goes on from where it is (damped trend)",
        "coverage_of_method": 0.84,
    }


def reporting_rows(indicators: list[Made] | None = None) -> Tables:
    """The rows of every mart; a column left out of a row is null."""
    tables: Tables = {
        "dim_authority": [
            {
                "authority_code": "999",
                "authority_name": "Fallowmere Council",
                "ons_code": "E06000999",
                "cassr_code": "699",
            }
        ],
        "mart_delivery": [
            {
                "delivery_id": "999-cin-2025-09-aaaaaaaaaa",
                "authority_code": "999",
                "dataset": "cin",
                "name_as_sent": "cin_census_2025-26.xml",
                "load_month": "2025-09",
                "is_counted": True,
                "period_end": dt.date(2026, 3, 31),
                "outcome": "accepted",
                "rows_received": 6100,
                "rows_staged": 6092,
                "rows_set_aside": 8,
                "rows_queried": 31,
                "is_in_force": True,
                "is_in_force_at_its_date": True,
            },
            {
                "delivery_id": "999-cld-2025-09-bbbbbbbbbb",
                "authority_code": "999",
                "dataset": "cld",
                "name_as_sent": "cld_2025-09-30.csv",
                "load_month": "2025-09",
                "is_counted": True,
                "period_end": dt.date(2025, 9, 30),
                "outcome": "rejected",
                "reason": "The column Event End Date is missing",
                "is_in_force": False,
                "is_in_force_at_its_date": False,
            },
        ],
        "mart_validation": [
            {
                "authority_code": "999",
                "delivery_id": "999-cin-2025-09-aaaaaaaaaa",
                "dataset": "cin",
                "table_name": "section47",
                "rule_code": "CIN-8831",
                "severity": "error",
                "message": "A section 47 enquiry starts before the referral",
                "checked": 640,
                "failed": 8,
            }
        ],
        "mart_event": [
            {
                "event_id": "redeployment",
                "start_month": "2025-01",
                "end_month": "2025-03",
                "label": "Services redeployed",
                "kind": "service",
                "indicator_ids": "AD27;AD29",
            }
        ],
    }
    for made in made_up() if indicators is None else indicators:
        for table, rows in rows_of(made).items():
            tables.setdefault(table, []).extend(rows)
    return tables | judged()


def judged() -> Tables:
    """Warnings, groups, quality and actions; what is said of CP10, which is withheld, says SENTINEL."""
    end = str(QUARTER.months[2])
    warnings = [
        ("turned_red", "LV02", "The rating became red this quarter", "46.6 against a target of 55."),
        ("special_cause", "FD06", "The newest month is worse than chance explains", "641.7 in the month."),
        ("forecast_to_miss", "CP10", "SENTINEL warning", "SENTINEL finding"),
        ("data_quality", None, "More rows than before broke a rule", "3 of 640 rows broke CIN-8831."),
    ]
    groups = [
        ("lasting_help", "Does help last?", "FD07", "outcome"),
        ("lasting_help", "Does help last?", "FD11", "balancing"),
        ("plans", "Are plans working?", "CP06", "driver"),
        ("plans", "Are plans working?", "CP10", "outcome"),
    ]
    actions = [
        ("REC-1", "Recommendation", "AD27", "Report the reviews outstanding.", dt.date(2026, 3, 31), "Open"),
        ("ACT-2", "Action", "LV02", "Agree ring-fenced apprenticeships.", dt.date(2025, 8, 31), "Open"),
        ("ACT-3", "Action", None, "Publish the pack five days before.", dt.date(2025, 9, 1), "Done"),
        ("ACT-4", "Action", "CP10", "SENTINEL promise", dt.date(2026, 1, 31), "Open"),
    ]  # fmt: skip
    place = {"authority_code": "999", "month": end}
    money = [
        ("Children's Services", "Children looked after", "Third party payments", 2_000_000.0, 200_000.0),
        ("Children's Services", "Children looked after", "Income", -500_000.0, 0.0),
        ("Adult Services", "Older people", "Third party payments", 4_500_000.0, -50_000.0),
    ]
    return {
        "dim_priority": [
            {
                "priority_id": "safe",
                "position": 2,
                "title": "Children are safe",
                "description": "Nobody is let down twice.",
                "is_area_for_improvement": True,
                "indicator_id": indicator_id,
            }
            for indicator_id in ("FD07", "CP10")
        ],
        "mart_budget_monitoring": [
            place
            | {
                "directorate": directorate,
                "service_area": area,
                "budget_line": area,
                "type_of_spend": kind,
                "budget": budget,
                "actual_to_date": budget / 2,
                "forecast_outturn": budget + variance,
                "forecast_variance": variance,
                "reasons": "SENTINEL reason",
                "mitigations": "SENTINEL mitigation",
            }
            for directorate, area, kind, budget, variance in money
        ],
        "mart_savings": [
            place
            | {
                "saving_id": "CS-01",
                "title": "More foster carers",
                "directorate": "Children's Services",
                "owner": "Head of Fostering",
                "status": "at risk or late",
                "target": 640_000.0,
                "delivered": 168_000.0,
                "on_track": 312_000.0,
                "at_risk": 160_000.0,
                "undeliverable": 0.0,
                "narrative": "SENTINEL narrative",
            }
        ],
        "mart_budget_activity": [
            place
            | {
                "placement_type": kind,
                "people": people,
                "budgeted_people": people - 2,
                "weekly_cost_at_month_end": 1_234.0,
                "budgeted_weekly_cost": 1_100.0,
                "volume_effect": 77_001.0,
                "price_effect": 88_002.0,
                "pressure": 165_003.0,
            }
            for kind, people in (("Foster care", 212.0), ("SENTINEL placement", 3.0))
        ],
        "mart_early_warning": [
            place
            | {
                "rule_version": 1,
                "is_new": True,
                "position": position,
                "rule_id": rule,
                "indicator_id": indicator_id,
                "indicator_ids": indicator_id or "CP10; FD07",
                "subject": indicator_id or "cin, section_47",
                "warns_of": warns_of,
                "finding": finding,
                "owner": "Head of service",
            }
            for position, (rule, indicator_id, warns_of, finding) in enumerate(warnings, 1)
        ],
        "dim_read_together": [
            {"reading_group": group, "title": title, "indicator_id": name, "role": role, "why": "So"}
            for group, title, name, role in groups
        ],
        "mart_read_together": [
            {
                "authority_code": "999",
                "financial_quarter": str(QUARTER),
                "reading_group": group,
                "title": title,
                "picture": picture,
            }
            for group, title, picture in (
                ("lasting_help", "Does help last?", "Pulling apart"),
                ("plans", "Are plans working?", "SENTINEL picture"),
            )
        ],
        "mart_data_quality": [
            {
                "authority_code": "999",
                "dataset": "cin",
                "load_month": str(month),
                "status": "accepted" if month == QUARTER.months[2] else "not_arrived",
                "rows_received": 6100,
                "rows_set_aside": 8,
                "cells_required": 40_000,
                "cells_missing": 120,
                "checks_made": 90_000,
                "checks_failed": 37,
                "working_days_late": 2,
            }
            for month in QUARTER.months
        ],
        "mart_action": [
            {
                "authority_code": "999",
                "action_id": action_id,
                "kind": kind,
                "raised_date": dt.date(2025, 6, 12),
                "raised_by_body": "Scrutiny Panel",
                "indicator_id": indicator_id,
                "financial_quarter": "2024-25-Q4",
                "action_text": text,
                "owner_role": "Head of service",
                "due_date": due,
                "status": status,
                "is_open": status == "Open",
                "progress": "SENTINEL progress" if indicator_id == "CP10" else "Under way.",
                "closed_date": None if status == "Open" else dt.date(2025, 9, 2),
            }
            for action_id, kind, indicator_id, text, due, status in actions
        ],
    }  # fmt: skip


def arrow(tables: Tables) -> dict[str, pa.Table]:
    """The rows as typed Arrow tables, one for every frozen table."""
    types = {"BOOLEAN": pa.bool_(), "VARCHAR": pa.string(),
             "DOUBLE": pa.float64(), "INTEGER": pa.int32(), "BIGINT": pa.int64(),
             "DATE": pa.date32()}  # fmt: skip
    return {
        table: pa.table(
            {
                column.name: pa.array(
                    [row.get(column.name) for row in tables.get(table, [])], types[column.type]
                )
                for column in columns
            }
        )
        for table, columns in columns_of().items()
    }


def figures_of(tables: Tables) -> Figures:
    """The rows as frozen figures, without a database between."""
    return Figures(QUARTER, arrow(tables))


def write_reporting_copy(folder: Path, tables: Tables) -> Path:
    """Write the rows into ``<folder>/2025-09_r1.duckdb`` and point ``current.duckdb`` at it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "2025-09_r1.duckdb"
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as database:
        database.execute("create schema reporting")
        for name, rows in arrow(tables).items():
            database.register("rows", rows)
            database.execute(f"create table reporting.{name} as select * from rows")
    current = folder / "current.duckdb"
    current.unlink(missing_ok=True)
    current.symlink_to(path.name)
    return path
