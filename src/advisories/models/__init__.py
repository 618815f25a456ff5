"""The nouns: what is installed, what is known, and what was found. Frozen, without I/O and without version order."""

from advisories.models.advisories import (
    Advisory,
    Affected,
    Enrichment,
    FixState,
    Kind,
    Range,
    Reference,
    Severity,
)
from advisories.models.distribution import Distribution
from advisories.models.findings import (
    Assessed,
    Assessment,
    Assumption,
    Basis,
    Evidence,
    Finding,
    Note,
    PackageClass,
    Presence,
    Priority,
    Status,
)
from advisories.models.packages import NO_MODULE, SCHEME_OF_TYPE, UNKNOWN_MODULE, Inventory, Module, Package, State
from advisories.models.reading import Extent, Flaw, FlawKind, ReadReport, Rejection, Skip
from advisories.models.words import Names

__all__ = [
    "NO_MODULE",
    "SCHEME_OF_TYPE",
    "UNKNOWN_MODULE",
    "Advisory",
    "Affected",
    "Assessed",
    "Assessment",
    "Assumption",
    "Basis",
    "Distribution",
    "Enrichment",
    "Evidence",
    "Extent",
    "Finding",
    "FixState",
    "Flaw",
    "FlawKind",
    "Inventory",
    "Kind",
    "Module",
    "Names",
    "Note",
    "Package",
    "PackageClass",
    "Presence",
    "Priority",
    "Range",
    "ReadReport",
    "Reference",
    "Rejection",
    "Severity",
    "Skip",
    "State",
    "Status",
]
