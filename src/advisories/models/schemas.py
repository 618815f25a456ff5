"""The forms of our JSON reports, by name and version. A change that would break a reader counts the version up."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["LINT", "PLAN", "READABLE_REPORTS", "REPORT", "VERIFICATION"]

#: The report of ``match``, described by ``reports/schemas/report.schema.json``.
REPORT: Final = "advisories/report/3"

#: The report of ``fix``, described by ``reports/schemas/plan.schema.json``.
PLAN: Final = "advisories/plan/3"

#: The report of ``verify``, described by ``reports/schemas/verification.schema.json``.
VERIFICATION: Final = "advisories/verification/3"

#: The report of ``lint``, described by ``reports/schemas/lint.schema.json``.
LINT: Final = "advisories/lint/2"

#: The reports that ``verify`` reads as a baseline, the newest first. Each has the members of a finding that it calls
#: otherwise: our name, then its own.
READABLE_REPORTS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        REPORT: MappingProxyType({}),
        "advisories/report/2": MappingProxyType({}),
        "advisories/report/1": MappingProxyType({"advisories": "notices", "notes": "rules", "text": "said"}),
    }
)
