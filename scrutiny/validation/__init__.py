"""Checks a delivery against the suites of its dataset and tells the supplier what to put right."""

from __future__ import annotations

from scrutiny.validation.checks import Outcome, Rejection, ValidationResult, validate
from scrutiny.validation.delivery import OpenDelivery
from scrutiny.validation.engine import ValidationBug
from scrutiny.validation.holding import held_against
from scrutiny.validation.report import report_unreadable, withdraw_reports, write_reports
from scrutiny.validation.suites import Rule, SuiteError, rules

__all__ = [
    "OpenDelivery",
    "Outcome",
    "Rejection",
    "Rule",
    "SuiteError",
    "ValidationBug",
    "ValidationResult",
    "held_against",
    "report_unreadable",
    "rules",
    "validate",
    "withdraw_reports",
    "write_reports",
]
