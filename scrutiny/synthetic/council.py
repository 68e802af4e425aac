"""What the finance, performance and governance teams send: money, savings, actions, targets, references.

Placement costs are those of the simulated children and adults, and the ledger is the sum of them, so that
money and activity agree.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

import numpy as np

from scrutiny.periods import FinancialYear, Month
from scrutiny.settings import settings
from scrutiny.synthetic.adults import Adults
from scrutiny.synthetic.children import Children
from scrutiny.synthetic.draws import NEVER, Array, Table, either, stack, stream
from scrutiny.synthetic.people import CANARY, numbered
from scrutiny.synthetic.scenario import scenario
from scrutiny.synthetic.workforce import Workforce, establishment

_CHILDREN = "Children's Services"
_ADULTS = "Adult Services"
# Where each kind of placement is budgeted: directorate, service area, cost centre.
_BUDGETED = {
    "In-house fostering": (_CHILDREN, "Children looked after", "CC1101"),
    "Agency fostering": (_CHILDREN, "Children looked after", "CC1102"),
    "Children's home": (_CHILDREN, "Children looked after", "CC1103"),
    "Supported accommodation": (_CHILDREN, "Children looked after", "CC1104"),
    "Residential care": (_ADULTS, "Older people", "CC2101"),
    "Nursing care": (_ADULTS, "Older people", "CC2102"),
    "Home care": (_ADULTS, "Older people", "CC2103"),
    "Supported living": (_ADULTS, "Learning disability", "CC2201"),
}
_ADULT_TYPES = {
    "Long term residential care": "Residential care",
    "Long term nursing care": "Nursing care",
    "Home support or domiciliary care": "Home care",
    "Community supported living": "Supported living",
}
_WEEKS = 365 / 7


def placements(
    seed: int, children: Children, adults: Adults, cutoff: np.datetime64, known: np.datetime64
) -> Table:
    """What is paid a week for every placement open in the financial year of ``cutoff``, as known on a day."""
    first = np.datetime64(Month.of(cutoff.astype(object)).financial_year.start)
    rows = stack([_of_children(seed, children), _of_adults(seed, adults)])
    ended = (rows["end"] <= cutoff) & (rows["end_known"] <= known)
    end = either(ended, rows["end"], NEVER)
    shown = (rows["start"] <= cutoff) & (rows["known"] <= known) & ~(end < first)
    contribution = either(
        (rows["adult"] != None) & (rows["type"] != "Home care"),  # noqa: E711
        np.round(rows["cost"] * scenario()["money"]["client_contribution"], 2),
        np.nan,
    )
    names = np.array(list(_BUDGETED))
    index = np.searchsorted(np.sort(names), rows["type"].astype(str))
    budgeted = [_BUDGETED[str(name)] for name in np.sort(names)]
    columns: Table = {
        "Placement Reference": rows["reference"],
        "Child ID": rows["child"],
        "Adult ID": rows["adult"],
        "Service": np.array([area for _, area, _ in budgeted], dtype=object)[index],
        "Primary Support Reason": rows["reason"],
        "Placement Type": rows["type"],
        "Provider Type": rows["provider_type"],
        "Provider ID": rows["provider"],
        "Start Date": rows["start"],
        "End Date": end,
        "Weekly Cost": rows["cost"],
        "Health Contribution": np.full(len(end), np.nan),
        "Education Contribution": np.full(len(end), np.nan),
        "Client Contribution": contribution,
        "Cost Centre Code": np.array([centre for _, _, centre in budgeted], dtype=object)[index],
    }
    return {name: column[shown] for name, column in columns.items()}


def activity_budgets(costs: Table, year: FinancialYear) -> Table:
    """What the year's budget was built on: people placed on 1 April and their average cost, as budgeted."""
    money, first = scenario()["money"], np.datetime64(year.start)
    placed = (costs["Start Date"] <= first) & ~(costs["End Date"] <= first)
    kinds = np.array(list(_BUDGETED), dtype=object)
    of_kind = [placed & (costs["Placement Type"] == kind) for kind in kinds]
    people = np.array([mask.sum() for mask in of_kind])
    cost = np.array([costs["Weekly Cost"][mask].mean() if mask.any() else 0.0 for mask in of_kind])
    return {
        "Financial Year": np.full(len(kinds), str(year), dtype=object),
        "Service Area": np.array([_BUDGETED[kind][1] for kind in kinds], dtype=object),
        "Placement Type": kinds,
        "Budgeted People": np.round(people * [money["people_budgeted"][kind] for kind in kinds], 1),
        "Budgeted Weekly Cost": np.round(cost * [money["cost_budgeted"][kind] for kind in kinds], 2),
    }


_REASONS = {
    "Third party payments": (
        "More people or a higher price than budgeted.",
        "Fewer people or a lower price than budgeted.",
    ),
    "Income": ("Less is charged to people than budgeted.", "More is charged to people than budgeted."),
    "Employees": (
        "More posts are filled, or filled by agency workers, than budgeted.",
        "Fewer posts are filled than budgeted.",
    ),
}
"""What is given as the reason of a large variance over and under the budget, by subjective group."""


def revenue_lines(costs: Table, budgets: Table, workforce: Workforce, month: Month) -> list[dict[str, Any]]:
    """The ledger at the end of a month: each kind of placement, its income, and the social workers."""
    year = month.financial_year
    elapsed = year.months.index(month) + 1
    spent = dict(zip(budgets["Placement Type"].tolist(), _spent(costs, month), strict=True))
    lines = []
    for kind, people, cost in zip(
        budgets["Placement Type"].tolist(),
        budgets["Budgeted People"].tolist(),
        budgets["Budgeted Weekly Cost"].tolist(),
        strict=True,
    ):
        to_date, to_come = spent[kind]
        budget = people * cost * _WEEKS
        lines.append(_line(month, kind, "3400", "Third party payments", budget, to_date, to_come))
        if _BUDGETED[kind][0] == _ADULTS and kind != "Home care":
            share = -scenario()["money"]["client_contribution"]
            income = (budget * share, to_date * share, to_come * share)
            lines.append(_line(month, kind, "9100", "Income", *income))
    staff = establishment(workforce, np.datetime64(str(month), "M"))
    yearly = scenario()["money"]["social_worker_cost"]
    held, agency = np.nansum(staff["fte"][~staff["agency"]]), np.nansum(staff["fte"][staff["agency"]])
    budget = float(np.nansum(staff["post_fte"])) * yearly * 0.98
    run_rate = (held + agency * scenario()["money"]["agency_premium"]) * yearly / 12
    lines.append(
        _line(
            month,
            "Social workers",
            "1100",
            "Employees",
            budget,
            run_rate * elapsed,
            run_rate * (12 - elapsed),
        )
    )
    return lines


def _line(
    month: Month, name: str, code: str, group: str, budget: float, to_date: float, to_come: float
) -> dict[str, Any]:
    directorate, area, centre = _BUDGETED.get(name, (_CHILDREN, "Children's social work", "CC1001"))
    year = month.financial_year
    elapsed = year.months.index(month) + 1
    budget, to_date, to_come = round(budget, 2), round(to_date, 2), round(to_come, 2)
    forecast = round(to_date + to_come, 2)
    variance = round(forecast - budget, 2)
    is_large = abs(variance) >= max(50_000, abs(budget) * 0.02)
    over, under = _REASONS[group]
    return {
        "Financial Year": str(year),
        "Period": elapsed,
        "As At Date": np.datetime64(month.end),
        "Report Version": 1,
        "Directorate": directorate,
        "Service Area": area,
        "Service": name,
        "Cost Centre Code": centre,
        "Cost Centre Name": name,
        "Subjective Code": code,
        "Subjective Group": group,
        "Funding Type": "Revenue",
        "Original Budget": budget,
        "Virements": 0.0,
        "Current Budget": budget,
        "Profiled Budget To Date": round(budget * elapsed / 12, 2),
        "Actual To Date": to_date,
        "Commitments": round(to_come, 2) if group != "Income" else None,
        "Forecast Outturn": forecast,
        "Reserve Transfers": 0.0,
        "Variance": variance,
        "Sign Convention": "forecast_minus_budget",
        "Previous Forecast": None,
        "Reason": (over if variance > 0 else under) if is_large else None,
        "Mitigation": None,
    }


def savings_lines(month: Month) -> list[dict[str, Any]]:
    """The savings tracker at the end of a month; what is delivered grows evenly over the year."""
    share = (month.financial_year.months.index(month) + 1) / 6
    lines = []
    for saving in scenario()["savings"]:
        target = float(saving["target"])
        undeliverable = round(target * saving["undeliverable"], 2)
        at_risk = round(target * saving["at_risk"], 2)
        delivered = round(
            min(saving["delivered_by_september"] * share, 1) * (target - at_risk - undeliverable), 2
        )
        on_track = round(target - delivered - at_risk - undeliverable, 2)
        rating = "Red" if undeliverable else "Amber" if at_risk else "Green" if on_track else "Blue"
        lines.append(
            {
                "Saving ID": saving["id"],
                "Title": saving["title"],
                "Directorate": saving["directorate"],
                "Service Area": saving["area"],
                "Owner": saving["owner"],
                "Budget Year": str(month.financial_year),
                "Recurrence": saving["recurrence"],
                "Target": target,
                "Delivered": delivered,
                "On Track": on_track,
                "At Risk": at_risk,
                "Undeliverable": undeliverable,
                "Mitigation Found": None,
                "RAG": rating,
                "Narrative": "Part of the saving is late." if rating in ("Amber", "Red") else None,
            }
        )
    return lines


def actions(month: Month) -> list[dict[str, Any]]:
    """The actions and recommendations raised by the end of a month, as they then stood."""
    end = np.datetime64(month.end)
    rows = []
    for action in scenario()["actions"]:
        if _date(action["raised"]) > end:
            continue
        done = "done" in action and _date(action["done"]) <= end
        rows.append(
            {
                "Action ID": action["id"],
                "Kind": action["kind"],
                "Raised Date": action["raised"],
                "Raised By": action["raised_by"],
                "Indicator": action["indicator"],
                "Quarter": action["quarter"],
                "Text": action["text"],
                "Owner": action["owner"],
                "Due Date": action["due"],
                "Status": "Done" if done else "Open",
                "Progress": action["progress"],
                "Closed Date": action["done"] if done else None,
            }
        )
    return rows


def targets(authority_code: str, year: FinancialYear) -> list[dict[str, Any]]:
    """The year's targets of the plan: those of the seed, and the quarters of those that have a profile."""
    rows = []
    for row in _seed("targets"):
        if row["authority_code"] != authority_code or row["profile_period"]:
            continue
        profile = scenario()["profile"].get(row["indicator_id"], [])
        periods = [None, *(f"{year}-Q{number}" for number in range(1, len(profile) + 1))]
        for period, target in zip(periods, [float(row["target"]), *profile], strict=True):
            rows.append(
                {
                    "Indicator": row["indicator_id"],
                    "Valid From": str(year),
                    "Period": period,
                    "Target": target,
                    "Amber Tolerance": float(row["amber_tolerance"]),
                    "Mode": row["mode"],
                    "Basis": row["basis_of_target"],
                }
            )
    return rows


def benchmarks() -> list[dict[str, Any]]:
    """The published figures known when the authority's first extracts were made: those of the seed."""
    return [
        {
            "Indicator": row["indicator_id"],
            "Area Code": row["area_code"],
            "Area Name": row["area_name"],
            "Period": row["period"],
            "Period Start": np.datetime64(row["period_start_date"]),
            "Period End": np.datetime64(row["period_end_date"]),
            "Value": row["value"],
            "Marker": None,
            "Source": row["source"],
            "Note": row["note"] or None,
        }
        for row in _seed("benchmarks")
    ]


def populations(authority_code: str) -> list[dict[str, Any]]:
    """The mid-year estimates of the authority."""
    return [
        {
            "Age Group": row["age_group"],
            "Mid Year": int(row["mid_year"]),
            "Population": int(row["population"]),
            "Source": row["source"],
        }
        for row in _seed("populations")
        if row["authority_code"] == authority_code
    ]


def _of_children(seed: int, children: Children) -> Table:
    episodes = children.care.episodes
    place, provider = episodes["place"].astype(str), episodes["provider"]
    foster = np.char.startswith(place, "U")
    kind = np.select(
        [foster & (provider == "PR1"), foster, place == "K2", place == "K3"],
        ["In-house fostering", "Agency fostering", "Children's home", "Supported accommodation"],
        "",
    ).astype(object)
    kept = np.flatnonzero(kind != "")
    count = len(kept)
    owner = {"PR1": "Own", "PR2": "Other authority", "PR5": "Voluntary"}
    types = np.array([owner.get(code, "Private") for code in provider[kept].tolist()], dtype=object)
    child = children.children["id"][episodes["child"][kept]]
    return {
        "reference": either(
            child == CANARY["child_id"], CANARY["placement_reference"], numbered("PC", kept, 7)
        ),
        "child": child,
        "adult": np.full(count, None, dtype=object),
        "reason": np.full(count, None, dtype=object),
        "type": kind[kept],
        "provider_type": types,
        "provider": either(types == "Own", None, episodes["urn"][kept]),
        "start": episodes["start"][kept],
        "end": episodes["end"][kept],
        "known": episodes["known"][kept],
        "end_known": episodes["end_known"][kept],
        "cost": _cost(seed, 1, kind[kept], len(place), kept),
    }


def _of_adults(seed: int, adults: Adults) -> Table:
    events = adults.events
    component = either(events["type"] == "Service", events["component"], None)
    kept = np.flatnonzero(np.isin(component.astype(str), list(_ADULT_TYPES)))
    kind = np.array([_ADULT_TYPES[name] for name in component[kept].tolist()], dtype=object)
    who = events["person"][kept]
    return {
        "reference": numbered("PA", kept, 8),
        "child": np.full(len(kept), None, dtype=object),
        "adult": adults.persons["id"][who],
        "reason": adults.persons["reason"][who],
        "type": kind,
        "provider_type": np.full(len(kept), "Private", dtype=object),
        "provider": numbered("1-", 100_000 + kept % 40, 6),
        "start": events["start"][kept],
        "end": events["end"][kept],
        "known": events["known"][kept],
        "end_known": events["end_known"][kept],
        "cost": _cost(seed, 2, kind, len(component), kept),
    }


def _cost(seed: int, part: int, kind: Array, count: int, kept: Array) -> Array:
    """A cost for each placement that stays the same from file to file."""
    money = scenario()["money"]
    draw = np.exp(stream(seed, 11, part).normal(0, money["spread"], count))[kept]
    typical = np.array([money["weekly_cost"][name] for name in kind.tolist()], dtype=float)
    cost: Array = np.round(typical * draw, 2)
    return cost


def _spent(costs: Table, month: Month) -> Iterator[tuple[float, float]]:
    """By kind of placement: pounds spent in the year to the month's end, and still to come at that rate."""
    year = month.financial_year
    first, last, now = (np.datetime64(day) for day in (year.start, year.end, month.end))
    start = np.maximum(costs["Start Date"], first)
    end = np.fmin(either(np.isnat(costs["End Date"]), now + 1, costs["End Date"]), now + 1)
    days = np.maximum((end - start).astype(int), 0)
    still = np.isnat(costs["End Date"])
    remaining = int((last - now).astype(int))
    for kind in _BUDGETED:
        of_kind = costs["Placement Type"] == kind
        weekly = costs["Weekly Cost"][of_kind]
        yield float(weekly @ days[of_kind] / 7), float(weekly[still[of_kind]].sum() * remaining / 7)


def _date(text: str) -> np.datetime64:
    day, month, year = text.split("/")
    return np.datetime64(f"{year}-{month}-{day}")


def _seed(name: str) -> list[dict[str, str]]:
    with (settings().seeds / f"{name}.csv").open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))
