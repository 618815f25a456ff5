"""The forms of our JSON reports, by name and version. A change that would break a reader counts the version up."""

from typing import Final

__all__ = ["LINT", "PLAN", "READABLE_REPORTS", "REPORT", "VERIFICATION"]

#: The report of ``match``, described by ``reports/schemas/report.schema.json``.
REPORT: Final = "advisories/report/1"

#: The report of ``fix``, described by ``reports/schemas/plan.schema.json``.
PLAN: Final = "advisories/plan/1"

#: The report of ``verify``, described by ``reports/schemas/verification.schema.json``.
VERIFICATION: Final = "advisories/verification/1"

#: The report of ``lint``.
LINT: Final = "advisories/lint/1"

#: The forms of a report that ``verify`` reads as a baseline, the newest first.
READABLE_REPORTS: Final = (REPORT,)
