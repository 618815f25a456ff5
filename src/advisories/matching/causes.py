"""The cause of a finding, as one sentence."""

from advisories.matching.rules import Comparison, Fix, Query
from advisories.models.packages import Package
from advisories.models.words import Names

__all__ = ["cause_of", "earlier_than", "installed", "without_fix"]


def installed(package: Package, query: Query) -> str:
    """What is installed, as the subject of the sentence: the package, and what it was built from where that counts."""
    what = f"{package.name} {package.version}"
    if query.names is Names.SOURCE and (query.name, query.version) != (package.name, package.version):
        return f"{what}, built from {query.name} {query.version},"
    return what


def earlier_than(what: str, fixed: str, advisory: str) -> str:
    """It is earlier than the fix of an advisory."""
    return f"{what} is earlier than {fixed} ({advisory})"


def without_fix(what: str, advisory: str) -> str:
    """The advisory names no fix."""
    return f"{what} has no fix ({advisory})"


def cause_of(package: Package, comparison: Comparison, fix: Fix | None) -> str:
    """Why a comparison makes a finding: of its fix, or of the range that holds the version where there is none."""
    query = comparison.query
    what = installed(package, query)
    if fix is not None:
        return earlier_than(what, fix.version, fix.comparison.record.advisory.id)
    by = f"({comparison.record.advisory.id})"
    if comparison.listed:
        return f"{what} is one of the versions listed as affected {by}"
    bounds = comparison.inside[0].range
    if bounds.last_affected is not None:
        return f"{what} is not later than {bounds.last_affected}, the last affected version {by}"
    if bounds.introduced is not None:
        return f"{what} is not earlier than {bounds.introduced}, and there is no later fix {by}"
    return without_fix(what, comparison.record.advisory.id)
