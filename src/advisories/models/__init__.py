"""The nouns: what is installed, what is known, and what was found. Frozen, without I/O and without version order."""

from advisories.models.advisories import Advisory, Affected, Enrichment, FixState, Kind, Range, Reference, Severity
from advisories.models.assumptions import Assumption
from advisories.models.distribution import Distribution
from advisories.models.findings import (
    Assessed,
    Assessment,
    Basis,
    Coverage,
    Evidence,
    Finding,
    Findings,
    Note,
    PackageClass,
    Presence,
    Priority,
    Remedy,
    Status,
)
from advisories.models.packages import (
    NO_MODULE,
    PACKAGE_TYPES,
    SCHEME_OF_TYPE,
    UNKNOWN_MODULE,
    Inventory,
    Module,
    Package,
    State,
)
from advisories.models.reading import Extent, Flaw, FlawKind, ReadReport, Rejection, Skip
from advisories.models.statements import Product, Purl, Statement, StatementStatus, VersionRange
from advisories.models.words import Names

__all__ = [
    "NO_MODULE",
    "PACKAGE_TYPES",
    "SCHEME_OF_TYPE",
    "UNKNOWN_MODULE",
    "Advisory",
    "Affected",
    "Assessed",
    "Assessment",
    "Assumption",
    "Basis",
    "Coverage",
    "Distribution",
    "Enrichment",
    "Evidence",
    "Extent",
    "Finding",
    "Findings",
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
    "Product",
    "Purl",
    "Range",
    "ReadReport",
    "Reference",
    "Rejection",
    "Remedy",
    "Severity",
    "Skip",
    "State",
    "Statement",
    "StatementStatus",
    "Status",
    "VersionRange",
]
