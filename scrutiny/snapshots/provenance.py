"""Where a snapshot comes from: code, figures, deliveries, rules, checks and the run that made it."""

from __future__ import annotations

import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from scrutiny.landing import Receipt, receipts
from scrutiny.reports.figures import Figures
from scrutiny.settings import PROJECT
from scrutiny.snapshots.manifest import sha256


def provenance(figures: Figures, reporting_copy: Path, rules: Path, run_id: str) -> dict[str, Any]:
    """What the frozen figures were made from, ready to be written as JSON."""
    return {
        "quarter": str(figures.quarter),
        "authority": figures.authority,
        "airflow_run_id": run_id,
        # Not its hash: the bytes of a database file depend on how it was written. The figures are sealed.
        "reporting_copy": {"name": reporting_copy.name},
        "code": code(),
        "indicator_versions": _indicator_versions(figures),
        "rules": {path.name: sha256(path) for path in sorted(rules.iterdir())},
        "rag_rules": sorted({row["rag_rule"] or "none" for row in figures.rows("mart_scrutiny_quarter")}),
        "deliveries": [_delivery(receipt) for receipt in deliveries_in_force(figures)],
        "received": received_until(figures.authority["authority_code"], reporting_copy.name[:7]),
        "validation": _validation(figures),
    }


def code() -> dict[str, Any]:
    """The package version, the commit where there is git, and the hash of the locked requirements."""
    lock = PROJECT / "requirements.lock"
    found: dict[str, Any] = {
        "package_version": version("scrutiny"),
        "requirements_lock_sha256": sha256(lock) if lock.exists() else None,
    }
    try:
        commit = _git("rev-parse", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return found
    return found | {"commit": commit, "uncommitted_changes": bool(changed)}


def deliveries_in_force(figures: Figures) -> list[Receipt]:
    """The receipts the figures rest on, as the build that made them says."""
    in_force = {
        row["delivery_id"]
        for row in figures.rows("mart_delivery")
        if row["is_in_force"] or row["is_in_force_at_its_date"]
    }
    held = receipts(figures.authority["authority_code"])
    return sorted(
        (receipt for receipt in held if receipt.delivery_id in in_force),
        key=lambda receipt: receipt.delivery_id,
    )


def received_until(authority: str, load_month: str) -> list[str]:
    """Every delivery of an authority up to a load month, used or not: others were checked against them."""
    return sorted(each.delivery_id for each in receipts(authority) if each.load_month <= load_month)


def _git(*arguments: str) -> str:
    finished = subprocess.run(
        ["git", "-C", str(PROJECT), *arguments], check=True, capture_output=True, text=True, timeout=30
    )
    return finished.stdout.strip()


def _indicator_versions(figures: Figures) -> dict[str, str]:
    end = str(figures.quarter.months[2])
    return {
        row["indicator_id"]: row["indicator_version"]
        for row in figures.rows("fct_indicator_value")
        if row["month"] == end
    }


def _delivery(receipt: Receipt) -> dict[str, Any]:
    return {
        "delivery_id": receipt.delivery_id,
        "dataset": receipt.dataset,
        "load_month": receipt.load_month,
        "period_end": str(receipt.period_end),
        "files": sorted(file.sha256 for file in receipt.files),
    }


def _validation(figures: Figures) -> list[dict[str, Any]]:
    """Rules run and rows checked and failed, by extract and severity."""
    totals: dict[tuple[str, str], dict[str, Any]] = {}
    for row in figures.rows("mart_validation"):
        key = (row["dataset"], row["severity"])
        total = totals.setdefault(
            key, {"dataset": key[0], "severity": key[1], "rules": 0, "checked": 0, "failed": 0}
        )
        if row["failed"] is None:
            continue
        total["rules"] += 1
        total["checked"] += row["checked"]
        total["failed"] += row["failed"]
    return [totals[key] for key in sorted(totals)]
