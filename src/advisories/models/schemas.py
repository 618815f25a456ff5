"""The forms of our JSON reports, by name and version. A change that would break a reader counts the version up."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from advisories.models.errors import OtherVersion
from advisories.models.patterns import pattern

__all__ = ["LINT", "PLAN", "READABLE_REPORTS", "REPORT", "VERIFICATION", "check_version", "version_in"]

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

_VERSIONED: Final = pattern(r"(.*)/([0-9]{1,9})", re.DOTALL)


def version_in(schema: object, name: str) -> int | None:
    """The version in the name of a form, ``advisories/report/3``. None where it is no version of the form.

    >>> version_in("advisories/report/4", "advisories/report"), version_in("advisories/plan/3", "advisories/report")
    (4, None)
    """
    match = _VERSIONED.fullmatch(schema) if isinstance(schema, str) else None
    return int(match[2]) if match is not None and match[1] == name else None


def check_version(source: str, schema: object, readable: Iterable[str]) -> None:
    """Refuse a report that is of one of these forms, but of a version that is not among them.

    Raises :class:`~advisories.models.errors.OtherVersion`.
    """
    versions: dict[str, list[int]] = {}
    for one in readable:
        name, _, version = one.rpartition("/")
        versions.setdefault(name, []).append(int(version))
    for name, read in versions.items():
        found = version_in(schema, name)
        if found is not None and found not in read:
            raise OtherVersion(source, name, found, tuple(sorted(read, reverse=True)), "make the report again")
